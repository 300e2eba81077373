/** The QoS class of a pod, as Kubernetes computes it (k8s.io/kubernetes/pkg/apis/core/v1/helper/qos, ComputePodQOS). */
import type { Amounts, PodAmounts } from "./amounts.ts";

/** The classes, in the order in which the kernel spares their pods. */
export const qosClasses = ["Guaranteed", "Burstable", "BestEffort"] as const;

/** The class of a pod. */
export type QosClass = (typeof qosClasses)[number];

const counted = ["cpu", "memory"] as const;

/** What is above zero of the two resources that count; `undefined` when one of them is no quantity. */
function positive(amounts: Amounts): ReadonlyMap<string, bigint> | undefined {
  const found = new Map<string, bigint>();
  for (const key of counted) {
    if (!amounts.has(key)) continue;
    const amount = amounts.get(key);
    if (amount === undefined) return undefined;
    if (amount > 0n) found.set(key, amount);
  }
  return found;
}

/**
 * The class of a pod of these amounts: by what the pod says for all of its containers, where it says something, and
 * otherwise by every container's, init containers and sidecars among them.
 *
 * @returns `undefined` when an amount is no quantity, which the API server refuses
 */
export function qosClassOf({ containers, pod }: PodAmounts): QosClass | undefined {
  const parts = pod === undefined ? containers : [pod];
  const totals = { requests: new Map<string, bigint>(), limits: new Map<string, bigint>() };
  let everyLimit = true;
  for (const part of parts) {
    for (const side of ["requests", "limits"] as const) {
      const own = positive(part[side]);
      if (own === undefined) return undefined;
      for (const [key, amount] of own) totals[side].set(key, (totals[side].get(key) ?? 0n) + amount);
      // A pod that limits nothing for all its containers is not asked for both.
      const asked = side === "limits" && (pod === undefined || part.limits.size > 0);
      if (asked && own.size < counted.length) everyLimit = false;
    }
  }
  const { requests, limits } = totals;
  if (requests.size === 0 && limits.size === 0) return "BestEffort";
  const equal = requests.size === limits.size && [...requests].every(([key, amount]) => limits.get(key) === amount);
  return everyLimit && equal ? "Guaranteed" : "Burstable";
}
