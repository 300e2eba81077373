import fc from "fast-check";
import {
  certManagerHalf,
  certManagerParts,
  type CertManagerSpec,
  planCertManager,
} from "../../components/cert-manager-plan.ts";
import { clusterHalf } from "../../components/cluster/half.ts";
import { coreDnsHalf } from "../../components/coredns-plan.ts";
import { graphOf } from "../../components/connectivity-graph.ts";
import { planPolicies } from "../../components/connectivity-policies.ts";
import { proveConnectivity } from "../../components/connectivity-prover.ts";
import { requireLimits } from "../../policies/qos/require-limits.ts";
import { judge } from "../lib/judge.ts";
import { facts, noDns } from "../lib/stacks.ts";

const images = {
  controller: "registry.example/controller:1",
  webhook: "registry.example/webhook:1",
  cainjector: "registry.example/cainjector:1",
  acmesolver: "registry.example/acmesolver:1",
};
const spec: CertManagerSpec = { images, replicas: 2, racks: true, live: true };
const gateway = { namespace: "edge", name: "public" };
const plan = planCertManager(spec);

/** The configuration file that a part reads. */
const configuration = (of: typeof plan, part: string) =>
  JSON.parse(of.parts.find((one) => one.part === part)?.configMap.data["config.yaml"] ?? "") as Record<string, unknown>;

