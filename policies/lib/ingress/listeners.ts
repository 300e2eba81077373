/** The listeners of Gateways that a route is attached to. */
import { nameLabel, selects } from "../../../components/network-policy.ts";
import type { Item } from "../items.ts";
import { labelsOf, selectorOf } from "../labels/selector.ts";
import { elsewhere, keyOf } from "../lookup.ts";
import { type KubernetesObject, namespaceOf, type Objects } from "../object.ts";
import { at, property, text } from "../values.ts";
import { gatewayApi, gateways, listenersOf, parentsOf, type Reference } from "./gateways.ts";

/** A listener of a Gateway that the stack makes. */
export interface Listener extends Item {
  readonly name: string;
  readonly protocol: string;
  readonly hostname: string | undefined;
  /** Whether it takes routes of the namespace that was asked about. */
  readonly allows: boolean;
}

/**
 * The listeners that a parent of a route stands for, those that let its namespace in or not; `undefined` when the stack
 * makes no such Gateway, or it is none.
 */
export function listenersFor(
  route: KubernetesObject,
  parent: Reference,
  objects: Objects,
): readonly Listener[] | undefined {
  if (parent.group !== gatewayApi || parent.kind !== "Gateway") return undefined;
  const [gateway] = gateways(objects).at(keyOf(parent.namespace, parent.name));
  if (gateway === undefined || gateway.patch) return undefined;
  return elsewhere(gateway, () =>
    listenersOf(gateway).flatMap((item) => {
      const listener = item.read();
      const name = text(property(listener, "name")) ?? "";
      const port = property(listener, "port");
      if ((parent.section ?? name) !== name || (parent.port ?? port) !== port) return [];
      const protocol = text(property(listener, "protocol")) ?? "";
      const hostname = text(property(listener, "hostname"));
      return [{ ...item, name, protocol, hostname, allows: allows(listener, gateway, namespaceOf(route), objects) }];
    }),
  );
}

/** Every listener that lets a route in. */
export const attachedTo = (route: KubernetesObject, objects: Objects): readonly Listener[] =>
  parentsOf(route).flatMap((read) => (listenersFor(route, read(), objects) ?? []).filter(({ allows }) => allows));

function allows(listener: unknown, gateway: KubernetesObject, namespace: string, objects: Objects): boolean {
  const namespaces = at(listener, "allowedRoutes", "namespaces");
  const from = property(namespaces, "from") ?? "Same";
  if (from === "Same") return namespace === namespaceOf(gateway);
  if (from !== "Selector") return from === "All";
  const selector = selectorOf(property(namespaces, "selector"));
  const known = objects.named("Namespace", namespace);
  const labels = known === undefined ? {} : elsewhere(known, () => labelsOf(at(known.value, "metadata", "labels")));
  return selector !== undefined && selects(selector, { ...labels, [nameLabel]: namespace });
}
