/** What pods of the platform have in common, as plain manifests: how they spread, leave, and are locked down. */

import { parseQuantity } from "../quantity.ts";

/** After how many seconds a pod leaves a node that has gone silent. Kubernetes' own default is 300. */
const lostNodeSeconds = 30;

/**
 * The annotation by which a workload, or a namespace for all of its workloads, says which QoS class its pods are of; the
 * policy qos-require-declared-class holds it to that.
 */
export const qosClassAnnotation = "quintet.dev/qos-class";

/** Lets a pod leave a node that has gone silent. */
export const lostNodeTolerations = ["not-ready", "unreachable"].map((state) => ({
  key: `node.kubernetes.io/${state}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: lostNodeSeconds,
}));

/** What a container needs to meet the restricted Pod Security Standard, and a root file system that nobody writes. */
export const lockedDown = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/** A pod of one user who has no rights anywhere, in the runtime's own confinement. */
export const asUser = (id: number) => ({
  runAsUser: id,
  runAsGroup: id,
  fsGroup: id,
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
});

/** The user `nobody`, as whom most images run. */
export const nobody = 65534;

/**
 * The share of pods that must stay while others are evicted: all but one in `min`, so that below `min` healthy pods
 * nothing is evicted, at `min` one is, and a drain never blocks for ever.
 */
export function minAvailable(min: number): string {
  return `${String(Math.floor((100 * (min - 1)) / min))}%`;
}

/**
 * So many pods, replaced one after the other without one less at any time, of which all but one stay while others are
 * evicted.
 *
 * @param labels what tells them from all others
 * @param more further labels that they carry
 */
export function replicated<Pod>(
  name: string,
  labels: Readonly<Record<string, string>>,
  replicas: number,
  pod: Pod,
  more: Readonly<Record<string, string>> = {},
) {
  const [metadata, selector] = [{ name, labels }, { matchLabels: labels }];
  return {
    deployment: {
      metadata,
      spec: {
        replicas,
        selector,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: { metadata: { labels: { ...labels, ...more } }, spec: pod },
      },
    },
    podDisruptionBudget: { metadata, spec: { selector, minAvailable: minAvailable(replicas) } },
  };
}

/** The same for pods that are replaced one in the place of the other, as those of a StatefulSet, which has no revisions side by side. */
export const spreadInPlace = (matchLabels: Readonly<Record<string, string>>, racks: boolean) =>
  constraints(matchLabels, racks, {});

/**
 * So many pods, each replaced in its own place and with a name of its own, by which a Service of the same name knows it.
 * A single one may be evicted, since a drain must not wait for ever; of several, all but one stay.
 *
 * @param more further fields of the StatefulSet, as its claims
 */
export function inPlace<Pod, More extends object>(
  name: string,
  labels: Readonly<Record<string, string>>,
  replicas: number,
  pod: Pod,
  more: More,
) {
  const [metadata, selector] = [{ name, labels }, { matchLabels: labels }];
  const evicted = replicas === 1 ? { maxUnavailable: 1 } : { minAvailable: minAvailable(replicas) };
  return {
    statefulSet: {
      metadata,
      spec: {
        serviceName: name,
        replicas,
        selector,
        podManagementPolicy: "Parallel",
        template: { metadata: { labels }, spec: pod },
        ...more,
      },
    },
    podDisruptionBudget: { metadata, spec: { selector, ...evicted } },
  };
}

/**
 * Pods on different nodes or not at all, and by preference in different racks; each revision by itself, so that a
 * rolling update does not count the old pods.
 *
 * @param racks whether the nodes stand in more than one
 */
export const spread = (matchLabels: Readonly<Record<string, string>>, racks: boolean) =>
  constraints(matchLabels, racks, { matchLabelKeys: ["pod-template-hash"] });

function constraints<T extends object>(matchLabels: Readonly<Record<string, string>>, racks: boolean, revision: T) {
  const over = (topologyKey: string, whenUnsatisfiable: string) => ({
    topologyKey,
    whenUnsatisfiable,
    maxSkew: 1,
    labelSelector: { matchLabels: { ...matchLabels } },
    ...revision,
    nodeTaintsPolicy: "Honor", // over living nodes
  });
  return [
    over("kubernetes.io/hostname", "DoNotSchedule"),
    ...(racks ? [over("topology.kubernetes.io/zone", "ScheduleAnyway")] : []),
  ];
}

/** The claim of each pod of a StatefulSet that keeps something: it outlives the pods, and not the stack. */
export const claimed = (storageClassName: string, storage: string) => ({
  volumeClaimTemplates: [
    {
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], storageClassName, resources: { requests: { storage } } },
    },
  ],
  persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Retain" },
});

/** Where Go begins to collect harder (GOMEMLIMIT): nine tenths of what a container may take, in bytes. */
export const softLimit = (memory: string): bigint => ((parseQuantity(memory) ?? 0n) * 9n) / 10_000_000_000n;
