import { bookstoreSchema } from "../../components/bookstore-schema.ts";
import { planPolicies } from "../../components/connectivity-policies.ts";
import { ingressSchema } from "../../components/ingress-schema.ts";
import { monitoringSchema } from "../../components/monitoring/schema.ts";
import { notifySchema } from "../../components/logging/notify-schema.ts";
import { platformGraph } from "../../components/platform-graph.ts";
import { type Network, platformNamespaces } from "../../components/platform-network.ts";
import { tenantsSchema } from "../../components/tenant-schema.ts";
import { facts, noDns } from "../lib/stacks.ts";

const quota = { requests: { cpu: "2", memory: "4Gi" }, limits: { cpu: "4", memory: "8Gi" } };
const network: Network = {
  facts: { ...facts, enforcesNetworkPolicy: true },
  dns: noDns,
  network: { defaultDeny: true },
  tenants: tenantsSchema.parse({
    shop: { namespaces: { web: {} }, quota, network: { allow: [{ namespace: "store" }] } },
  }),
  backend: { namespace: "store" },
  bookstore: { kind: "none" },
  mesh: {},
  certificates: { issuer: { kind: "existing", name: "quintet" } },
  ingress: { kind: "none" },
  backup: { kind: "none" },
  monitoring: { kind: "none" },
  logging: { kind: "none" },
  tracing: { kind: "none" },
};
const ingress = ingressSchema.parse({ kind: "gateway" });
const policies = (more: Partial<Network> = {}) =>
  planPolicies(platformGraph({ ...network, ...more })).map(({ namespace, name }) => `${namespace}/${name}`);

test("all halves are sound together", () => {
  expect(policies()).toEqual([
    "kube-system/allow-coredns",
    "kube-system/allow-dns-check",
    "shop-web/default",
    "store/allow-backend",
    "store/default",
  ]);
});

test("an ingress brings the namespaces of the mesh, and the backend is the gateway's alone to call", () => {
  expect(policies({ ingress })).toEqual([
    "istio-cni/allow-istio-cni-node",
    "istio-cni/default",
    "istio-ingress/allow-gateway",
    "istio-ingress/default",
    "istio-system/allow-istiod",
    "istio-system/default",
    "kube-system/allow-coredns",
    "kube-system/allow-dns-check",
    "shop-web/default",
    "store/allow-backend",
    "store/default",
  ]);
  const callers = (more: Partial<Network> = {}) =>
    platformGraph({ ...network, ...more }).edges.flatMap(({ from, to }) => (to === "store/backend" ? [from] : []));
  expect(callers()).toEqual(["anyone"]);
  expect(callers({ ingress })).toEqual(["istio-ingress/gateway"]);
  const namespaces = ["store", "istio-system", "istio-cni", "istio-ingress"];
  expect(platformNamespaces({ ...network, ingress }, {})).toEqual(namespaces);
  const publicZone = {
    provider: "aws",
    id: "Z0123456789EXAMPLE",
    domain: "shop.example",
    region: "eu-west-1",
  } as const;
  expect(platformNamespaces({ ...network, ingress }, { publicZone })).toEqual([...namespaces, "external-dns"]);
});

test("backups bring their own namespace, which no tenant may have", () => {
  const backup = { kind: "etcd", schedule: "*/15 * * * *" } as const;
  expect(policies({ backup }).filter((name) => name.startsWith("etcd-backup/"))).toEqual([
    "etcd-backup/allow-etcd-backup",
    "etcd-backup/default",
  ]);
  expect(platformNamespaces({ ...network, backup }, {})).toEqual(["store", "etcd-backup"]);
});

test("monitoring brings its own namespaces, and is let in where something is to be scraped", () => {
  const monitoring = monitoringSchema.parse({ kind: "prometheus" });
  const made = policies({ monitoring }).filter((name) => !policies().includes(name));
  expect(made).toEqual([
    "blackbox/allow-blackbox-exporter",
    "blackbox/default",
    "monitoring/allow-alertmanager",
    "monitoring/allow-kube-state-metrics",
    "monitoring/allow-prometheus",
    "monitoring/default",
    "node-exporter/allow-node-exporter",
    "node-exporter/default",
  ]);
  expect(platformNamespaces({ ...network, monitoring }, {})).toEqual([
    "store",
    "monitoring",
    "node-exporter",
    "blackbox",
  ]);
});

