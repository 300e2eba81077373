import { parse } from "yaml";
import { clusterHalf } from "../../components/cluster/half.ts";
import { graphOf } from "../../components/connectivity-graph.ts";
import { planPolicies } from "../../components/connectivity-policies.ts";
import { proveConnectivity } from "../../components/connectivity-prover.ts";
import { discoveryAddress, revisionOf } from "../../components/istio-names.ts";
import { istioHalf, type IstioSpec, meshLabels, planIstio } from "../../components/istio-plan.ts";
import { planIstiod } from "../../components/istiod-plan.ts";
import { podSecurityLabels } from "../../components/namespace.ts";
import { callsMade } from "../../components/proxy-statistics.ts";
import { requireLimits } from "../../policies/qos/require-limits.ts";
import { versions } from "../../versions.ts";
import { judge } from "../lib/judge.ts";
import { facts, meshDefinitions } from "../lib/stacks.ts";

const spec = {
  revisions: [
    { name: "1-2-3", images: { pilot: "registry.example/pilot:1.2.3", proxy: "registry.example/proxy:1.2.3" } },
  ],
  current: "1-2-3",
  replicas: { min: 2, max: 2 },
  racks: true,
  live: true,
  clusterDomain: "cluster.local",
  imageSource: "mirror",
  namespaces: ["edge", "backend"],
  definitions: meshDefinitions,
  sidecars: {
    guaranteed: { cpu: "200m", memory: "100Mi" },
    burstable: { requests: { cpu: "20m", memory: "50Mi" }, limits: { cpu: "1", memory: "200Mi" } },
  },
} as const satisfies IstioSpec;
const [revision] = spec.revisions;
const shared = planIstio(spec);
const planOf = (more: Partial<IstioSpec> = {}) => planIstiod(revision, { ...spec, ...more });
const plan = planOf();
const validators = [...plan.webhooks.validators, ...shared.webhooks.validators];
const injectors = [...plan.webhooks.injectors, ...shared.webhooks.injectors];
const pod = plan.deployment.spec.template.spec;
const [container] = pod.containers;
const mesh = (more: Partial<IstioSpec> = {}) =>
  parse(planOf(more).configMap.data.mesh, { version: "1.1" }) as Record<string, unknown>;
const environment = (more: Partial<IstioSpec> = {}) =>
  Object.fromEntries(
    (planOf(more).deployment.spec.template.spec.containers[0]?.env ?? []).flatMap((one) =>
      "value" in one ? [[one.name, one.value]] : [],
    ),
  ) as Record<string, string>;

test("a revision is a label's value", () => {
  expect(revisionOf(versions.istio)).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
});

test("the Service, the disruption budget and the Deployment select the pods of the template", () => {
  const { labels } = plan.deployment.spec.template.metadata;
  expect(plan.service.spec.selector).toEqual(labels);
  expect(plan.podDisruptionBudget.spec.selector.matchLabels).toEqual(labels);
  expect(plan.deployment.spec.selector.matchLabels).toEqual(labels);
  expect(labels["istio.io/rev"]).toBe(environment()["REVISION"]);
});

test("every port of the Service is one of the container, and proxies find theirs", () => {
  const names = container?.ports.map(({ name }) => name);
  for (const { targetPort } of plan.service.spec.ports) expect(names).toContain(targetPort);
  const xds = plan.service.spec.ports.find(({ targetPort }) => targetPort === "tls-xds");
  expect(discoveryAddress(revision.name)).toBe(
    `${plan.service.metadata.name}.istio-system.svc:${String(xds?.port ?? "")}`,
  );
});

