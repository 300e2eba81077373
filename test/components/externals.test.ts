import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import type { ExternalsPlan } from "../../components/externals-plan.ts";
import { Externals } from "../../components/externals.ts";
import { record } from "../lib/record.ts";

const plan: ExternalsPlan = {
  serviceEntries: [
    {
      metadata: { name: "search", namespace: "root" },
      spec: {
        hosts: ["search.example"],
        ports: [{ number: 443, name: "https-443", protocol: "HTTPS" }],
        location: "MESH_EXTERNAL",
        resolution: "DNS",
        exportTo: ["shop"],
      },
    },
  ],
  sidecars: [{ metadata: { name: "default", namespace: "shop" }, spec: { egress: [{ hosts: ["./*"] }] } }],
};

test("no proxy gets an external before what keeps it from others, and nothing else is made", async () => {
  const { resources, result } = await record(() => {
    const provider = new Provider("target", {});
    const earlier = new Namespace("earlier", { metadata: { name: "shop" } }, { provider });
    const { ready } = new Externals("externals", { plan, after: [earlier] }, { provider, deletedWith: provider });
    return ready.length;
  });
  const made = resources.filter(({ custom, name }) => custom && name.startsWith("externals"));
  const [entry] = plan.serviceEntries;
  const [sidecar] = plan.sidecars;
  const earlier = "kubernetes:core/v1:Namespace::earlier";
  expect(
    made.map(({ type, name, inputs, after, deletedWith }) => ({ type, name, inputs, after, deletedWith })),
  ).toEqual([
    {
      type: "kubernetes:networking.istio.io/v1:ServiceEntry",
      name: "externals-search",
      inputs: { apiVersion: "networking.istio.io/v1", kind: "ServiceEntry", ...entry },
      after: [earlier, "kubernetes:networking.istio.io/v1:Sidecar::externals-shop-default"],
      deletedWith: "pulumi:providers:kubernetes::target",
    },
    {
      type: "kubernetes:networking.istio.io/v1:Sidecar",
      name: "externals-shop-default",
      inputs: { apiVersion: "networking.istio.io/v1", kind: "Sidecar", ...sidecar },
      after: [earlier],
      deletedWith: "pulumi:providers:kubernetes::target",
    },
  ]);
  expect(result).toBe(2);
});
