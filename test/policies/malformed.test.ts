/** No rule fails, whatever somebody writes: what the API server would refuse is judged, or said to be of the wrong type. */
import fc from "fast-check";
import { policyConfigSchema } from "../../policies/lib/config.ts";
import { judge } from "../../policies/lib/judge.ts";
import { Objects, objectsOfManifest } from "../../policies/lib/object.ts";
import { rules } from "../../policies/packs.ts";
import { malformed } from "../lib/malformed.ts";
import { anyWorkloads } from "../lib/any-workloads.ts";
import { annotated, gateway, gatewayClass, grant, ingressClass, path, route, rule, service } from "./ingresses.ts";
import { clusterWide, manifest } from "./manifests.ts";
import { destinationRule, meshed, peers, serviceEntry, virtualService } from "./meshes.ts";
import { closed, labelled, policy } from "./network-policies.ts";
import { binding, clusterBinding, clusterRole, role, rule as right, serviceAccount } from "./roles.ts";
import { app, formsOf, resources } from "./workloads.ts";

const labels = { app: "web" };
const http = { httpGet: { path: "/", port: "http", httpHeaders: [{ name: "a", value: "b" }] }, periodSeconds: 5 };
const busy = app({
  resources,
  ports: [{ name: "http", containerPort: 8080, hostPort: 80, protocol: "TCP" }],
  env: [
    { name: "PASSWORD", value: "hunter2" },
    { name: "OTHER", valueFrom: { secretKeyRef: { name: "a", key: "b" } } },
  ],
  command: ["run"],
  args: ["--quiet"],
  readinessProbe: http,
  livenessProbe: { ...http, timeoutSeconds: 9, initialDelaySeconds: 700, failureThreshold: 2 },
  startupProbe: { exec: { command: ["a"] }, timeoutSeconds: 1 },
  lifecycle: { preStop: { exec: { command: ["sleep", "40"] } } },
  volumeMounts: [{ name: "cache", mountPath: "/cache" }],
  securityContext: {
    runAsUser: 1,
    capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] },
    seccompProfile: { type: "Unconfined" },
    seLinuxOptions: { type: "t" },
    windowsOptions: { hostProcess: true },
    procMount: "Unmasked",
  },
});
const spec = {
  ...busy,
  initContainers: [{ name: "init", image: "a:1", restartPolicy: "Always", resources }],
  ephemeralContainers: [{ name: "look", image: "a:1" }],
  volumes: [
    { name: "cache", emptyDir: { sizeLimit: "1Gi", medium: "Memory" } },
    { name: "host", hostPath: { path: "/" } },
    { name: "token", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } },
    { name: "image", image: { reference: "a:1" } },
  ],
  securityContext: { sysctls: [{ name: "kernel.msgmax", value: "1" }], runAsUser: 0, supplementalGroups: [1] },
  resources: { requests: { cpu: "1" }, limits: { memory: "1Gi" } },
  topologySpreadConstraints: [{ topologyKey: "zone", labelSelector: { matchLabels: labels } }],
  affinity: {
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {}, topologyKey: "a" }] },
  },
  terminationGracePeriodSeconds: 5,
  serviceAccountName: "web",
  hostNetwork: false,
};
const selector = { matchLabels: labels, matchExpressions: [{ key: "app", operator: "In", values: ["web"] }] };
const peer = { podSelector: selector, namespaceSelector: selector };
const scaled = {
  scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
  minReplicas: 1,
  maxReplicas: 3,
};
const budget = (own: object) => manifest("policy/v1", "PodDisruptionBudget", { spec: { selector, ...own } });

