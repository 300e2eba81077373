/** How many pods a workload makes at most at one time. */
import type { Objects } from "../object.ts";
import { namespaceOf } from "../object.ts";
import { at, numberOf, property, text } from "../values.ts";
import type { Workload } from "../workload.ts";

/**
 * The most pods at one time, those that a rolling update adds among them; `undefined` when it follows from the nodes or
 * is nowhere said.
 */
export function mostPodsOf({ object }: Workload, objects: Objects): number | undefined {
  const spec = property(object.value, "spec");
  const replicas =
    mostReplicas(object.kind, objects, namespaceOf(object), object.name) ?? numberOf(property(spec, "replicas")) ?? 1;
  switch (object.kind) {
    case "Pod":
      return 1;
    case "Deployment":
      return replicas + surgeOf(property(spec, "strategy"), replicas);
    case "ReplicaSet":
    case "ReplicationController":
    case "StatefulSet":
      return replicas;
    case "Job":
      return numberOf(property(spec, "parallelism")) ?? 1;
    case "CronJob": {
      const each = numberOf(at(spec, "jobTemplate", "spec", "parallelism")) ?? 1;
      return (property(spec, "concurrencyPolicy") ?? "Allow") === "Allow" ? undefined : each;
    }
    default:
      return undefined;
  }
}

function mostReplicas(kind: string, objects: Objects, namespace: string, name: string): number | undefined {
  const autoscaler = objects.inNamespace("HorizontalPodAutoscaler", namespace).find(({ value }) => {
    const target = at(value, "spec", "scaleTargetRef");
    return property(target, "kind") === kind && property(target, "name") === name;
  });
  return autoscaler === undefined ? undefined : numberOf(at(autoscaler.value, "spec", "maxReplicas"));
}

/** What a rolling update adds: a number, or a share rounded up. @default 25% */
function surgeOf(strategy: unknown, replicas: number): number {
  if (property(strategy, "type") === "Recreate") return 0;
  const surge = text(at(strategy, "rollingUpdate", "maxSurge")) ?? "25%";
  return surge.endsWith("%") ? Math.ceil((replicas * Number.parseFloat(surge)) / 100) : Number(surge);
}
