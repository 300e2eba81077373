import { createCluster } from "../../../components/cluster/index.ts";
import { record, secret } from "../../lib/record.ts";
import { facts, kubeconfig } from "../../lib/stacks.ts";

const embedded = { kind: "embedded", kubeconfig: kubeconfig(), kubeconfigFile: "/cache/kubeconfig" } as const;
const existing = { kind: "existing", kubeconfig: "apiVersion: v1", context: "lab", facts } as const;

test.each([
  ["embedded", embedded, {}],
  ["existing", existing, { context: "lab" }],
])("%s: one provider, replaced only by another cluster, and its kubeconfig a secret", async (_, config, own) => {
  const { resources, result } = await record(() => createCluster(config));
  expect(result.facts).toEqual(facts);
  expect(resources.map(({ type, name, inputs }) => [type, name, inputs])).toEqual([
    [
      "pulumi:providers:kubernetes",
      "cluster-provider",
      { kubeconfig: secret, clusterIdentifier: facts.id, kubeClientSettings: '{"qps":200,"burst":400}', ...own },
    ],
    ["quintet:index:ClusterAccess", "cluster", {}],
  ]);
});
