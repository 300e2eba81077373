import { parse } from "yaml";
import { clusterHalf } from "../../components/cluster/half.ts";
import { graphOf } from "../../components/connectivity-graph.ts";
import { planPolicies } from "../../components/connectivity-policies.ts";
import { proveConnectivity } from "../../components/connectivity-prover.ts";
import { discoveryAddress, revisionOf } from "../../components/istio-names.ts";
import { istioHalf, type IstioSpec, meshLabels, planIstio } from "../../components/istio-plan.ts";
import { podSecurityLabels } from "../../components/namespace.ts";
import { requireLimits } from "../../policies/qos/require-limits.ts";
import { versions } from "../../versions.ts";
import { judge } from "../lib/judge.ts";
import { facts, meshDefinitions } from "../lib/stacks.ts";

const spec: IstioSpec = {
  version: "1.2.3",
  image: "registry.example/pilot:1.2.3",
  replicas: 2,
  racks: true,
  live: true,
  clusterDomain: "cluster.local",
  imageSource: "mirror",
  namespaces: ["edge", "backend"],
  definitions: meshDefinitions,
  sidecars: {
    image: "registry.example/proxy:1.2.3",
    guaranteed: { cpu: "200m", memory: "100Mi" },
    burstable: { requests: { cpu: "20m", memory: "50Mi" }, limits: { cpu: "1", memory: "200Mi" } },
  },
};
const plan = planIstio(spec);
const pod = plan.deployment.spec.template.spec;
const [container] = pod.containers;
const mesh = (more: Partial<IstioSpec> = {}) =>
  parse(planIstio({ ...spec, ...more }).configMap.data.mesh) as Record<string, unknown>;
const environment = (more: Partial<IstioSpec> = {}) =>
  Object.fromEntries(
    (planIstio({ ...spec, ...more }).deployment.spec.template.spec.containers[0]?.env ?? []).flatMap((one) =>
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
  expect(discoveryAddress(spec.version)).toBe(
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

test("it looks at its own namespace and those that take part, and at no other", () => {
  expect(mesh()["discoverySelectors"]).toEqual([
    {
      matchExpressions: [
        { key: "kubernetes.io/metadata.name", operator: "In", values: ["backend", "edge", "istio-system"] },
      ],
    },
  ]);
});

test("classic Ingresses are served when a gateway is named for them", () => {
  expect(mesh()).toMatchObject({ ingressControllerMode: "OFF" });
  expect(plan.ingressClass).toBeUndefined();
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
    expect(plan.webhooks.map(({ manifest }) => manifest.webhooks[0]?.objectSelector.matchExpressions)).toEqual([
      [{ key: "istio.io/rev", operator: "In", values: ["1-2-3"] }],
      [{ key: "istio.io/rev", operator: "DoesNotExist" }],
    ]);
    for (const { manifest } of plan.webhooks) {
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
    for (const { manifest } of plan.webhooks) {
      expect(manifest.metadata.annotations).toEqual({
        "pulumi.com/waitFor": "jsonpath={.webhooks[0].clientConfig.caBundle}",
      });
      expect(manifest.metadata.labels["istio.io/rev"]).toBe("1-2-3"); // by this label istiod finds them
    }
  });

  test("is not there on simulated nodes, where nobody would answer", () => {
    const simulated = planIstio({ ...spec, live: false });
    expect(simulated.webhooks).toEqual([]);
    expect(simulated.gatewayClass.metadata).not.toHaveProperty("annotations");
  });
});

describe("its webhook that injects", () => {
  test("is asked about pods of namespaces that name the revision or the tag, and of no other", () => {
    expect(plan.injectors.map(({ manifest }) => manifest.webhooks[0]?.namespaceSelector.matchExpressions)).toEqual([
      [{ key: "istio.io/rev", operator: "In", values: ["1-2-3"] }],
      [{ key: "istio.io/rev", operator: "In", values: [meshLabels["istio.io/rev"]] }],
    ]);
    expect(Object.values(podSecurityLabels({ kubernetesMinor: "1.36" }))).not.toContain(meshLabels["istio.io/rev"]);
  });

  test("lets no pod of theirs start without a sidecar, unless the pod says so itself", () => {
    for (const { manifest } of plan.injectors) {
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
    for (const { manifest } of plan.injectors) {
      expect(manifest.metadata.annotations).toEqual({
        "pulumi.com/waitFor": "jsonpath={.webhooks[0].clientConfig.caBundle}",
      });
      expect(manifest.metadata.labels["istio.io/rev"]).toBe("1-2-3");
    }
  });

  test("is not there on simulated nodes", () => {
    expect(planIstio({ ...spec, live: false }).injectors).toEqual([]);
  });

  test("has its template in the ConfigMap of its revision", () => {
    expect(plan.injectorConfigMap.metadata.name).toBe("istio-sidecar-injector-1-2-3");
    expect(plan.injectorConfigMap.data.config).toContain(spec.sidecars.image);
  });
});

test("pods of the mesh call what is declared and nobody else", () => {
  expect(mesh()).toMatchObject({ outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } });
});

test("Envoy keeps the statistics of a pod's calls by whom they go to", () => {
  const { defaultConfig } = mesh() as { defaultConfig: { proxyStatsMatcher: { inclusionRegexps: string[] } } };
  const kept = (name: string) =>
    defaultConfig.proxyStatsMatcher.inclusionRegexps.some((one) => new RegExp(`^(?:${one})$`).test(name));
  const cluster = "cluster.outbound|80|v2|catalog.bookstore.svc.cluster.local;";
  for (const one of ["upstream_rq_2xx", "upstream_rq_503", "upstream_rq_time", "upstream_rq_total"]) {
    expect(kept(`${cluster}.${one}`)).toBe(true);
  }
  expect(kept(`${cluster}.upstream_cx_total`)).toBe(false);
  expect(kept("cluster.xds-grpc.upstream_rq_total")).toBe(false);
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
      mutatingwebhookconfigurations: plan.injectors,
      validatingwebhookconfigurations: plan.webhooks,
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
    const serving = planIstio({ ...spec, ingressGateway: "edge" }).rights.cluster;
    expect(serving.flatMap(({ resources }) => resources)).toContain("ingresses/status");
  });
});

test("its half of the connectivity graph lets in the API server alone, and out to it alone", () => {
  const around = { ...facts, enforcesNetworkPolicy: true };
  const graph = graphOf(around, [clusterHalf(around), istioHalf(spec, { closed: "every-pod" })]);
  expect(graph.edges.map(({ from, to, port }) => `${from} -> ${to} ${port}`)).toEqual([
    "istio-system/istiod -> api-server https",
    "api-server -> istio-system/istiod webhooks",
  ]);
  const policies = planPolicies(graph);
  expect(proveConnectivity(graph, policies)).toEqual([]);
  const [workload] = istioHalf(spec, { closed: "every-pod" }).workloads ?? [];
  expect(workload?.labels).toEqual(plan.deployment.spec.template.metadata.labels);
});
