import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import type { MeshService } from "../../components/mesh-service.ts";
import { planTraffic } from "../../components/traffic-plan.ts";
import { serviceTraffic } from "../../components/traffic-schema.ts";
import { Traffic } from "../../components/traffic.ts";
import { parseConfig } from "../../config.ts";
import { createPlatform } from "../../platform.ts";
import { fixtures } from "../lib/fixtures.ts";
import { record } from "../lib/record.ts";
import { host } from "../lib/stacks.ts";

const service: MeshService = {
  namespace: "bookstore",
  name: "catalog",
  port: 80,
  versions: { v1: { app: "catalog", version: "v1" }, v2: { app: "catalog", version: "v2" } },
};
const make = async (of: MeshService, wanted: object) => {
  const spec = { service: of, traffic: serviceTraffic.parse(wanted), clusterDomain: "cluster.local" };
  const { resources } = await record(() => {
    const provider = new Provider("target", {});
    const earlier = new Namespace("earlier", { metadata: { name: "earlier" } }, { provider });
    return new Traffic("traffic-bookstore/catalog", { ...spec, after: [earlier] }, { provider });
  });
  const made = resources.filter(({ type, custom, name }) => custom && type.includes("istio") && name !== "earlier");
  return { plan: planTraffic(spec), made };
};
const earlier = "kubernetes:core/v1:Namespace::earlier";
const sent = (manifest: object) => JSON.parse(JSON.stringify(manifest)) as object;

test("applies the plan's manifests, and nothing else; subsets are there before routes to them", async () => {
  const { plan, made } = await make(service, { weights: { v1: 90, v2: 10 }, rateLimit: { requestsPerSecond: 5 } });
  const [destinationRule, virtualService, rateLimit] = made;
  expect(made).toHaveLength(3);
  expect(destinationRule).toMatchObject({
    name: "traffic-bookstore/catalog-destination-rule",
    inputs: {
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      ...sent(plan.destinationRule),
    },
    after: [earlier],
  });
  expect(virtualService).toMatchObject({
    name: "traffic-bookstore/catalog-virtual-service",
    inputs: { apiVersion: "networking.istio.io/v1", kind: "VirtualService", ...sent(plan.virtualService ?? {}) },
    after: ["kubernetes:networking.istio.io/v1:DestinationRule::traffic-bookstore/catalog-destination-rule"],
  });
  expect(rateLimit).toMatchObject({
    name: "traffic-bookstore/catalog-rate-limit",
    inputs: { apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter", ...sent(plan.rateLimit ?? {}) },
    after: [earlier],
  });
});

test("a Service that the gateway alone calls gets its DestinationRule alone", async () => {
  const { made } = await make({ ...service, gatewayOnly: true }, {});
  expect(made.map(({ name }) => name)).toEqual(["traffic-bookstore/catalog-destination-rule"]);
});

test("the platform makes what is configured, after the control plane and the Service's namespace", async () => {
  const [fixture] = fixtures("valid").filter(({ name }) => name === "traffic-with-everything-for-the-gateway");
  const { resources } = await record(() => createPlatform(parseConfig(fixture?.values ?? {}, host)));
  const made = resources.filter(({ name, custom }) => custom && name.startsWith("traffic-"));
  expect(made.map(({ name }) => name)).toEqual([
    "traffic-backend/backend-destination-rule",
    "traffic-backend/backend-rate-limit",
  ]);
  const istio = resources.filter(({ name }) => name.startsWith("istio-")).map(({ type, name }) => `${type}::${name}`);
  for (const { after, provider } of made) {
    expect(provider).toBeDefined();
    expect(after).toContain("kubernetes:core/v1:Namespace::backend-namespace");
    expect(after.filter((one) => istio.includes(one))).not.toEqual([]);
  }
});
