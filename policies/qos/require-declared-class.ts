/** A workload is of the QoS class that it, or its namespace, says it is. */
import { z } from "zod";
import { qosClassAnnotation } from "../../components/pod-plan.ts";
import { namespaceOf, type Objects } from "../lib/object.ts";
import { admitted, type AdmittedPod } from "../lib/qos/admitted.ts";
import { sidecarParameters } from "../lib/qos/injection.ts";
import { shown } from "../lib/qos/limit-range.ts";
import { qosClasses, qosClassOf, type QosClass } from "../lib/qos/qos-class.ts";
import { defineRule } from "../lib/rule.ts";
import { at, text } from "../lib/values.ts";
import { type Workload, workloadOf } from "../lib/workload.ts";

/** Refuses a workload whose pods would be of another class, with the sidecar of the mesh and LimitRanges counted. */
export const requireDeclaredClass = defineRule({
  name: "qos-require-declared-class",
  severity: "high",
  level: "mandatory",
  title: `Pods are of the QoS class that ${qosClassAnnotation} declares, on the workload or on its namespace.`,
  why: "The class decides whom the kernel kills first when a node is out of memory. It follows from amounts, so that any container, and also a sidecar, changes it silently.",
  fix: "Make requests equal to limits in every container for Guaranteed, or declare the class that is meant.",
  sees: "stack",
  parameters: z.strictObject({ sidecar: sidecarParameters }).prefault({}),
  *check(object, { objects, parameters }) {
    const workload = workloadOf(object);
    if (workload === undefined || object.patch) return;
    const declared = declaredBy(workload, objects);
    if (declared === undefined) return;
    const wanted = qosClasses.find((one) => one === declared.says);
    const path = declared.path ?? `${workload.path}.containers`;
    if (wanted === undefined) {
      const problem = `${declared.who} declares the QoS class "${declared.says}", and there are ${qosClasses.join(", ")}`;
      yield { path, problem, fix: declared.path === undefined ? "Correct it there." : "Correct {path}." };
      return;
    }
    const pod = admitted(workload, objects, parameters.sidecar);
    const actual = qosClassOf(pod);
    if (actual === wanted) return;
    if (actual === undefined) {
      const problem = "an amount is no quantity, so that the QoS class cannot be told";
      yield { path: `${workload.path}.containers`, problem, fix: "Correct it, below {path}." };
      return;
    }
    const [why] = reasons(pod, wanted);
    yield {
      path: why?.path ?? path,
      problem: `pods would be ${actual}, and ${declared.who} declares ${wanted}${why === undefined ? "" : `: ${why.text}`}`,
      fix: wanted === "Guaranteed" ? "Correct it at {path}." : "Correct it at {path}, or declare what is meant.",
    };
  },
});

interface Declaration {
  readonly says: string;
  readonly who: string;
  /** Where, in the workload; `undefined` when its namespace says it. */
  readonly path: string | undefined;
}

/** What the pod template says stands above what the workload says, and that above the namespace. */
function declaredBy({ object, template, metadataPath }: Workload, objects: Objects): Declaration | undefined {
  const own = [
    { metadata: at(template, "metadata"), path: metadataPath },
    { metadata: at(object.value, "metadata"), path: "metadata" },
  ];
  for (const { metadata, path } of own) {
    const says = text(at(metadata, "annotations", qosClassAnnotation));
    if (says !== undefined) return { says, who: "the workload", path: `${path}.annotations["${qosClassAnnotation}"]` };
  }
  const name = namespaceOf(object);
  const namespace = objects.named("Namespace", name);
  const says = text(at(namespace?.value, "metadata", "annotations", qosClassAnnotation));
  return says === undefined ? undefined : { says, who: `namespace ${name}`, path: undefined };
}

/** What keeps a pod from a class, the first of it first. */
function reasons({ pod, podPath, containers }: AdmittedPod, wanted: QosClass) {
  const parts = pod === undefined ? containers : [{ ...pod, title: "the pod", path: podPath }];
  // The sidecar follows the containers, so that they are to be blamed first.
  const ordered = [
    ...parts.filter(({ path }) => path !== undefined),
    ...parts.filter(({ path }) => path === undefined),
  ];
  return ordered.flatMap(({ requests, limits, title, path }) =>
    ["cpu", "memory"].flatMap((key) => {
      const [request = 0n, limit = 0n] = [requests.get(key), limits.get(key)];
      const asks = request > 0n ? `requests ${shown(key, request)} of ${key}` : `requests no ${key}`;
      const takes = limit > 0n ? `is limited to ${shown(key, limit)}` : "has no limit for it";
      const keeps =
        wanted === "BestEffort"
          ? request > 0n || limit > 0n
          : wanted === "Guaranteed" && (limit <= 0n || request !== limit);
      return keeps ? [{ text: `${title} ${asks} and ${takes}`, path }] : [];
    }),
  );
}
