/** Pods that break one check of the Pod Security Standards each; the other checks, and a pod that keeps to all. */
import { app, safe, safeForAll as shared } from "../workloads.ts";

const at = "spec.template.spec";

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

const other = "10.0.0.1";

/** Pods with what is wrong in them, and all that is said of it. */
export const baselineCases: readonly (readonly [what: string, spec: object, said: string])[] = [
  [
    "privileged",
    container({ privileged: true }),
    `container "app" may do everything that its node may. Remove ${at}.containers[0].securityContext.privileged.`,
  ],
  ["hostNetwork", safePod({}, { hostNetwork: true }), `the pod shares its node's network. Remove ${at}.hostNetwork.`],
  ["hostPID", safePod({}, { hostPID: true }), `the pod shares its node's pid. Remove ${at}.hostPID.`],
  ["hostIPC", safePod({}, { hostIPC: true }), `the pod shares its node's ipc. Remove ${at}.hostIPC.`],
  [
    "a port of the node",
    container({}, { ports: [{ containerPort: 80 }, { hostPort: 0 }, { hostPort: 80 }] }),
    `container "app" takes a port of its node. Remove ${at}.containers[0].ports[2].hostPort, and make a Service.`,
  ],
  [
    "no AppArmor",
    safePod({ appArmorProfile: { type: "Unconfined" } }),
    `the pod turns AppArmor off. Set ${at}.securityContext.appArmorProfile.type to RuntimeDefault, or remove it.`,
  ],
  [
    "an SELinux user",
    container({ seLinuxOptions: { user: "container_t" } }),
    `container "app" has the SELinux user container_t, which is none of a container. Remove ${at}.containers[0].securityContext.seLinuxOptions.user.`,
  ],
  [
    "an SELinux role",
    container({ seLinuxOptions: { role: "r" } }),
    `container "app" has the SELinux role r, which is none of a container. Remove ${at}.containers[0].securityContext.seLinuxOptions.role.`,
  ],
  [
    "an SELinux type",
    safePod({ seLinuxOptions: { type: "spc_t" } }),
    `the pod has the SELinux type spc_t, which is none of a container. Remove ${at}.securityContext.seLinuxOptions.type.`,
  ],
  [
    "a sysctl",
    safePod({ sysctls: [{ name: "net.ipv4.tcp_rmem" }, { name: "kernel.msgmax" }] }),
    `the pod sets kernel.msgmax, which other pods of the node may feel. Remove ${at}.securityContext.sysctls[1].`,
  ],
  [
    "a process of Windows' host",
    safePod({ windowsOptions: { hostProcess: true } }),
    `the pod is a process of its node. Remove ${at}.securityContext.windowsOptions.hostProcess.`,
  ],
  ...["livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"].flatMap(
    (handler) =>
      ["httpGet", "tcpSocket"].map(
        (how) =>
          [
            `another host in ${handler}.${how}`,
            container(
              {},
              [...handler.split("."), how].reduceRight<object>((inner, key) => ({ [key]: inner }), { host: other }),
            ),
            `container "app" has its node call ${other}, which the pod need not be able to. Remove ${at}.containers[0].${handler}.${how}.host.`,
          ] as const,
      ),
  ),
];

/** Pods that break what restricted has a stricter check for, and all that is said of it in baseline. */
export const replacedCases: readonly (readonly [what: string, spec: object, said: string])[] = [
  [
    "a volume of the node",
    safePod(
      {},
      {
        volumes: [
          { name: "tmp", emptyDir: {} },
          { name: "v", hostPath: { path: "/" } },
        ],
      },
    ),
    `volume "v" is a folder of the node. Take a volume of another kind than ${at}.volumes[1].hostPath.`,
  ],
  [
    "an unmasked /proc",
    container({ procMount: "Unmasked" }),
    `container "app" sees all of /proc, which is masked otherwise. Remove ${at}.containers[0].securityContext.procMount.`,
  ],
  [
    "a capability that runtimes do not give",
    container({ capabilities: { add: ["CHOWN", "NET_RAW"] } }),
    `container "app" adds the capability NET_RAW. Remove ${at}.containers[0].securityContext.capabilities.add[1].`,
  ],
  [
    "no seccomp",
    safePod({ seccompProfile: { type: "Unconfined" } }),
    `the pod turns seccomp off. Set ${at}.securityContext.seccompProfile.type to RuntimeDefault.`,
  ],
];

const kept = {
  "AppArmor by the runtime's profile": safePod({ appArmorProfile: { type: "RuntimeDefault" } }),
  "AppArmor by a profile of one's own": container({ appArmorProfile: { type: "Localhost" } }),
  "masked /proc": container({ procMount: "Default" }),
  "no other host": container({}, { livenessProbe: { httpGet: { host: "" } } }),
  "no port of the node": container({}, { ports: [{ containerPort: 80 }, { hostPort: 0 }] }),
  "no process of Windows' host": safePod({ windowsOptions: { hostProcess: false } }),
  "not privileged": container({ privileged: false }),
  "an SELinux level": container({ seLinuxOptions: { level: "s0:c1,c2", user: "", role: "" } }),
};

/** What the standards allow by name (kubernetes.io/docs/concepts/security/pod-security-standards), a pod of each. */
export const allowedCases: readonly (readonly [what: string, spec: object])[] = [
  ...Object.entries(kept),
  ...["container_t", "container_init_t", "container_kvm_t", "container_engine_t"].map(
    (type) => [`the SELinux type ${type}`, container({ seLinuxOptions: { type } })] as const,
  ),
  ...[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
  ].map((name) => [`the sysctl ${name}`, safePod({ sysctls: [{ name, value: "1" }] })] as const),
];

/** The capabilities that baseline lets a container add. */
export const baselineCapabilities = [
  ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"],
  ...["NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"],
];

/** The volumes that restricted allows. */
export const harmlessVolumes = [
  ...["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral"],
  ...["image", "persistentVolumeClaim", "projected", "secret"],
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
