/** Who leads the calls of a host is said once. */
import { itemsOf } from "../lib/items.ts";
import { lookupOf, ofKind } from "../lib/lookup.ts";
import { hostKey, seenTogether } from "../lib/mesh/hosts.ts";
import { isVirtualService, leadsMesh, networking } from "../lib/mesh/mesh.ts";
import { type KubernetesObject, namespaceOf, titleOf } from "../lib/object.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";
import { at, list, text } from "../lib/values.ts";

/** Who leads calls of the mesh, by the host. */
interface Leader {
  readonly object: KubernetesObject;
  readonly namespace: string;
  readonly exportTo: readonly string[];
}

const leaderOf = (object: KubernetesObject): Leader => ({
  object,
  namespace: namespaceOf(object),
  exportTo: list(at(object.value, "spec", "exportTo")).map((one) => text(one) ?? ""),
});

const leaders = lookupOf<Leader>(ofKind(networking, "VirtualService"), (object) => {
  if (object.patch || !leadsMesh(object)) return [];
  const leader = leaderOf(object);
  const hosts = list(at(object.value, "spec", "hosts")).map((host) => text(host) ?? "");
  return hosts.map((host) => [hostKey(host, leader.namespace), leader] as const);
});

/** Refuses VirtualServices that lead the mesh's calls to one host for the same callers. */
export const disallowSharedHosts = defineRule({
  name: "mesh-disallow-shared-hosts",
  severity: "high",
  level: "mandatory",
  title: "No two VirtualServices lead calls of the same callers to one host.",
  why: "A sidecar heeds one of them and drops the routes of the other, and nothing says which.",
  fix: "Put the routes into one of the two, or export each to other namespaces (exportTo).",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (!isVirtualService(object) || !leadsMesh(object)) return;
    const own = leaderOf(object);
    const all = leaders(objects);
    yield* each(itemsOf(at(object.value, "spec", "hosts"), "spec.hosts"), function* ({ path, read }) {
      const host = text(read()) ?? "";
      const others = all.at(hostKey(host, own.namespace)).filter((other) => other.object !== object);
      const found = others.find((other) => seenTogether(own, other));
      if (found === undefined) {
        all.mustHaveRead();
        return;
      }
      const problem = `${titleOf(found.object)} leads calls of ${host}, too`;
      yield { path, problem, fix: "Move the routes of {path} into one of the two, or set spec.exportTo of both." };
    });
  },
});
