import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import { Connectivity } from "../../components/connectivity.ts";
import { record, valueOf } from "../lib/record.ts";

const policies = [
  { name: "allow-web", spec: { podSelector: { matchLabels: { app: "web" } }, ingress: [{ ports: [{ port: 80 }] }] } },
  { name: "default", spec: { podSelector: {}, policyTypes: ["Ingress" as const, "Egress" as const] } },
];
const target = "pulumi:providers:kubernetes::target";

/** The policies of a namespace, and a pod's configuration that is handed its name. */
const run = (given: typeof policies, preview = false) =>
  record(
    () => {
      const cluster = new Provider("target", {});
      const { namespace } = new Connectivity(
        "shop",
        { namespace: "shop", policies: given },
        { provider: cluster, deletedWith: cluster },
      );
      new ConfigMap("pod", { metadata: { namespace } });
      return namespace;
    },
    { preview },
  );

test("makes each policy in its namespace, and nothing else", async () => {
  const { resources, result } = await run(policies);
  const made = resources.filter(({ name, custom }) => custom && name.startsWith("shop"));
  expect(made.map(({ type, name, inputs, ...rest }) => [type, name, inputs, rest.provider, rest.deletedWith])).toEqual(
    policies.map(({ name, spec }) => [
      "kubernetes:networking.k8s.io/v1:NetworkPolicy",
      `shop-${name}`,
      { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace: "shop" }, spec },
      target,
      target,
    ]),
  );
  expect(await valueOf(result)).toBe("shop");
});

test.each([false, true])(
  "what is handed the namespace comes after all of its policies (preview: %s)",
  async (preview) => {
    const { resources, result } = await run(policies, preview);
    expect(resources.find(({ name }) => name === "pod")?.after).toEqual(
      policies.map(({ name }) => `kubernetes:networking.k8s.io/v1:NetworkPolicy::shop-${name}`),
    );
    expect(await valueOf(result)).toBe("shop");
  },
);

test("a namespace without policies has its name all the same", async () => {
  expect(await valueOf((await run([])).result)).toBe("shop");
});
