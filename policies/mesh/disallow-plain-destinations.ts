/** Nobody calls into the mesh in plain text. */
import { itemsOf } from "../lib/items.ts";
import { serviceOf } from "../lib/mesh/hosts.ts";
import { isDestinationRule, meshOf } from "../lib/mesh/mesh.ts";
import { namespaceOf, type Objects } from "../lib/object.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";
import { at, property, text } from "../lib/values.ts";

/** Refuses a DestinationRule that turns TLS off towards pods that take nothing else. */
export const disallowPlainDestinations = defineRule({
  name: "mesh-disallow-plain-destinations",
  severity: "high",
  level: "mandatory",
  title: "No DestinationRule turns TLS off for a host in the mesh.",
  why: "Pods of the mesh take calls with a certificate alone, so that every call is refused; where one took others, it would be readable.",
  fix: "Leave tls out, which is mTLS towards whoever has a sidecar, or say ISTIO_MUTUAL.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (!isDestinationRule(object)) return;
    const spec = property(object.value, "spec");
    const host = text(property(spec, "host")) ?? "";
    const policies = [
      { path: "spec.trafficPolicy", read: () => property(spec, "trafficPolicy") },
      ...itemsOf(property(spec, "subsets"), "spec.subsets").map(({ path, read }) => ({
        path: `${path}.trafficPolicy`,
        read: () => property(read(), "trafficPolicy"),
      })),
    ].flatMap((policy) => [
      policy,
      ...itemsOf(property(policy.read(), "portLevelSettings"), `${policy.path}.portLevelSettings`),
    ]);
    yield* each(policies, function* ({ path, read }) {
      if (at(read(), "tls", "mode") !== "DISABLE") return;
      if (!isInMesh(host, namespaceOf(object), objects)) return;
      const problem = `tls DISABLE turns mTLS off towards ${host}, which is in the mesh`;
      yield { path: `${path}.tls.mode`, problem, fix: "Remove {path}, or set it to ISTIO_MUTUAL." };
    });
  },
});

function isInMesh(host: string, own: string, objects: Objects): boolean {
  const service = serviceOf(host, own);
  if (service !== undefined) return meshOf(service.namespace, objects) !== undefined;
  const [, one] = /^\*\.([^.]+)\.svc\./.exec(host) ?? [];
  const namespaces = one === undefined ? objects.ofKind("Namespace").map(({ name }) => name) : [one];
  // A pattern for names outside is none for those of Services.
  const inside = /^\*(\.svc\..+|\.local|\.cluster\.local)?$/.test(host) || one !== undefined;
  return inside && namespaces.some((name) => meshOf(name, objects) !== undefined);
}
