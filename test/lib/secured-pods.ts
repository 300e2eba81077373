/** Pods at random, as far as the Pod Security Standards go: every setting that they look at, right, wrong and left out. */
import fc from "fast-check";

/** Mostly what is right, so that pods with one mistake are tried, too. */
const mostly = <T, U>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<U>, weight = 12) =>
  fc.oneof({ weight, arbitrary: right }, { weight: 1, arbitrary: wrong });

const profile = mostly(
  fc.constantFrom({ type: "RuntimeDefault" }, { type: "Localhost", localhostProfile: "a" }),
  fc.constantFrom({ type: "Unconfined" }, {}, null, { type: "" }, { type: "runtime/default" }),
);
const seLinuxOptions = mostly(
  fc.constantFrom({}, { type: "container_t" }, { type: "container_engine_t", level: "s0" }, { type: "", user: "" }),
  fc.constantFrom({ type: "spc_t" }, { user: "system_u" }, { role: "object_r" }, null),
);
const windowsOptions = mostly(
  fc.constantFrom({}, { hostProcess: false }),
  fc.constantFrom({ hostProcess: true }, { hostProcess: null }),
);
const shared = {
  seccompProfile: profile,
  appArmorProfile: profile,
  seLinuxOptions,
  windowsOptions,
  runAsNonRoot: mostly(fc.constant(true), fc.constantFrom(false, null)),
  runAsUser: mostly(fc.constantFrom(1, 1000), fc.constantFrom(0, null)),
};
const capabilities = mostly(
  fc.constantFrom({ drop: ["ALL"] }, { drop: ["KILL", "ALL"], add: ["NET_BIND_SERVICE"] }, { drop: ["ALL"], add: [] }),
  fc.constantFrom(
    {},
    { drop: ["all"] },
    { drop: null },
    { add: ["CHOWN"], drop: ["ALL"] },
    { add: ["NET_RAW"] },
    { add: ["ALL"], drop: ["ALL"] },
    null,
  ),
);
const own = {
  ...shared,
  allowPrivilegeEscalation: mostly(fc.constant(false), fc.constantFrom(true, null)),
  capabilities,
  privileged: mostly(fc.constant(false), fc.constantFrom(true, null)),
  procMount: mostly(fc.constant("Default"), fc.constantFrom("Unmasked", "", null)),
};
const handler = mostly(
  fc.constantFrom({ httpGet: { path: "/", port: 80 } }, { tcpSocket: { port: 80, host: "" } }, { exec: {} }),
  fc.constantFrom({ httpGet: { port: 80, host: "10.0.0.1" } }, { tcpSocket: { port: 80, host: "a" } }, null),
);
const ports = mostly(
  fc.constantFrom([], [{ containerPort: 80 }], [{ containerPort: 80, hostPort: 0 }]),
  fc.constantFrom([{ containerPort: 80 }, { containerPort: 81, hostPort: 81 }], null),
);
const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
const container = (name: string) =>
  fc.record(
    {
      name: fc.constant(name),
      securityContext: fc.oneof(
        { weight: 3, arbitrary: fc.record(own, { requiredKeys: ["allowPrivilegeEscalation", "capabilities"] }) },
        { weight: 3, arbitrary: fc.constant(restricted) },
        { weight: 1, arbitrary: fc.record(own, { requiredKeys: [] }) },
      ),
      livenessProbe: handler,
      startupProbe: handler,
      lifecycle: fc.record({ postStart: handler, preStop: handler }, { requiredKeys: [] }),
      ports,
    },
    { requiredKeys: ["name", "securityContext"] },
  );
const volume = mostly(
  fc.constantFrom(
    { name: "v", emptyDir: {} },
    { name: "v", configMap: { name: "a" } },
    { name: "v", csi: { driver: "a" } },
    { name: "v", image: { reference: "a" } },
    { name: "v", ephemeral: {} },
    { name: "v", projected: {} },
  ),
  fc.constantFrom(
    { name: "v", hostPath: { path: "/" } },
    { name: "v", nfs: { server: "a", path: "/" } },
    { name: "v" },
    { name: "v", emptyDir: null },
    { name: "v", hostPath: { path: "/" }, secret: {} },
  ),
);
const sysctl = mostly(
  fc.constantFrom("net.ipv4.tcp_syncookies", "net.ipv4.tcp_wmem", "kernel.shm_rmid_forced"),
  fc.constantFrom("kernel.msgmax", "", "net.ipv4.tcp_mem"),
).map((name) => ({ name, value: "1" }));
const flag = mostly(fc.constant(false), fc.constantFrom(true, null));
const annotation = "container.apparmor.security.beta.kubernetes.io/a";

/** Pods. */
export const anySecuredPods = fc.record({
  metadata: fc.record({
    name: fc.constant("pod"),
    annotations: mostly(
      fc.constantFrom({}, { [annotation]: "runtime/default" }, { [annotation]: "localhost/x" }, { [annotation]: "" }),
      fc.constantFrom({ [annotation]: "unconfined" }, { [annotation]: "RuntimeDefault" }, { other: "unconfined" }),
    ),
  }),
  spec: fc.record(
    {
      containers: fc.tuple(container("a")),
      initContainers: fc.array(container("b"), { maxLength: 1 }),
      ephemeralContainers: fc.array(container("c"), { maxLength: 1 }),
      securityContext: fc.oneof(
        {
          weight: 4,
          arbitrary: fc.record(
            { ...shared, sysctls: fc.array(sysctl, { maxLength: 2 }) },
            { requiredKeys: ["runAsNonRoot", "seccompProfile"] },
          ),
        },
        { weight: 1, arbitrary: fc.record(shared, { requiredKeys: [] }) },
      ),
      volumes: fc.array(volume, { maxLength: 2 }),
      hostNetwork: flag,
      hostPID: flag,
      hostIPC: flag,
      hostUsers: mostly(fc.constantFrom(true, null), fc.constant(false), 4),
      os: mostly(
        fc.constantFrom({ name: "linux" }, null),
        fc.constantFrom({ name: "windows" }, { name: "Windows" }),
        4,
      ),
    },
    { requiredKeys: ["containers", "securityContext"] },
  ),
});
