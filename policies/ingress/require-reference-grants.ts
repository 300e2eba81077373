/** Who lies in another namespace has agreed to be named. */
import {
  backendsOf,
  gatewayApi,
  isGateway,
  isRoute,
  listenersOf,
  type Reference,
  referenceOf,
} from "../lib/ingress/gateways.ts";
import { itemsOf } from "../lib/items.ts";
import { elsewhere, lookupOf, ofKind } from "../lib/lookup.ts";
import { type KubernetesObject, namespaceOf, type Objects } from "../lib/object.ts";
import { defineRule, each, type Finding, noParameters } from "../lib/rule.ts";
import { at, list, property, text } from "../lib/values.ts";

/** The grants of each namespace. */
const grants = lookupOf<KubernetesObject>(ofKind(gatewayApi, "ReferenceGrant"), (object) =>
  object.patch ? [] : [[namespaceOf(object), object]],
);

/** Refuses a reference into another namespace that no ReferenceGrant there allows. */
export const requireReferenceGrants = defineRule({
  name: "ingress-require-reference-grants",
  severity: "high",
  level: "mandatory",
  title: "A route or a Gateway names Services and Secrets of other namespaces where a ReferenceGrant there allows it.",
  why: "Without one the reference is refused: requests are answered 500, and the listener has no certificate.",
  fix: "Add a ReferenceGrant to the namespace of what is named, or move one of the two.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (isRoute(object)) {
      yield* each(backendsOf(object), (read) => problemsOf(object, read(), objects));
    } else if (isGateway(object)) {
      yield* each(listenersOf(object), ({ path, read }) => {
        const refs = itemsOf(at(read(), "tls", "certificateRefs"), `${path}.tls.certificateRefs`);
        return each(refs, (item) =>
          problemsOf(object, referenceOf(object, item, { group: "", kind: "Secret" }), objects),
        );
      });
    }
  },
});

function* problemsOf(object: KubernetesObject, to: Reference, objects: Objects): Iterable<Finding> {
  const own = namespaceOf(object);
  if (to.namespace === own) return;
  const granted = grants(objects)
    .at(to.namespace)
    .some((grant) => elsewhere(grant, () => allows(grant, object, own, to)));
  if (granted) return;
  grants(objects).mustHaveRead(to.namespace);
  const problem = `no ReferenceGrant of namespace ${to.namespace} lets a ${object.kind} of ${own} name ${to.kind} ${to.name}`;
  yield { path: `${to.path}.namespace`, problem, fix: `Add one to ${to.namespace}, or correct {path}.` };
}

const allows = ({ value }: KubernetesObject, object: KubernetesObject, own: string, to: Reference): boolean => {
  const read = (one: unknown, key: string) => text(property(one, key)) ?? "";
  return (
    list(at(value, "spec", "from")).some(
      (one) => read(one, "group") === gatewayApi && read(one, "kind") === object.kind && read(one, "namespace") === own,
    ) &&
    list(at(value, "spec", "to")).some(
      (one) =>
        read(one, "group") === to.group && read(one, "kind") === to.kind && ["", to.name].includes(read(one, "name")),
    )
  );
};
