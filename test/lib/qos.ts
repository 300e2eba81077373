/** The classes of a pod by our own reading, beside those of the oracle in tools/policy-oracle. */
import { objectsOfManifest } from "../../policies/lib/object.ts";
import { kept, podAmountsOf } from "../../policies/lib/qos/amounts.ts";
import { type QosClass, qosClassOf } from "../../policies/lib/qos/qos-class.ts";
import { workloadOf } from "../../policies/lib/workload.ts";

/** What the oracle answers: the class of a pod as it is written, and as the API server keeps it. */
export interface Classes {
  readonly written: QosClass | undefined;
  readonly kept: QosClass | undefined;
}

/** The classes of a pod. */
export function classesOf(spec: object): Classes {
  const [object] = objectsOfManifest({ apiVersion: "v1", kind: "Pod", metadata: { name: "pod" }, spec });
  const workload = object === undefined ? undefined : workloadOf(object);
  if (workload === undefined) throw new Error("A pod is a workload.");
  const amounts = podAmountsOf(workload.containers, workload.resources);
  return { written: qosClassOf(amounts), kept: qosClassOf(kept(amounts)) };
}
