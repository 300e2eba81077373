/** What makes the pods of the platform, as plain manifests: how many there are, and how they are replaced. */
import { createHash } from "node:crypto";

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

/**
 * One pod, which is ended before the next one is made: for what would do everything twice, or keeps all it has itself.
 *
 * @param annotations of the pods; another one rolls them
 */
export const alone = <Pod>(
  name: string,
  labels: Readonly<Record<string, string>>,
  pod: Pod,
  annotations?: Readonly<Record<string, string>>,
) => ({
  metadata: { name, labels },
  spec: {
    replicas: 1,
    selector: { matchLabels: labels },
    strategy: { type: "Recreate" },
    template: { metadata: { labels, ...(annotations === undefined ? {} : { annotations }) }, spec: pod },
  },
});

/** One pod on each node, replaced on a fifth of the nodes at a time. */
export const onEachNode = <Pod>(name: string, labels: Readonly<Record<string, string>>, pod: Pod) => ({
  metadata: { name, labels },
  spec: {
    selector: { matchLabels: labels },
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "20%" } },
    template: { metadata: { labels }, spec: pod },
  },
});

/** The name of a ConfigMap whose reader reads it once: another content is another name, with which pods are rolled, and back. */
export const hashedName = (name: string, content: string): string =>
  `${name}-${createHash("sha256").update(content).digest("hex").slice(0, 8)}`;

/** A Service that comes before the pods which it names is not waited for: they wait for it. */
export const unwaited = <T extends object>(metadata: T) => ({
  ...metadata,
  annotations: { "pulumi.com/skipAwait": "true" },
});