/** One object or more of each kind that some rule reads. */
const objects: readonly object[] = [
  ...formsOf(spec).map(([, object]) => object),
  labelled(labels, spec, "other"),
  manifest("apps/v1", "StatefulSet", {
    spec: {
      serviceName: "web",
      replicas: 3,
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0 } },
      selector,
      template: { metadata: { labels, annotations: { "quintet.dev/qos-class": "Guaranteed" } }, spec },
    },
  }),
  closed({
    egress: [
      {
        to: [peer, { ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }],
        ports: [{ port: 53, protocol: "UDP", endPort: 60 }],
      },
    ],
  }),
  policy("other", { podSelector: selector, ingress: [{ from: [peer], ports: [{ port: "http" }] }] }),
  service({ selector: labels, ports: [{ name: "http", port: 80, targetPort: "http" }] }),
  annotated({ "nginx.ingress.kubernetes.io/server-snippet": "x" }, { rules: [rule({ http: { paths: [path()] } })] }),
  manifest("extensions/v1beta1", "Ingress", { spec: { backend: { serviceName: "web", servicePort: 80 } } }),
  ingressClass("nginx", { "ingressclass.kubernetes.io/is-default-class": "true" }),
  gatewayClass("istio"),
  gateway(),
  route({
    rules: [
      { backendRefs: [{ name: "web", port: 80 }], filters: [{ requestMirror: { backendRef: { name: "web" } } }] },
    ],
  }),
  grant("HTTPRoute", { kind: "Service" }),
  peers("STRICT"),
  virtualService({ http: [{ route: [{ destination: { host: "web", subset: "a", port: { number: 80 } } }] }] }),
  destinationRule({
    subsets: [{ name: "a", labels }],
    trafficPolicy: { tls: { mode: "DISABLE" }, portLevelSettings: [{ port: { number: 80 }, tls: {} }] },
  }),
  serviceEntry("example.org"),
  manifest("security.istio.io/v1", "AuthorizationPolicy", {
    spec: { action: "ALLOW", selector: { matchLabels: labels }, rules: [{}] },
  }),
  meshed,
  serviceAccount({ automountServiceAccountToken: true }),
  clusterRole([right({ verbs: ["*"], resources: ["secrets", "pods/exec"] })], { aggregationRule: null }),
  role([right({ resourceNames: ["a"], nonResourceURLs: ["/"] })]),
  clusterBinding("cluster-admin"),
  binding(),
  manifest("autoscaling/v2", "HorizontalPodAutoscaler", { spec: scaled }),
  budget({ minAvailable: "100%" }),
  budget({ maxUnavailable: 0 }),
  manifest("v1", "LimitRange", {
    spec: {
      limits: [
        {
          type: "Container",
          default: { cpu: "1" },
          max: { cpu: "2" },
          min: { memory: "1Mi" },
          maxLimitRequestRatio: { cpu: "4" },
        },
      ],
    },
  }),
  manifest("v1", "ResourceQuota", {
    spec: { hard: { pods: "10", "limits.cpu": "4", "requests.memory": "1Gi" }, scopes: ["BestEffort"] },
  }),
  manifest("v1", "ConfigMap", { data: { PASSWORD: "hunter2" } }),
  manifest("v1", "Secret", { type: "kubernetes.io/service-account-token" }),
  clusterWide("v1", "List", { items: [{ apiVersion: "v1", kind: "Pod", metadata: { name: "in" }, spec }] }),
];

const settings = { config: policyConfigSchema.parse({}), today: "2026-11-21" };

/** What rules say of manifests that are judged together, as far as it has some words. */
function said(words: string, manifests: readonly unknown[]): string[] {
  const together = new Objects(manifests.flatMap((one) => objectsOfManifest(one)));
  const found = judge(rules, together, settings).filter(({ message }) => message.includes(words));
  return found.map(({ rule: name, message }) => `${name}: ${message}`);
}
const fails = "The rule itself fails";
const mistyped = "of a type that the API server refuses";

/** Whether nothing is said, and otherwise what: short, since the objects are not. */
const silent = (lines: readonly string[]) => {
  if (lines.length > 0) throw new Error([...new Set(lines)].join("\n"));
};

test("of objects as they should be every rule can be asked", () => {
  expect([...said(fails, objects), ...said(mistyped, objects)]).toEqual([]);
});

test("no rule fails, whatever stands in the place of a value", () => {
  const property = fc.property(malformed(objects), (manifests) => {
    silent(said(fails, manifests));
  });
  fc.assert(property, { numRuns: 12 });
}, 120_000);

test("of random workloads none is mistyped, and no rule fails of one that is spoiled", () => {
  const workloads = anyWorkloads("shop");
  const property = fc.property(
    workloads.chain((workload) => fc.tuple(fc.constant(workload), malformed([workload]))),
    ([workload, spoiled]) => {
      silent([...said(mistyped, [workload]), ...said(fails, spoiled)]);
    },
  );
  fc.assert(property, { numRuns: 120 });
}, 120_000);

test("what is of a wrong type is said of the container that has it, and nobody else's findings are lost", () => {
  const [broken, fine] = [
    { name: "broken", image: "a:1", ports: "http" },
    { name: "fine", image: "nginx" },
  ];
  const object = manifest("v1", "Pod", { spec: { ...spec, containers: [broken, fine] } });
  expect(said(mistyped, [object])).toContainEqual(
    expect.stringMatching(
      /^probes-require-readiness: container "broken" cannot be judged, .* Correct what is in spec\.containers\[0\]\.$/,
    ),
  );
  expect(said('runs "nginx"', [object])).toHaveLength(1);
});
