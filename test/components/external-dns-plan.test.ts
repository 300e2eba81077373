import { clusterHalf } from "../../components/cluster/half.ts";
import { graphOf } from "../../components/connectivity-graph.ts";
import { planPolicies } from "../../components/connectivity-policies.ts";
import { proveConnectivity } from "../../components/connectivity-prover.ts";
import { coreDnsHalf } from "../../components/coredns-plan.ts";
import { externalDnsHalf, planExternalDns } from "../../components/external-dns-plan.ts";
import { requireLimits } from "../../policies/qos/require-limits.ts";
import { judge } from "../lib/judge.ts";
import { facts, noDns } from "../lib/stacks.ts";

const zone = { provider: "aws", id: "Z0123456789EXAMPLE", domain: "shop.example", region: "eu-central-1" } as const;
const { deployment, rights } = planExternalDns({ zone, recordsOwner: "acme/quintet/prod" });
const [container] = deployment.spec.template.spec.containers;

test("it keeps the names of the gateway's load balancer in one zone, and touches no record of others", () => {
  expect(container?.args).toEqual(
    expect.arrayContaining([
      "--provider=aws",
      "--zone-id-filter=Z0123456789EXAMPLE",
      "--domain-filter=shop.example",
      "--namespace=istio-ingress",
      "--service-type-filter=LoadBalancer",
      "--registry=txt",
      "--txt-owner-id=acme/quintet/prod",
      "--policy=sync",
    ]),
  );
  expect(container?.env).toEqual([{ name: "AWS_REGION", value: "eu-central-1" }]);
});

test("two never run at a time, and neither writes anything in the cluster", () => {
  expect(deployment.spec).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
  expect(rights.namespace).toEqual([]);
  expect(new Set(rights.cluster.flatMap(({ verbs }) => verbs))).toEqual(new Set(["get", "list", "watch"]));
});

test("its pods have limits", async () => {
  const { violations } = await judge(requireLimits, "kubernetes:apps/v1:Deployment", deployment);
  expect(violations).toEqual([]);
});

test("its half of the connectivity graph is the ways that it needs, and none to the keys of instances", () => {
  const around = { ...facts, enforcesNetworkPolicy: true };
  const identity = {
    of: "eks",
    peers: { "pod-identity": { cidrs: ["169.254.170.23/32"], ports: { http: { port: 80 } } } },
  };
  const half = externalDnsHalf(around, { closed: "every-pod" });
  const graph = graphOf(around, [clusterHalf(around), coreDnsHalf(noDns, around), identity, half]);
  expect(half.edges?.map(({ from, to, port }) => `${from} -> ${to} ${port}`)).toEqual([
    "external-dns/external-dns -> api-server https",
    "external-dns/external-dns -> kube-system/coredns dns",
    "external-dns/external-dns -> kube-system/coredns dns-tcp",
    "external-dns/external-dns -> dns-api https",
    "external-dns/external-dns -> pod-identity http",
  ]);
  expect(half.peers?.["dns-api"]?.except).toContain("169.254.169.254/32");
  expect(proveConnectivity(graph, planPolicies(graph))).toEqual([]);
  const [workload] = half.workloads ?? [];
  expect(workload?.labels).toEqual(deployment.spec.template.metadata.labels);
});
