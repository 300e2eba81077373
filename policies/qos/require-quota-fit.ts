/** What a namespace's workloads come to at their most fits its ResourceQuota. */
import { z } from "zod";
import { isKind } from "../lib/lookup.ts";
import { namespaceOf, titleOf } from "../lib/object.ts";
import { admitted } from "../lib/qos/admitted.ts";
import { amountOf, whole } from "../lib/qos/amounts.ts";
import { sidecarParameters } from "../lib/qos/injection.ts";
import { shown } from "../lib/qos/limit-range.ts";
import { mostPodsOf } from "../lib/qos/pod-count.ts";
import { defineRule, each } from "../lib/rule.ts";
import { at, entries, list } from "../lib/values.ts";
import { workloadKinds, workloadOf } from "../lib/workload.ts";

/** What a quota bounds, by what it calls it: a side of the pods' amounts and a resource. */
const bounded: Readonly<Record<string, readonly ["requests" | "limits", string]>> = {
  cpu: ["requests", "cpu"],
  memory: ["requests", "memory"],
  "requests.cpu": ["requests", "cpu"],
  "requests.memory": ["requests", "memory"],
  "requests.ephemeral-storage": ["requests", "ephemeral-storage"],
  "limits.cpu": ["limits", "cpu"],
  "limits.memory": ["limits", "memory"],
  "limits.ephemeral-storage": ["limits", "ephemeral-storage"],
};

/** Refuses a quota that does not hold what is declared in its namespace. */
export const requireQuotaFit = defineRule({
  name: "qos-require-quota-fit",
  severity: "medium",
  level: "mandatory",
  title: "All pods of a namespace at their most, with their sidecars and what an update adds, fit its ResourceQuota.",
  why: "Beyond the quota the API server refuses pods: an update or a scale-up stops halfway, on the day it is needed.",
  fix: "Raise the quota, or lower replicas, the autoscaler's maximum or what pods ask for.",
  sees: "stack",
  parameters: z.strictObject({ sidecar: sidecarParameters }).prefault({}),
  *check(quota, { objects, parameters }) {
    if (!isKind(quota, "", "ResourceQuota")) return;
    // One with scopes counts some pods only, by what only running pods have.
    if (list(at(quota.value, "spec", "scopes")).length > 0 || at(quota.value, "spec", "scopeSelector") !== undefined)
      return;
    const pods = workloadKinds
      .flatMap((kind) => objects.inNamespace(kind, namespaceOf(quota)))
      .flatMap((object) => {
        const workload = object.patch || object.kind === "PodTemplate" ? undefined : workloadOf(object);
        if (workload === undefined) return [];
        const [pod, most] = [admitted(workload, objects, parameters.sidecar), mostPodsOf(workload, objects)];
        return [{ title: titleOf(object), pod, most }];
      });
    yield* each(entries(at(quota.value, "spec", "hard")), function* ([name, written]) {
      const [hard, path] = [amountOf(written), `spec.hard${/^\w+$/.test(name) ? `.${name}` : `["${name}"]`}`];
      if (hard === undefined) {
        yield { path, problem: `${JSON.stringify(written)} is no quantity`, fix: "Correct {path}." };
        return;
      }
      const counts = name === "pods" || name === "count/pods";
      const [side, key] = bounded[name] ?? [];
      if (!counts && (side === undefined || key === undefined)) return;
      const parts = pods.map(({ title, pod, most = 1 }) => {
        if (side === undefined || key === undefined)
          return { title, most, silent: [], all: 1_000_000_000n * BigInt(most) };
        const granted = pod.pod?.[side].has(key) === true;
        const silent = granted
          ? []
          : pod.containers.filter((share) => !share[side].has(key)).map((share) => share.title);
        return { title, most, silent, all: (whole(pod, side).get(key) ?? 0n) * BigInt(most) };
      });
      for (const { title, silent } of parts.filter((part) => part.silent.length > 0)) {
        const problem = `${title} says nothing of ${name} in ${silent.join(", ")}, and with the quota the API server refuses such pods`;
        yield { path, problem, fix: "Write it in each of its containers." };
      }
      const total = parts.reduce((sum, { all }) => sum + all, 0n);
      if (total <= hard) return;
      const unit = counts ? "pods" : name;
      const largest = parts.toSorted((a, b) => (a.all < b.all ? 1 : -1)).slice(0, 3);
      const named = largest.map(({ title, most, all }) => `${title} (${String(most)} pods) ${shown(unit, all)}`);
      const problem = `workloads come to ${shown(unit, total)} of ${name}, more than the quota's ${shown(unit, hard)}, the largest being ${named.join(", ")}`;
      yield { path, problem, fix: "Raise {path}, or lower what they ask for." };
    });
  },
});
