/** Pods that break one check of the Pod Security Standards each; the other checks, and a pod that keeps to all. */
import { app, safe, safeForAll as shared } from "../workloads.ts";

/** A pod that keeps to restricted, with a change to what it says for all containers. */
export const safePod = (change: object = {}, more: object = {}) => ({
  ...app({ securityContext: safe }),
  securityContext: { ...shared, ...change },
  ...more,
});

/** One whose container says something else. */
export const container = (change: object, more: object = {}) => ({
  ...app({ securityContext: { ...safe, ...change }, ...more }),
  securityContext: shared,
});

/** Pods with what is wrong in them, and where. */
export const baselineCases: readonly (readonly [what: string, spec: object, path: string])[] = [
  ["privileged", container({ privileged: true }), "containers[0].securityContext.privileged"],
  ["hostNetwork", safePod({}, { hostNetwork: true }), "hostNetwork"],
  ["hostPID", safePod({}, { hostPID: true }), "hostPID"],
  ["hostIPC", safePod({}, { hostIPC: true }), "hostIPC"],
  ["a port of the node", container({}, { ports: [{ hostPort: 80 }] }), "containers[0].ports[0].hostPort"],
  ["no AppArmor", safePod({ appArmorProfile: { type: "Unconfined" } }), "securityContext.appArmorProfile.type"],
  [
    "an SELinux user",
    container({ seLinuxOptions: { user: "u" } }),
    "containers[0].securityContext.seLinuxOptions.user",
  ],
  ["an SELinux type", safePod({ seLinuxOptions: { type: "spc_t" } }), "securityContext.seLinuxOptions.type"],
  ["a sysctl", safePod({ sysctls: [{ name: "kernel.msgmax" }] }), "securityContext.sysctls[0]"],
  [
    "a process of Windows' host",
    safePod({ windowsOptions: { hostProcess: true } }),
    "securityContext.windowsOptions.hostProcess",
  ],
  [
    "a probe of another host",
    container({}, { livenessProbe: { httpGet: { host: "10.0.0.1", port: 80 } } }),
    "containers[0].livenessProbe.httpGet.host",
  ],
  [
    "a hook to another host",
    container({}, { lifecycle: { preStop: { tcpSocket: { host: "db", port: 1 } } } }),
    "containers[0].lifecycle.preStop.tcpSocket.host",
  ],
];

/** Pods that keep to baseline, with what is wrong in them for restricted, and where. */
export const restrictedCases: readonly (readonly [what: string, spec: object, path: string])[] = [
  [
    "more rights",
    container({ allowPrivilegeEscalation: true }),
    "containers[0].securityContext.allowPrivilegeEscalation",
  ],
  [
    "rights that are not said",
    container({ allowPrivilegeEscalation: undefined }),
    "containers[0].securityContext.allowPrivilegeEscalation",
  ],
  [
    "its capabilities",
    container({ capabilities: { drop: ["KILL"] } }),
    "containers[0].securityContext.capabilities.drop",
  ],
  [
    "ALL in small letters",
    container({ capabilities: { drop: ["all"] } }),
    "containers[0].securityContext.capabilities.drop",
  ],
  [
    "a capability of the runtime's",
    container({ capabilities: { drop: ["ALL"], add: ["CHOWN"] } }),
    "containers[0].securityContext.capabilities.add[0]",
  ],
  [
    "NET_RAW",
    container({ capabilities: { drop: ["ALL"], add: ["NET_RAW"] } }),
    "containers[0].securityContext.capabilities.add[0]",
  ],
  [
    "root, said for the pod",
    { ...container({ runAsNonRoot: true }), securityContext: { ...shared, runAsNonRoot: false } },
    "securityContext.runAsNonRoot",
  ],
  ["root, not ruled out", safePod({ runAsNonRoot: undefined }), "containers[0].securityContext.runAsNonRoot"],
  ["user 0", safePod({ runAsUser: 0 }), "securityContext.runAsUser"],
  ["no seccomp", safePod({ seccompProfile: undefined }), "containers[0].securityContext.seccompProfile.type"],
  [
    "no seccomp in one container",
    container({ seccompProfile: { type: "Unconfined" } }),
    "containers[0].securityContext.seccompProfile.type",
  ],
  ["an unmasked /proc", container({ procMount: "Unmasked" }), "containers[0].securityContext.procMount"],
  ["a volume of the node", safePod({}, { volumes: [{ name: "v", hostPath: { path: "/" } }] }), "volumes[0]"],
  ["a volume of NFS", safePod({}, { volumes: [{ name: "v", nfs: {} }] }), "volumes[0]"],
  [
    "an init container that says nothing",
    safePod({}, { initContainers: [{ name: "init", securityContext: { capabilities: { drop: ["ALL"] } } }] }),
    "initContainers[0].securityContext.allowPrivilegeEscalation",
  ],
  [
    "an ephemeral container that says nothing",
    safePod({}, { ephemeralContainers: [{ name: "shell", securityContext: { capabilities: { drop: ["ALL"] } } }] }),
    "ephemeralContainers[0].securityContext.allowPrivilegeEscalation",
  ],
];

/** A pod that says nothing of its security. */
export const plain = { containers: [{ name: "app", image: "ghcr.io/acme/web:1.2.3" }] };
