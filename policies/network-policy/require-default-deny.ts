/** A namespace is closed before anybody moves in. */
import { z } from "zod";
import { directionsOf, rulesOf } from "../../components/network-policy.ts";
import {
  type Direction,
  directions,
  mustHaveRead,
  type Network,
  networkOf,
  selectsAll,
} from "../lib/network-policy/network-policies.ts";
import { podsOf } from "../lib/network-policy/reading.ts";
import type { KubernetesObject } from "../lib/object.ts";
import { defineRule } from "../lib/rule.ts";
import { systemParameter } from "../lib/system-namespaces.ts";

/** Refuses a namespace with workloads, but without policies that close every pod of it in both directions. */
export const requireDefaultDeny = defineRule({
  name: "network-policy-require-default-deny",
  severity: "high",
  level: "mandatory",
  title: "In every namespace with workloads a NetworkPolicy closes all pods in both directions.",
  why: "Pods of tomorrow have other labels than those of today, and whom no policy selects is open to everybody.",
  fix: "Add a policy with an empty podSelector and both policyTypes, and let policies of their own open what pods need.",
  sees: "stack",
  /** `system`: namespaces that are left alone, each with the reason. */
  parameters: z.strictObject({ system: systemParameter }).prefault({}),
  *check(object, { objects, parameters }) {
    const namespace = spokenFor(object, networkOf(objects));
    if (namespace === undefined || Object.hasOwn(parameters.system, namespace)) return;
    const network = networkOf(objects);
    const open = directions.filter((direction) => !isClosed(network, namespace, direction));
    if (open.length === 0) return;
    mustHaveRead(network, ["policy"], namespace);
    const problem = `namespace ${namespace} has workloads, and no NetworkPolicy in it closes every pod for ${open.join(" and ")}`;
    const fix = `Add a NetworkPolicy to ${namespace} with podSelector {} and policyTypes [${open.join(", ")}].`;
    yield { path: object.kind === "Namespace" ? "metadata.name" : "metadata.namespace", problem, fix };
  },
});

/** The namespace that an object is the one to answer for: itself, or that of the first workload where it is not here. */
function spokenFor(object: KubernetesObject, { namespaces, podsIn }: Network): string | undefined {
  if (object.kind === "Namespace") return !object.patch && podsIn.has(object.name) ? object.name : undefined;
  const [pods] = podsOf(object);
  if (pods === undefined || Object.hasOwn(namespaces, pods.namespace)) return undefined;
  const first = podsIn.get(pods.namespace)?.[0]?.workload.object;
  return first === object ? pods.namespace : undefined;
}

/** Whether some policy selects every pod, and lets not everything through itself. */
const isClosed = ({ policiesIn }: Network, namespace: string, direction: Direction): boolean =>
  (policiesIn.get(namespace) ?? []).some(
    ({ spec }) =>
      selectsAll(spec.podSelector) &&
      directionsOf(spec).includes(direction) &&
      !rulesOf(spec, direction).some(({ peers = [], ports = [] }) => peers.length === 0 && ports.length === 0),
  );