describe.each(plan.parts)("$part", ({ part, deployment, configMap, podDisruptionBudget, serviceAccount }) => {
  const { template, selector, replicas, strategy } = deployment.spec;
  const pod = template.spec;
  const [container] = pod.containers;

  test("the disruption budget and the Deployment select the pods of the template", () => {
    const { labels } = template.metadata;
    expect(selector.matchLabels).toEqual(labels);
    expect(podDisruptionBudget.spec.selector.matchLabels).toEqual(labels);
    for (const { labelSelector } of pod.topologySpreadConstraints) expect(labelSelector.matchLabels).toEqual(labels);
  });

  test("has its replicas, of which one may be evicted, and none is missing while they are replaced", () => {
    expect(replicas).toBe(2);
    expect(podDisruptionBudget.spec.minAvailable).toBe("50%");
    expect(strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
  });

  test("runs its image with its configuration and its account", () => {
    expect(pod.containers).toHaveLength(1);
    expect([container?.image, pod.serviceAccountName]).toEqual([images[part], serviceAccount.metadata.name]);
    expect(pod.volumes).toEqual([{ name: "config", configMap: { name: configMap.metadata.name } }]);
    const [mount] = container?.volumeMounts ?? [];
    expect(container?.args).toEqual([`--config=${mount?.mountPath ?? ""}/config.yaml`]);
    expect(serviceAccount.automountServiceAccountToken).toBe(false);
  });

  test("meets the restricted Pod Security Standard, with a root file system that nobody writes", () => {
    expect(pod.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  test("has requests and limits", async () => {
    expect(await judge(requireLimits, "kubernetes:apps/v1:Deployment", deployment)).toEqual({ violations: [] });
  });

  test("is probed at a port that it names", () => {
    const probes = [container?.livenessProbe, container && "readinessProbe" in container && container.readinessProbe];
    const named = container?.ports.map(({ name }) => name) ?? [];
    for (const probe of probes) if (probe !== undefined && probe !== false) expect(named).toContain(probe.httpGet.port);
  });
});

test("another configuration is another ConfigMap, and the same is the same", () => {
  const names = (of: typeof plan) => of.parts.map(({ configMap }) => configMap.metadata.name);
  expect(names(planCertManager(spec))).toEqual(names(plan));
  const [controller, ...others] = names(planCertManager({ ...spec, gateway }));
  expect(controller).not.toBe(names(plan)[0]);
  expect(others).toEqual(names(plan).slice(1));
});

test("its controllers lead in turn, by a Lease in their own namespace that they may keep", () => {
  const [controller, , cainjector] = plan.parts;
  for (const [part, lease] of [
    [controller, "cert-manager-controller"],
    [cainjector, "cert-manager-cainjector-leader-election"],
  ] as const) {
    // Upstream elects a leader unless it is told not to (cert-manager.io/docs/reference/api-docs).
    expect(configuration(plan, part?.part ?? "")["leaderElectionConfig"]).toEqual({ namespace: "cert-manager" });
    const leases = part?.rights.namespace.filter(({ resources }) => resources.includes("leases"));
    expect(leases).toEqual([
      expect.objectContaining({ resourceNames: [lease], verbs: ["get", "update", "patch"] }),
      expect.objectContaining({ verbs: ["create"] }),
    ]);
    expect(part?.deployment.spec.replicas).toBe(2);
  }
});

test("only what issues from the platform's issuers runs, and ACME with its routes where there is a Gateway", () => {
  const controllers = (more: object = {}) => configuration(planCertManager({ ...spec, ...more }), "controller");
  expect(controllers()).toEqual({
    apiVersion: "controller.config.cert-manager.io/v1alpha1",
    kind: "ControllerConfiguration",
    leaderElectionConfig: { namespace: "cert-manager" },
    clusterResourceNamespace: "cert-manager",
    controllers: [
      "issuers",
      "clusterissuers",
      "certificates-metrics",
      "certificaterequests-approver",
      "certificaterequests-issuer-ca",
      "certificaterequests-issuer-selfsigned",
      "certificates-trigger",
      "certificates-issuing",
      "certificates-key-manager",
      "certificates-request-manager",
      "certificates-readiness",
      "certificates-revision-manager",
    ],
  });
  expect(controllers({ gateway })).toMatchObject({
    controllers: expect.arrayContaining(["certificaterequests-issuer-acme", "orders", "challenges"]) as unknown,
    gatewayAPI: { enabled: true },
    acmeHTTP01Config: { solverImage: images.acmesolver },
  });
});

test("the webhook answers under the name that the API server calls, with a CA that the injector may read", () => {
  const { metadata, spec: service } = plan.webhookService;
  const { webhooks } = plan;
  const config = configuration(plan, "webhook");
  const ca = { secretNamespace: "cert-manager", secretName: "cert-manager-webhook-ca" };
  expect(config["tlsConfig"]).toEqual({
    minTLSVersion: "VersionTLS13",
    dynamic: { ...ca, dnsNames: [`${metadata.name}.cert-manager.svc`] },
  });
  expect(service.ports).toEqual([{ name: "https", port: 443, targetPort: "https", appProtocol: "https" }]);
  const container = plan.parts[1]?.deployment.spec.template.spec.containers[0];
  expect(container?.ports).toContainEqual({ name: "https", containerPort: config["securePort"] });
  for (const one of [webhooks?.validating, webhooks?.mutating]) {
    expect(one?.metadata.annotations).toEqual({
      "cert-manager.io/inject-ca-from-secret": `${ca.secretNamespace}/${ca.secretName}`,
      "pulumi.com/waitFor": "jsonpath={.webhooks[0].clientConfig.caBundle}",
    });
    expect(one?.webhooks).toMatchObject([
      {
        failurePolicy: "Fail",
        clientConfig: { service: { name: metadata.name, namespace: "cert-manager" } },
      },
    ]);
  }
  expect(configuration(plan, "cainjector")).toMatchObject({ namespace: "cert-manager" });
});

test("nobody is asked on simulated nodes, where nobody would answer", () => {
  expect(planCertManager({ ...spec, live: false }).webhooks).toBeUndefined();
});

describe("its half of the connectivity graph", () => {
  const around = { ...facts, enforcesNetworkPolicy: true };
  const dns = coreDnsHalf(noDns, around);
  const edge = { of: "edge", namespaces: { edge: { closed: "every-pod" as const } } };
  const graph = (more: object = {}) =>
    graphOf(around, [clusterHalf(around), dns, edge, certManagerHalf(around, { closed: "every-pod", ...more })]);
  const edges = (more: object = {}) =>
    graph(more)
      .edges.filter(({ from, to }) => /cert-manager\/|edge\//.test(`${from} ${to}`))
      .map(({ from, to, port }) => `${from} -> ${to} ${port}`)
      .sort();
  const always = [
    "api-server -> cert-manager/webhook https",
    "cert-manager/cainjector -> api-server https",
    "cert-manager/controller -> api-server https",
    "cert-manager/webhook -> api-server https",
  ];

  test("is the API server's calls to the webhook, and their own to it; nothing else goes out or in", () => {
    expect(edges()).toEqual(always);
  });

  test("is the way to the ACME server and back where there is one", () => {
    expect(edges({ gateway })).toEqual(
      [
        ...always,
        "cert-manager/controller -> acme-server http",
        "cert-manager/controller -> acme-server https",
        "cert-manager/controller -> kube-system/coredns dns",
        "cert-manager/controller -> kube-system/coredns dns-tcp",
        "edge/* -> edge/acme-solver http",
      ].sort(),
    );
    const { cidrs, except } = graph({ gateway }).peers["acme-server"] ?? {};
    expect(cidrs).toEqual(["0.0.0.0/0"]);
    expect(except).toEqual(expect.arrayContaining([facts.podCidr, facts.serviceCidr, "169.254.169.254/32"]));
    expect(except).toContain(`${facts.nodes[0]?.address ?? ""}/32`);
  });

  test.each([{}, { gateway }])("is what its policies let through: %j", (more) => {
    expect(proveConnectivity(graph(more), planPolicies(graph(more)))).toEqual([]);
  });

  test("knows the pods by the labels that they carry, and the ports by their names", () => {
    const { workloads } = graph();
    for (const { part, deployment } of plan.parts) {
      const workload = workloads[`cert-manager/${part}`];
      expect(workload?.labels).toEqual(deployment.spec.template.metadata.labels);
      const listens = deployment.spec.template.spec.containers[0]?.ports ?? [];
      for (const [name, { port }] of Object.entries(workload?.ports ?? {})) {
        expect(listens).toContainEqual({ name, containerPort: port });
      }
    }
    expect(workloads["cert-manager/controller"]?.ports).toEqual({ metrics: { port: 9402 } });
  });
});

test("any number of replicas can be drained one by one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), (replicas) => {
      for (const { deployment, podDisruptionBudget } of planCertManager({ ...spec, replicas }).parts) {
        const stay = Math.ceil((deployment.spec.replicas * parseInt(podDisruptionBudget.spec.minAvailable, 10)) / 100);
        expect(deployment.spec.replicas - stay).toBe(1);
      }
    }),
  );
  expect(certManagerParts).toHaveLength(plan.parts.length);
});
