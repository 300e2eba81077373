import { createCluster } from "../../../components/cluster/index.ts";
import { record, secret } from "../../lib/record.ts";
import { clusterId, facts, kubeconfig } from "../../lib/stacks.ts";

const there = { kubeconfig: kubeconfig(), id: clusterId, facts };
const embedded = { kind: "embedded", ...there } as const;
const existing = { kind: "existing", context: "lab", ...there } as const;

test.each([
  ["embedded", embedded, {}],
  ["existing", existing, { context: "lab" }],
])("%s: one provider, replaced only by another cluster, and its kubeconfig a secret", async (_, config, own) => {
  const { resources, result } = await record(() => createCluster(config));
  expect(result).toEqual({ id: clusterId, facts, provider: result.provider });
  expect(resources.map(({ type, name, inputs }) => [type, name, inputs])).toEqual([
    [
      "pulumi:providers:kubernetes",
      "cluster-provider",
      {
        kubeconfig: secret,
        clusterIdentifier: clusterId,
        enableSecretMutable: "true",
        kubeClientSettings: '{"qps":200,"burst":400}',
        ...own,
      },
    ],
    ["quintet:index:ClusterAccess", "cluster", {}],
  ]);
});
