import { createCluster } from "../../../components/cluster/index.ts";
import { output } from "@pulumi/pulumi";
import { record, secret, valueOf } from "../../lib/record.ts";
import { clusterId, facts, kubeconfig } from "../../lib/stacks.ts";

const there = { kubeconfig: kubeconfig(), id: clusterId, facts };
const embedded = { kind: "embedded", ...there } as const;
const policy = { namespace: "kube-system", name: "allow-coredns", spec: { podSelector: {} } };
const existing = { kind: "existing", context: "lab", ...there } as const;

test.each([
  ["embedded", embedded, {}],
  ["existing", existing, { context: "lab" }],
])("%s: one provider, replaced only by another cluster, and its kubeconfig a secret", async (_, config, own) => {
  const { resources, result } = await record(() =>
    createCluster(config, [policy, { ...policy, namespace: "shop" }], "acme/quintet/dev"),
  );
  const { provider, systemNamespace, ...rest } = result;
  expect(rest).toEqual({ id: clusterId, facts });
  expect(await valueOf(output(systemNamespace))).toBe("kube-system");
  expect(provider).toBeDefined();
  expect(resources.map(({ type, name, inputs }) => [type, name, inputs])).toEqual([
    [
      "pulumi:providers:kubernetes",
      "cluster-provider",
      {
        kubeconfig: secret,
        clusterIdentifier: clusterId,
        enableConfigMapMutable: "true",
        enableSecretMutable: "true",
        kubeClientSettings: '{"qps":200,"burst":400}',
        ...own,
      },
    ],
    ["quintet:index:ClusterAccess", "cluster", {}],
    [
      "kubernetes:networking.k8s.io/v1:NetworkPolicy",
      "kube-system-allow-coredns",
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: {
          name: "allow-coredns",
          namespace: "kube-system",
          annotations: { "quintet.dev/stack": "acme/quintet/dev" },
        },
        spec: { podSelector: {} },
      },
    ],
    ["quintet:index:Connectivity", "kube-system", {}],
  ]);
});
