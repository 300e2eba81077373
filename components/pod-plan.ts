/** What pods of the platform have in common, as plain manifests: how they spread, leave, answer, and are locked down. */
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

/** The same as {@link spread} for pods that are replaced one in the place of the other, as those of a StatefulSet, which has no revisions side by side. */
export const spreadInPlace = (matchLabels: Readonly<Record<string, string>>, racks: boolean) =>
  constraints(matchLabels, racks, {});

/** Who the pods of a program are, when it is one that has no rights on its node and leaves one that is lost. */
export const unprivileged = (name: string, { user, token }: { readonly user: number; readonly token: boolean }) => ({
  serviceAccountName: name,
  automountServiceAccountToken: token,
  enableServiceLinks: false,
  securityContext: asUser(user),
  tolerations: lostNodeTolerations,
});

/**
 * How a container is asked whether it is well, with five seconds to answer.
 *
 * @param port the name of one of its ports
 * @param failureThreshold how often it may fail in a row; the API server's default is 3
 */
export const httpProbe = (path: string, port: string, periodSeconds: number, failureThreshold?: number) => ({
  httpGet: { path, port },
  periodSeconds,
  timeoutSeconds: 5,
  ...(failureThreshold === undefined ? {} : { failureThreshold }),
});

/** Where Go begins to collect harder (GOMEMLIMIT): nine tenths of what a container may take, in bytes. */
export const softLimit = (memory: string): bigint => ((parseQuantity(memory) ?? 0n) * 9n) / 10_000_000_000n;
