/** A workload's pods as they run: with the API server's defaults, those of LimitRanges, and the mesh's sidecar. */
import type { SidecarAmounts } from "../../../components/sidecar-plan.ts";
import { namespaceOf, type Objects } from "../object.ts";
import type { Workload } from "../workload.ts";
import { kept, podAmountsOf, type PodAmounts, type Share } from "./amounts.ts";
import { injectedShares, isInjected } from "./injection.ts";
import { type LimitItem, limitItemsOf, withDefaults } from "./limit-range.ts";

/** One container with its share, and where it is written. */
export interface AdmittedShare extends Share {
  readonly title: string;
  /** The path of its resources; `undefined` for what the mesh adds. */
  readonly path: string | undefined;
}

/** A pod as it runs. */
export interface AdmittedPod extends PodAmounts {
  readonly containers: readonly AdmittedShare[];
  /** The path of what the pod says for all of its containers. */
  readonly podPath: string;
}

/** The items of a namespace's LimitRanges. */
export const limitItemsIn = (namespace: string, objects: Objects): LimitItem[] =>
  objects.inNamespace("LimitRange", namespace).flatMap(({ value }) => limitItemsOf(value));

/** The pods of a workload as they run, judged with everything around it. */
export function admitted(workload: Workload, objects: Objects, sidecar: SidecarAmounts): AdmittedPod {
  const own = workload.containers.filter(({ role }) => role !== "ephemeral");
  const items = limitItemsIn(namespaceOf(workload.object), objects);
  const defaulted = (amounts: PodAmounts) => withDefaults(kept(amounts), items);
  const before = defaulted(podAmountsOf(own, workload.resources));
  const injected = isInjected(workload, objects) ? injectedShares(workload, before.containers, sidecar) : [];
  // What webhooks change goes through the defaults again.
  const pod =
    injected.length === 0 ? before : defaulted({ ...before, containers: [...injected, ...before.containers] });
  const podPath = `${workload.path}.resources`;
  return {
    ...pod,
    podPath,
    containers: pod.containers.map((share, index) => {
      const container = own[index - injected.length];
      return container === undefined
        ? {
            ...share,
            title: `the mesh's ${share.role === "init" ? "istio-validation" : "istio-proxy"}`,
            path: undefined,
          }
        : { ...share, title: `container "${container.name}"`, path: `${container.path}.resources` };
    }),
  };
}
