import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import type { MeshPolicy } from "../../components/authorization-plan.ts";
import { planServerCertificate } from "../../components/certificates-plan.ts";
import { planGateway } from "../../components/gateway-plan.ts";
import { type Front, planIngress, planRoute } from "../../components/ingress-plan.ts";
import { Ingress } from "../../components/ingress.ts";
import { type Recorded, record, valueOf } from "../lib/record.ts";

const nodes: Front = {
  exposure: { kind: "nodes", nodes: ["one"], ports: { http: 30080, https: 30443 } },
  ports: { http: 30080, https: 30443 },
  addresses: ["192.0.2.11"],
};
const shape = {
  revision: "1-2-3",
  image: "registry.example/proxyv2:1.2.3",
  replicas: 2,
  racks: false,
  clusterDomain: "cluster.local",
  trustedProxies: 0,
  host: "shop.example",
  aliases: ["www.shop.example"],
  path: "/api",
  limits: { requestsPerSecond: 50, body: "1Mi", headersKiB: 32 },
  backend: { namespace: "store", service: "backend", port: 80 },
  others: [{ namespace: "books", service: "order", port: 80, path: "/books" }],
  live: true,
};
const [other = { namespace: "", service: "", port: 0, path: "" }] = shape.others;
const issuer = { group: "cert-manager.io", kind: "ClusterIssuer", name: "quintet" } as const;
const around = { owner: "acme/quintet/dev", kubernetesMinor: "1.36", policies: [] };

const authorization: readonly MeshPolicy[] = [
  { kind: "AuthorizationPolicy", metadata: { name: "default", namespace: "istio-ingress" }, spec: {} },
];

const make = async (front: Front = nodes) => {
  const { resources, result } = await record(() => {
    const provider = new Provider("target", {});
    const earlier = new Namespace("earlier", { metadata: { name: "earlier" } }, { provider });
    const issuing = { issuer, days: 30, live: true, ready: [] };
    return new Ingress("edge", { ...shape, ...around, front, issuing, authorization, after: [earlier] }, { provider });
  });
  const made = resources.filter(
    ({ custom, type, name }) => custom && type.startsWith("kubernetes:") && name !== "earlier",
  );
  return { made, result };
};

const plan = planGateway({ ...shape, exposure: nodes.exposure });
const routes = planIngress({ ...shape, ports: nodes.ports });

test("applies the plans' manifests, and nothing else", async () => {
  const { made, result } = await make();
  const placed = <T extends { metadata: object }>({ metadata, ...manifest }: T) => ({
    ...manifest,
    metadata: { ...metadata, namespace: "istio-ingress" },
  });
  const { metadata } = plan.serviceAccount;
  const { spec } = planServerCertificate({
    name: "public",
    dnsNames: ["shop.example", "www.shop.example"],
    issuer,
    days: 30,
    live: true,
  });
  const expected: Record<string, object> = {
    "edge-namespace": { kind: "Namespace", metadata: { name: "istio-ingress" } },
    "edge-service-account": placed(plan.serviceAccount),
    "edge-role": placed({ metadata, rules: plan.rights.namespace }),
    "edge-role-binding": placed({
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name },
      subjects: [{ kind: "ServiceAccount", name: metadata.name, namespace: "istio-ingress" }],
    }),
    "edge-disruption-budget": placed(plan.podDisruptionBudget),
    "edge-deployment": placed(plan.deployment),
    "edge-service": placed(plan.service),
    "edge-limits": { apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter", ...routes.limits },
    "edge-authorization-istio-ingress-default": {
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      spec: {},
    },
    "edge-gateway": { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", ...routes.gateway },
    "edge-redirect": { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", ...routes.redirect },
    "edge-route": { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", ...routes.route },
    "edge-books-order-route": {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      ...planRoute(other, shape),
    },
    "edge-certificate-certificate": {
      kind: "Certificate",
      metadata: { name: "public", namespace: "istio-ingress" },
      spec,
    },
  };
  expect(made.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
  for (const { name, inputs } of made) expect(inputs).toMatchObject(expected[name] ?? {});
  expect(result.url).toBe("https://shop.example:30443/api");
  expect(await valueOf(result.addresses)).toEqual(["192.0.2.11"]);
});

test("the gateway reads the Secret that the certificate is kept in", () => {
  const [, https] = routes.gateway.spec.listeners;
  expect(https).toMatchObject({ tls: { certificateRefs: [{ name: "public" }] } });
});

test("no pod serves without the limits or lets in whom it should not, and the outside gets in last", async () => {
  const { made } = await make();
  const id = ({ type, name }: Recorded) => `${type}::${name}`;
  const after = (name: string) => made.find((one) => one.name === `edge-${name}`)?.after ?? [];
  const idOf = (name: string) => made.filter((one) => one.name === `edge-${name}`).map(id)[0];
  expect(after("limits")).toContain("kubernetes:core/v1:Namespace::earlier");
  expect(after("deployment")).toContain(idOf("limits"));
  expect(after("deployment")).toContain(idOf("authorization-istio-ingress-default"));
  expect(after("service")).toContain(idOf("deployment"));
  expect(after("gateway")).toContain(idOf("service"));
  expect(after("certificate-certificate")).toContain(idOf("gateway"));
  expect(after("redirect")).toContain(idOf("gateway"));
  for (const route of ["route", "books-order-route"]) {
    expect(after(route)).toEqual(expect.arrayContaining([idOf("gateway"), idOf("certificate-certificate")]));
  }
});

test("what istiod looks after is deleted by itself, while istiod is there", async () => {
  const { made } = await make();
  const objects = made.filter(({ type }) =>
    /(networking|security)\.(istio|k8s)\.io\/.*:(EnvoyFilter|Gateway|HTTPRoute|AuthorizationPolicy)$/.test(type),
  );
  expect(objects).toHaveLength(6);
  expect(objects.map(({ deletedWith }) => deletedWith)).toEqual(Array(6).fill(undefined));
});

test("a cloud says the addresses of its load balancer", async () => {
  const front: Front = {
    exposure: { kind: "cloud", by: "other", reachableFrom: "internet", sources: ["0.0.0.0/0"] },
    ports: { http: 80, https: 443 },
    addresses: [],
  };
  const { result } = await make(front);
  expect(result.url).toBe("https://shop.example/api");
  expect(await valueOf(result.addresses)).toEqual(["lb.example"]);
});