test("logging brings its own namespaces, and Loki is called by the collectors alone", () => {
  const logging = { kind: "loki", notify: notifySchema.parse({}) } as const;
  const made = policies({ logging }).filter((name) => !policies().includes(name));
  expect(made).toEqual([
    "log-collector/allow-log-collector",
    "log-collector/default",
    "logging/allow-event-collector",
    "logging/allow-loki",
    "logging/default",
  ]);
  expect(platformNamespaces({ ...network, logging }, {})).toEqual(["store", "logging", "log-collector"]);
});

test("a bookstore brings its own namespace, which no tenant may have", () => {
  const bookstore = bookstoreSchema.parse({ kind: "podinfo", path: "/books" });
  const made = policies({ ingress, bookstore }).filter((name) => name.startsWith("bookstore/"));
  expect(made).toEqual([
    "bookstore/allow-catalog",
    "bookstore/allow-customer",
    "bookstore/allow-delivery",
    "bookstore/allow-inventory",
    "bookstore/allow-order",
    "bookstore/allow-payment",
    "bookstore/default",
  ]);
  expect(platformNamespaces({ ...network, ingress, bookstore }, {})).toEqual([
    "store",
    "bookstore",
    "istio-system",
    "istio-cni",
    "istio-ingress",
  ]);
});

test("whatever has sidecars may call istiod and DNS, once", () => {
  const inMesh = { namespaces: { web: {} }, quota, mesh: {} };
  const tenants = tenantsSchema.parse({
    shop: inMesh,
    open: { ...inMesh, network: { defaultDeny: false } },
    outside: { namespaces: { web: {} }, quota },
  });
  const edges = (more: Partial<Network>) =>
    platformGraph({ ...network, tenants, ...more }).edges.flatMap(({ from, to, port }) =>
      to === "istio-system/istiod" || (to === "kube-system/coredns" && from.endsWith("/*"))
        ? [`${from} ${to.split("/")[1] ?? ""} ${port}`]
        : [],
    );
  expect(edges({ ingress }).sort()).toEqual([
    "api-server istiod webhooks",
    "istio-ingress/gateway istiod xds",
    ...["open-web", "outside-web", "shop-web", "store"].flatMap((namespace) =>
      ["coredns dns", "coredns dns-tcp", ...(namespace === "outside-web" ? [] : ["istiod xds"])].map(
        (end) => `${namespace}/* ${end}`,
      ),
    ),
  ]);
  expect(edges({}).filter((edge) => edge.includes("istiod"))).toEqual([]);
});

test("istiod may call whoever has the keys of tokens, and nobody else outside", () => {
  const jwt = { issuer: "https://login.example", audiences: ["shop"], jwksNetworks: ["192.0.0.0/8"] };
  const jwksUri = "https://login.example:8443/keys";
  const calls = (more: object) => {
    const tokens = ingressSchema.parse({ kind: "gateway", jwt: { ...jwt, ...more } });
    const graph = platformGraph({ ...network, ingress: tokens });
    return { graph, to: graph.edges.flatMap(({ from, to }) => (from === "istio-system/istiod" ? [to] : [])) };
  };
  const { graph, to } = calls({ jwksUri });
  expect(to).toEqual(["api-server", "jwks-server", "kube-system/coredns", "kube-system/coredns"]);
  expect(graph.peers["jwks-server"]).toEqual({
    cidrs: ["192.0.0.0/8"],
    except: [],
    ports: { https: { port: 8443 } },
    amongPods: false,
  });
  const jwks = { keys: [{ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] };
  expect(calls({ jwks, jwksNetworks: undefined }).to).toEqual(["api-server"]);
});

test("without default deny only tenants are closed, by their own word", () => {
  expect(policies({ network: { defaultDeny: false } })).toEqual(["shop-web/default"]);
});

test("a DNS that others answer for is left open, and what the target runs is closed", () => {
  const dns = { domain: "cluster.local", settings: "none" } as const;
  const workload = { namespace: "kube-system", name: "csi", labels: { app: "csi" } };
  const system = { of: "target", workloads: [workload] };
  expect(policies({ facts: { ...network.facts, dns, system } })).toEqual([
    "kube-system/allow-csi",
    "shop-web/default",
    "store/allow-backend",
    "store/default",
  ]);
});
