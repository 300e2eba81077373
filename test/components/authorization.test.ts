import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import type { MeshPolicy } from "../../components/authorization-plan.ts";
import { Authorization } from "../../components/authorization.ts";
import { record } from "../lib/record.ts";

const policies: readonly MeshPolicy[] = [
  { kind: "PeerAuthentication", metadata: { name: "default", namespace: "root" }, spec: { mtls: { mode: "STRICT" } } },
  { kind: "AuthorizationPolicy", metadata: { name: "default", namespace: "shop" }, spec: {} },
  {
    kind: "RequestAuthentication",
    metadata: { name: "tokens", namespace: "shop" },
    spec: { jwtRules: [{ issuer: "https://login.example" }] },
  },
];

test("makes each policy by itself, after what it needs, and nothing else", async () => {
  const { resources, result } = await record(() => {
    const provider = new Provider("target", {});
    const earlier = new Namespace("earlier", { metadata: { name: "shop" } }, { provider });
    const { ready } = new Authorization("mesh", { policies, after: [earlier] }, { provider, deletedWith: provider });
    return ready.length;
  });
  const made = resources.filter(({ custom, name }) => custom && name.startsWith("mesh"));
  expect(
    made.map(({ type, name, inputs, after, deletedWith }) => ({ type, name, inputs, after, deletedWith })),
  ).toEqual(
    [
      ["mesh-shop-default", 1],
      ["mesh-root-default", 0],
      ["mesh-shop-tokens", 2],
    ].map(([name, index]) => {
      const policy = policies[Number(index)];
      return {
        type: `kubernetes:security.istio.io/v1:${policy?.kind ?? ""}`,
        name,
        inputs: { apiVersion: "security.istio.io/v1", ...policy },
        after: ["kubernetes:core/v1:Namespace::earlier"],
        deletedWith: "pulumi:providers:kubernetes::target",
      };
    }),
  );
  expect(result).toBe(policies.length);
});
