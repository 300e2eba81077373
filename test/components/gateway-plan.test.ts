import { type GatewaySpec, gatewayPorts, planGateway } from "../../components/gateway-plan.ts";
import { callsMade, callsOfClients } from "../../components/proxy-statistics.ts";
import { requireLimits } from "../../policies/qos/require-limits.ts";
import { judge } from "../lib/judge.ts";

const nodes = { kind: "nodes", nodes: ["two", "one"], ports: { http: 30080, https: 30443 } } as const;
const cloud = { kind: "cloud", by: "cloud-controller", reachableFrom: "internet", sources: ["192.0.2.0/24"] } as const;
const spec: GatewaySpec = {
  revision: "1-2-3",
  image: "registry.example/proxyv2:1.2.3",
  replicas: 2,
  racks: false,
  clusterDomain: "cluster.local",
  exposure: nodes,
  trustedProxies: 0,
};
const podOf = (more: Partial<GatewaySpec> = {}) => planGateway({ ...spec, ...more }).deployment.spec.template.spec;
const serviceOf = (exposure: GatewaySpec["exposure"]) => planGateway({ ...spec, exposure }).service;
const proxyConfig = (more: Partial<GatewaySpec> = {}): unknown => {
  const env = podOf(more).containers[0]?.env.find(({ name }) => name === "PROXY_CONFIG");
  return env !== undefined && "value" in env ? JSON.parse(env.value) : undefined;
};

test("the Service, the disruption budget and the Deployment select the pods of the template", () => {
  const plan = planGateway(spec);
  const { labels } = plan.deployment.spec.template.metadata;
  for (const selector of [
    plan.service.spec.selector,
    plan.podDisruptionBudget.spec.selector.matchLabels,
    plan.deployment.spec.selector.matchLabels,
  ]) {
    expect(labels).toMatchObject(selector);
  }
});

test("it meets the restricted standard, writes nowhere, and says what it needs", async () => {
  const pod = podOf();
  expect(pod.automountServiceAccountToken).toBe(false);
  expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
  expect(pod.containers[0]?.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
  for (const port of Object.values(gatewayPorts)) expect(port).toBeGreaterThan(1023);
  const { violations } = await judge(requireLimits, "kubernetes:apps/v1:Deployment", planGateway(spec).deployment);
  expect(violations).toEqual([]);
});

test("every volume is mounted, and every mount has its volume", () => {
  const { volumes, containers } = podOf();
  expect(containers[0]?.volumeMounts.map(({ name }) => name).sort()).toEqual(volumes.map(({ name }) => name).sort());
});

test("each node that answers has as many pods as it is to have, and no other node has one", () => {
  const plan = planGateway(spec);
  expect(plan.deployment.spec.replicas).toBe(4);
  expect(podOf().affinity).toEqual({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["one", "two"] }] },
        ],
      },
    },
  });
  expect(podOf().topologySpreadConstraints).toMatchObject([
    { topologyKey: "kubernetes.io/hostname", maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" },
  ]);
});

test("behind a load balancer pods stand anywhere", () => {
  const plan = planGateway({ ...spec, exposure: cloud });
  expect(plan.deployment.spec.replicas).toBe(2);
  expect(plan.deployment.spec.template.spec).not.toHaveProperty("affinity");
});

test.each([
  ["nodes", nodes],
  ["a cloud", cloud],
])("the callers' addresses stay what they are behind %s", (_name, exposure) => {
  expect(serviceOf(exposure).spec.externalTrafficPolicy).toBe("Local");
});

test("nodes listen on the configured ports", () => {
  expect(serviceOf(nodes).spec).toMatchObject({
    type: "NodePort",
    ports: [
      { port: 80, nodePort: 30080, targetPort: gatewayPorts.http },
      { port: 443, nodePort: 30443, targetPort: gatewayPorts.https },
    ],
  });
});

test.each([
  ["cloud-controller", { "service.beta.kubernetes.io/aws-load-balancer-type": "nlb" }, undefined],
  ["auto-mode", { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing" }, "eks.amazonaws.com/nlb"],
] as const)("AWS' %s is asked in its own words, for the configured callers", (by, annotations, loadBalancerClass) => {
  const { metadata, spec: service } = serviceOf({ ...cloud, by });
  expect(metadata).toMatchObject({ annotations });
  expect(service).toMatchObject({ type: "LoadBalancer", loadBalancerSourceRanges: ["192.0.2.0/24"] });
  expect("loadBalancerClass" in service ? service.loadBalancerClass : undefined).toBe(loadBalancerClass);
});

test("another cloud is asked by the Service alone", () => {
  const { metadata, spec: service } = serviceOf({ ...cloud, by: "other" });
  expect(metadata).not.toHaveProperty("annotations");
  expect(service).toMatchObject({ type: "LoadBalancer", loadBalancerSourceRanges: ["192.0.2.0/24"] });
});

test("a pod stops after nobody sends it new connections and the open ones were told to close", () => {
  for (const [exposure, endpoints] of [
    [nodes, 10],
    [cloud, 45],
  ] as const) {
    const pod = podOf({ exposure });
    expect(pod.containers[0]?.lifecycle.preStop.sleep.seconds).toBe(endpoints);
    expect(proxyConfig({ exposure })).toMatchObject({ drainDuration: "15s", terminationDrainDuration: "15s" });
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(endpoints + 15);
  }
});

test("only as many proxies are believed as there are", () => {
  expect(proxyConfig()).not.toHaveProperty("gatewayTopology");
  expect(proxyConfig({ trustedProxies: 2 })).toMatchObject({ gatewayTopology: { numTrustedProxies: 2 } });
});

test("Envoy keeps the statistics of what clients call, and of whom the gateway calls", () => {
  expect(proxyConfig()).toMatchObject({ proxyStatsMatcher: { inclusionRegexps: [callsMade, callsOfClients] } });
});