test("it meets the restricted standard, writes nowhere, and says what it needs", async () => {
  expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
  expect(container?.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
  const { violations } = await judge(requireLimits, "kubernetes:apps/v1:Deployment", plan.deployment);
  expect(violations).toEqual([]);
});

test("what upstream's Envoy lacks is turned off where a mirror has it, and left on elsewhere", () => {
  const lacking = { PILOT_ENABLE_ALPN_FILTER: "false", PILOT_ENABLE_METADATA_EXCHANGE: "false" };
  expect(environment({ imageSource: "mirror" })).toMatchObject(lacking);
  const official = environment({ imageSource: "registry" });
  expect(Object.keys(official).filter((name) => Object.hasOwn(lacking, name))).toEqual([]);
});

test("it makes nothing by itself, and listens on no plain-text port for proxies", () => {
  expect(environment()).toMatchObject({
    PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER: "false",
    PILOT_ENABLE_GATEWAY_API_GATEWAYCLASS_CONTROLLER: "false",
  });
  expect(container?.args).toContain("--grpcAddr=");
});

test("what istiod reads as YAML 1.1 is what is meant: a bare OFF would be a boolean, and the whole file be refused", () => {
  expect(mesh()["ingressControllerMode"]).toBe("OFF");
});

test("istiod is started anew when Ingresses are switched on or off, since it looks at that only once", () => {
  const podOf = (more: Partial<IstioSpec> = {}) => JSON.stringify(planOf(more).deployment.spec.template);
  expect(podOf({ ingressGateway: "edge" })).not.toBe(podOf());
  expect(podOf({ namespaces: ["other"] })).toBe(podOf());
});

test("a Deployment has a number of pods, or an autoscaler that owns it", () => {
  expect(plan.deployment.spec).toMatchObject({ replicas: 2 });
  expect(plan.horizontalPodAutoscaler).toBeUndefined();
  const scaled = planOf({ replicas: { min: 2, max: 5 } });
  expect(scaled.deployment.spec).not.toHaveProperty("replicas");
  expect(scaled.horizontalPodAutoscaler?.spec).toMatchObject({
    minReplicas: 2,
    maxReplicas: 5,
    scaleTargetRef: { name: scaled.deployment.metadata.name },
  });
});

describe("a second revision", () => {
  const other = { ...revision, name: "next" };
  const both = planIstio({ ...spec, revisions: [revision, other], current: "next" });

  test("shares no name with the first", () => {
    const names = both.revisions.map((one) => [
      `Deployment ${one.deployment.metadata.name}`,
      ...[one.configMap, one.injectorConfigMap].map(({ metadata }) => `ConfigMap ${metadata.name}`),
      ...one.webhooks.validators.map(({ manifest }) => `validator ${manifest.metadata.name}`),
      ...one.webhooks.injectors.map(({ manifest }) => `injector ${manifest.metadata.name}`),
    ]);
    expect(new Set(names.flat()).size).toBe(names.flat().length);
    const [first, second] = both.revisions;
    expect(first?.service.spec.selector).not.toEqual(second?.service.spec.selector);
  });

  test("is asked for namespaces that name the tag, and for objects without a revision, when it serves", () => {
    for (const { manifest } of [...both.webhooks.injectors, ...both.webhooks.validators]) {
      expect(manifest.metadata.labels["istio.io/rev"]).toBe("next");
      expect(manifest.webhooks[0]?.clientConfig.service.name).toBe("istiod-next");
    }
    const own = both.revisions[0]?.webhooks.injectors[0]?.manifest;
    expect(own?.webhooks[0]?.clientConfig.service.name).toBe("istiod-1-2-3");
  });

  test("may write its CA where it takes over", () => {
    for (const { rights } of both.revisions) {
      const named = rights.cluster.flatMap(({ resourceNames = [] }) => resourceNames);
      for (const { manifest } of [...both.webhooks.injectors, ...both.webhooks.validators]) {
        expect(named).toContain(manifest.metadata.name);
      }
    }
  });
});

test("it looks at its own namespace and those that take part, and at no other", () => {
  expect(mesh()["discoverySelectors"]).toEqual([
    {
      matchExpressions: [
        { key: "kubernetes.io/metadata.name", operator: "In", values: ["backend", "edge", "istio-system"] },
      ],
    },
  ]);
});

test("where requests are followed, it knows Jaeger, and proxies are told of it", () => {
  expect(mesh()).not.toHaveProperty("extensionProviders");
  expect(mesh({ traced: true })).toMatchObject({
    enableTracing: true,
    extensionProviders: [{ name: "jaeger", zipkin: { service: "jaeger.tracing.svc.cluster.local", port: 9411 } }],
  });
  expect(JSON.stringify(mesh({ traced: true })["discoverySelectors"])).toContain('"tracing"');
});

test("classic Ingresses are served when a gateway is named for them", () => {
  expect(mesh()).toMatchObject({ ingressControllerMode: "OFF" });
  expect(shared.ingressClass).toBeUndefined();
  expect(mesh({ ingressGateway: "edge" })).toMatchObject({
    ingressControllerMode: "STRICT",
    ingressClass: "istio",
    ingressSelector: "edge",
  });
  expect(planIstio({ ...spec, ingressGateway: "edge" }).ingressClass).toMatchObject({
    metadata: { name: "istio" },
    spec: { controller: "istio.io/ingress-controller" },
  });
});

describe("its webhook", () => {
  test("is asked about each object by one configuration, and refuses when it cannot answer", () => {
    expect(validators.map(({ manifest }) => manifest.webhooks[0]?.objectSelector.matchExpressions)).toEqual([
      [{ key: "istio.io/rev", operator: "In", values: ["1-2-3"] }],
      [{ key: "istio.io/rev", operator: "DoesNotExist" }],
    ]);
    for (const { manifest } of validators) {
      expect(manifest.webhooks).toMatchObject([
        {
          failurePolicy: "Fail",
          clientConfig: { service: { name: plan.service.metadata.name, namespace: "istio-system" } },
        },
      ]);
      expect(plan.service.spec.ports.some(({ port }) => port === 443)).toBe(true);
    }
  });

  test("is waited for until the API server can trust it", () => {
    for (const { manifest } of validators) {
      expect(manifest.metadata.annotations).toEqual({
        "pulumi.com/waitFor": "jsonpath={.webhooks[0].clientConfig.caBundle}",
      });
      expect(manifest.metadata.labels["istio.io/rev"]).toBe("1-2-3"); // by this label istiod finds them
    }
  });

  test("is not there on simulated nodes, where nobody would answer", () => {
    const simulated = planIstio({ ...spec, live: false });
    expect(planOf({ live: false }).webhooks.validators).toEqual([]);
    expect(simulated.webhooks.validators).toEqual([]);
    expect(simulated.gatewayClass.metadata).not.toHaveProperty("annotations");
  });
});

describe("its webhook that injects", () => {
  test("is asked about pods of namespaces that name the revision or the tag, and of no other", () => {
    expect(injectors.map(({ manifest }) => manifest.webhooks[0]?.namespaceSelector.matchExpressions)).toEqual([
      [{ key: "istio.io/rev", operator: "In", values: ["1-2-3"] }],
      [{ key: "istio.io/rev", operator: "In", values: [meshLabels["istio.io/rev"]] }],
    ]);
    expect(Object.values(podSecurityLabels({ kubernetesMinor: "1.36" }))).not.toContain(meshLabels["istio.io/rev"]);
  });

  test("lets no pod of theirs start without a sidecar, unless the pod says so itself", () => {
    for (const { manifest } of injectors) {
      expect(manifest.webhooks).toMatchObject([
        {
          failurePolicy: "Fail",
          clientConfig: { service: { name: plan.service.metadata.name, namespace: "istio-system", path: "/inject" } },
          rules: [{ resources: ["pods"], operations: ["CREATE"] }],
          objectSelector: {
            matchExpressions: [{ key: "sidecar.istio.io/inject", operator: "NotIn", values: ["false"] }],
          },
        },
      ]);
    }
  });

  test("is waited for until the API server can trust it, and found by istiod", () => {
    for (const { manifest } of injectors) {
      expect(manifest.metadata.annotations).toEqual({
        "pulumi.com/waitFor": "jsonpath={.webhooks[0].clientConfig.caBundle}",
      });
      expect(manifest.metadata.labels["istio.io/rev"]).toBe("1-2-3");
    }
  });

  test("is not there on simulated nodes", () => {
    expect(planOf({ live: false }).webhooks.injectors).toEqual([]);
    expect(planIstio({ ...spec, live: false }).webhooks.injectors).toEqual([]);
  });

  test("has its template in the ConfigMap of its revision", () => {
    expect(plan.injectorConfigMap.metadata.name).toBe("istio-sidecar-injector-1-2-3");
    expect(plan.injectorConfigMap.data.config).toContain(revision.images.proxy);
  });
});

test("pods of the mesh call what is declared and nobody else", () => {
  expect(mesh()).toMatchObject({ outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } });
});

