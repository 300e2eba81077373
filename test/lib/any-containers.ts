/** Containers at random that the API server takes, with everything that rules in CEL look at. */
import fc from "fast-check";
import { versions } from "../../versions.ts";

/** One value mostly, and sometimes one of others. */
export const often = <T>(good: T, ...rare: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 3 * rare.length, arbitrary: fc.constant(good) },
    ...rare.map((one) => ({ weight: 1, arbitrary: fc.constant(one) })),
  );

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
/** Images by every kind of name. */
export const image = often(
  "registry.example/team/app:1.2.3",
  "registry.example/team/app",
  "registry.example:5000/team/app",
  "registry.example:5000/team/app:latest",
  `registry.example/team/app@${digest}`,
  `nginx:1.29.0@${digest}`,
  "nginx",
  "nginx:latest",
  "docker.io/library/nginx:1.29.0",
  "index.docker.io/nginx:1.29.0",
  "team/app:1",
  "localhost/app:1",
  "REGISTRY/app:1",
  "registry.example/Team/app:1",
  "a_b.c/app:1",
  "https://nginx",
  "registry.example/team-evil/app:1",
  versions.images.podinfo,
);

const cpu = often("100m", "0.1", "1", "2", "10m", "0", "0.5m", "1n", "50", "1e3", "100u", ".5", "1500m");
const memory = often(
  "64Mi",
  "67108864",
  "1Gi",
  "128Mi",
  "256Mi",
  "16Mi",
  "0",
  "1e9",
  "1k",
  "100M",
  "0.5Gi",
  "1Ti",
  "512m",
);
const amounts = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ cpu: "100m", memory: "64Mi" }) },
  { weight: 2, arbitrary: fc.record({ cpu, memory }) },
  { weight: 1, arbitrary: fc.record({ cpu, memory }, { requiredKeys: [] }) },
);
const resources = fc.oneof(
  { weight: 6, arbitrary: amounts.map((both) => ({ requests: both, limits: both })) },
  { weight: 1, arbitrary: fc.record({ requests: amounts, limits: amounts }) },
  { weight: 1, arbitrary: fc.record({ requests: amounts }) },
  { weight: 2, arbitrary: fc.record({ limits: amounts }, { requiredKeys: [] }) },
  { weight: 2, arbitrary: fc.record({ requests: fc.constant({ cpu: "10m", memory: "16Mi" }), limits: amounts }) },
);

const port = fc.oneof(fc.constantFrom<string | number>(8080, 8080, "http", "http", "metrics", 9090));
const handler = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ httpGet: fc.record({ path: fc.constantFrom("/readyz", "/readyz", "/healthz"), port }) }),
  },
  { weight: 1, arbitrary: fc.record({ tcpSocket: fc.record({ port }) }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ exec: { command: ["true"] } }, { exec: { command: ["cat", "/tmp/ready"] } }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ grpc: { port: 8080 } }, { grpc: { port: 8080, service: "" } }) },
);
const timing = {
  initialDelaySeconds: fc.constantFrom(0, 5, 10, 60, 900),
  periodSeconds: fc.constantFrom(1, 5, 10, 10, 60),
  timeoutSeconds: fc.constantFrom(1, 2, 5, 20),
  failureThreshold: fc.constantFrom(1, 3, 3, 30),
};
const probe = (more: Readonly<Record<string, fc.Arbitrary<unknown>>> = {}) =>
  fc
    .tuple(handler, fc.record({ ...timing, ...more }, { requiredKeys: [] }))
    .map(([how, when]) => ({ ...how, ...when }));
const liveness = probe({ terminationGracePeriodSeconds: fc.constantFrom(1, 30) });
const probes = fc
  .record(
    { readinessProbe: probe(), livenessProbe: liveness, startupProbe: probe(), same: fc.boolean() },
    { requiredKeys: ["same"] },
  )
  .map(({ same, ...own }) =>
    same && own.readinessProbe !== undefined ? { ...own, livenessProbe: own.readinessProbe } : own,
  );

const preStop = fc.constantFrom<object>(
  { sleep: { seconds: 5 } },
  { exec: { command: ["sleep", "5"] } },
  { exec: { command: ["/bin/sleep", "45"] } },
  { exec: { command: ["sh", "-c", "sleep 10 && nginx -s quit"] } },
  { exec: { command: ["sh", "-c", "sleep 60"] } },
  { exec: { command: ["sleep", "1m"] } },
  { httpGet: { port: "http", path: "/stop" } },
);

const ports = fc.constantFrom<readonly object[]>(
  [{ name: "http", containerPort: 8080 }],
  [{ name: "http", containerPort: 8080 }],
  [{ containerPort: 8080 }],
  [{ name: "dns", containerPort: 53, protocol: "UDP" }],
  [
    { name: "metrics", containerPort: 9090 },
    { name: "http", containerPort: 8080 },
  ],
  [],
);

const common = { image, resources };
const wild = fc
  .tuple(
    fc.record({ ...common, ports, lifecycle: fc.record({ preStop }) }, { requiredKeys: ["image", "resources"] }),
    probes,
  )
  .map(([own, asked]) => ({ ...own, ...asked }));
/** What no rule has anything against. */
const good: Readonly<Record<string, unknown>> = {
  image: "registry.example/team/app:1.2.3",
  resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
  ports: [
    { name: "http", containerPort: 8080 },
    { name: "metrics", containerPort: 9090 },
  ],
  readinessProbe: { httpGet: { path: "/readyz", port: "http" }, timeoutSeconds: 5 },
  livenessProbe: { httpGet: { path: "/livez", port: "metrics" }, timeoutSeconds: 5 },
};

/** A container that runs on. Mostly one field is out of order, so that most rules have nothing to say of most workloads. */
export const serving = fc.oneof(
  { weight: 5, arbitrary: fc.constant(good) },
  {
    weight: 4,
    arbitrary: fc.tuple(wild, fc.nat()).map(([own, which]): object => {
      const [key, value] = Object.entries<unknown>(own)[which % Object.keys(own).length] ?? ["image"];
      return { ...good, [key]: value };
    }),
  },
  { weight: 1, arbitrary: wild },
);
/** A container that runs before the others, or a sidecar. */
export const initial = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ image: good["image"], resources: good["resources"] }) },
  { weight: 1, arbitrary: fc.record(common, { requiredKeys: ["image"] }) },
  { weight: 1, arbitrary: serving.map((own: object) => ({ ...own, restartPolicy: "Always" })) },
);