test("Envoy keeps the statistics of a pod's calls by whom they go to", () => {
  expect(mesh()).toMatchObject({ defaultConfig: { proxyStatsMatcher: { inclusionRegexps: [callsMade] } } });
});

describe("its rights", () => {
  const rules = plan.rights.cluster;
  const may = (group: string, resource: string) =>
    rules
      .filter(({ apiGroups, resources }) => apiGroups.includes(group) && resources.includes(resource))
      .flatMap(({ verbs, resourceNames }) =>
        verbs.map((verb) => `${verb}${resourceNames === undefined ? "" : " some"}`),
      )
      .sort();

  test("reach to no wildcard", () => {
    for (const { apiGroups, resources, verbs } of [...rules, ...plan.rights.namespace]) {
      expect([...apiGroups, ...resources, ...verbs]).not.toContain("*");
    }
  });

  test("let it read every kind that there is, and report on those of the Gateway API", () => {
    for (const { spec: definition } of meshDefinitions) {
      expect(may(definition.group, definition.names.plural)).toEqual(["get", "list", "watch"]);
    }
    expect(may("gateway.networking.k8s.io", "httproutes/status")).toEqual(["patch", "update"]);
    expect(may("networking.istio.io", "envoyfilters/status")).toEqual([]);
  });

  test("let it make no workload, and change no webhook but its own", () => {
    expect(may("apps", "deployments")).toEqual([]);
    expect(may("", "services")).toEqual(["get", "list", "watch"]);
    expect(may("", "secrets")).toEqual(["get", "list", "watch"]);
    expect(may("admissionregistration.k8s.io", "validatingwebhookconfigurations")).toEqual([
      "get",
      "list",
      "update some",
      "watch",
    ]);
    for (const [resource, configurations] of Object.entries({
      mutatingwebhookconfigurations: injectors,
      validatingwebhookconfigurations: validators,
    })) {
      const own = rules.find(({ resources, verbs }) => resources.includes(resource) && verbs.includes("update"));
      expect(own?.resourceNames).toEqual(configurations.map(({ manifest }) => manifest.metadata.name));
    }
  });

  test("reach to the status of Ingresses only when those are served; read they always are", () => {
    for (const plural of ["ingresses", "ingressclasses"]) {
      expect(may("networking.k8s.io", plural)).toEqual(["get", "list", "watch"]);
    }
    expect(may("networking.k8s.io", "ingresses/status")).toEqual([]);
    const serving = planOf({ ingressGateway: "edge" }).rights.cluster;
    expect(serving.flatMap(({ resources }) => resources)).toContain("ingresses/status");
  });
});

test("its half of the connectivity graph lets in the API server alone, and out to it alone", () => {
  const around = { ...facts, enforcesNetworkPolicy: true };
  const graph = graphOf(around, [clusterHalf(around), istioHalf(revision, { closed: "every-pod" })]);
  expect(graph.edges.map(({ from, to, port }) => `${from} -> ${to} ${port}`)).toEqual([
    "istio-system/istiod -> api-server https",
    "api-server -> istio-system/istiod webhooks",
  ]);
  const policies = planPolicies(graph);
  expect(proveConnectivity(graph, policies)).toEqual([]);
  const [workload] = istioHalf(revision, { closed: "every-pod" }).workloads ?? [];
  expect(workload?.labels).toEqual(plan.deployment.spec.template.metadata.labels);
});
