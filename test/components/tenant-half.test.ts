import fc from "fast-check";
import { clusterHalf } from "../../components/cluster/half.ts";
import { graphOf, graphProblems, type Half } from "../../components/connectivity-graph.ts";
import { planPolicies } from "../../components/connectivity-policies.ts";
import { proveConnectivity } from "../../components/connectivity-prover.ts";
import { tenantHalf } from "../../components/tenant-half.ts";
import { type Surroundings, tenantProblems } from "../../components/tenant-problems.ts";
import { namespacesOf, tenantsSchema } from "../../components/tenant-schema.ts";
import { foreignDns } from "../lib/stacks.ts";

const around: Surroundings = {
  facts: {
    enforcesNetworkPolicy: true,
    podCidr: "10.42.0.0/16",
    serviceCidr: "10.43.0.0/16",
    nodes: [{ name: "one", address: "172.20.20.1", role: "control-plane" }],
  },
  pullSecrets: {},
  platformNamespaces: ["gateway"],
};
const gateway: Half = { of: "gateway", namespaces: { gateway: { closed: "every-pod" } } };
const quota = { requests: { cpu: "2", memory: "4Gi" }, limits: { cpu: "4", memory: "8Gi" } };

/** A tenant with one namespace, or with more said about it. */
const tenant = (more: object = {}) => ({ namespaces: { web: {} }, quota, ...more });

/** The graph of tenants that pass every check. */
function graph(tenants: object) {
  const parsed = tenantsSchema.parse(tenants);
  expect(tenantProblems(parsed, around)).toEqual([]);
  const halves = [clusterHalf(around.facts), foreignDns, gateway, tenantHalf(parsed, around)];
  expect(graphProblems(around.facts, halves)).toEqual([]);
  return graphOf(around.facts, halves);
}

/** The policies of tenants, by namespace: each has one, for every pod. */
const policies = (tenants: object) =>
  Object.fromEntries(
    planPolicies(graph(tenants)).map(({ namespace, name, spec }) => {
      expect([name, spec.podSelector, spec.policyTypes]).toEqual(["default", {}, ["Ingress", "Egress"]]);
      return [namespace, { ingress: spec.ingress ?? [], egress: spec.egress ?? [] }];
    }),
  );
const shop = (more: object = {}) => policies({ shop: tenant(more) })["shop-web"];

const named = (...values: string[]) => ({
  namespaceSelector:
    values.length === 1
      ? { matchLabels: { "kubernetes.io/metadata.name": values[0] } }
      : { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }] },
});
const dns = {
  to: [{ ...named("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
  ports: ["TCP", "UDP"].map((protocol) => ({ protocol, port: 53 })),
};

test("a tenant that says no more than it must calls nobody but DNS, and nobody calls it", () => {
  expect(shop()).toEqual({ ingress: [], egress: [dns] });
});

test("a tenant that is declared open has no policy at all", () => {
  expect(shop({ network: { defaultDeny: false } })).toBeUndefined();
});

test("one rule opens both ends, for all namespaces of both tenants", () => {
  const all = policies({
    shop: tenant({ namespaces: { web: {}, api: {} } }),
    billing: tenant({ network: { allow: [{ tenant: "shop", ports: [9000] }] } }),
  });
  const ports = [{ protocol: "TCP", port: 9000 }];
  expect(all["billing-web"]).toEqual({ ingress: [{ from: [named("shop-api", "shop-web")], ports }], egress: [dns] });
  for (const caller of ["shop-web", "shop-api"]) {
    expect(all[caller]).toEqual({ ingress: [], egress: [{ to: [named("billing-web")], ports }, dns] });
  }
});

test("one namespace of a tenant may be let in without the others", () => {
  const all = policies({
    shop: tenant({ namespaces: { web: {}, api: {} } }),
    billing: tenant({ network: { allow: [{ namespace: "shop-api" }] } }),
  });
  expect([all["shop-api"]?.egress, all["shop-web"]?.egress]).toEqual([[{ to: [named("billing-web")] }, dns], [dns]]);
});

test("a tenant's pods call each other when it lets itself in", () => {
  expect(shop({ network: { allow: [{ tenant: "shop" }] } })).toEqual({
    ingress: [{ from: [{ podSelector: {} }] }],
    egress: [dns, { to: [{ podSelector: {} }] }],
  });
});

test("the platform may be let in, which opens its end, too", () => {
  const all = policies({ shop: tenant({ network: { allow: [{ namespace: "gateway", ports: [8080] }] } }) });
  const ports = [{ protocol: "TCP", port: 8080 }];
  expect(all["shop-web"]).toEqual({ ingress: [{ from: [named("gateway")], ports }], egress: [dns] });
  expect(all["gateway"]).toEqual({ ingress: [], egress: [{ to: [named("shop-web")], ports }] });
});

test("outside is outside the cluster, whatever the range spans", () => {
  const egress = (cidr: string) => shop({ network: { egress: [{ cidr, ports: [443] }] } })?.egress;
  const ports = [{ protocol: "TCP", port: 443 }];
  const except = ["10.42.0.0/16", "10.43.0.0/16", "172.20.20.1/32", "169.254.169.254/32"];
  expect(egress("0.0.0.0/0")).toEqual([{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except } }], ports }, dns]);
  expect(egress("192.0.2.0/24")).toEqual([{ to: [{ ipBlock: { cidr: "192.0.2.0/24" } }], ports }, dns]);
});

test("DNS may answer elsewhere, too, where it answers nothing else", () => {
  expect(shop({ network: { dnsAddresses: ["169.254.20.10/32"] } })?.egress).toEqual([
    { to: [{ ipBlock: { cidr: "169.254.20.10/32" } }, ...dns.to], ports: dns.ports },
  ]);
});

test("what tenants say twice is one edge", () => {
  const rules = { allow: [{ tenant: "shop" }, { namespace: "shop-web" }], egress: [{ cidr: "192.0.2.0/24" }] };
  const { edges } = graph({ shop: tenant({ network: rules }), billing: tenant({ network: rules }) });
  expect(edges).toHaveLength(2 * 4);
});

describe("any tenants", () => {
  const names = ["a", "b", "a-b", "b-a"];
  const keys = fc.uniqueArray(fc.constantFrom("a", "b", "b-a", "web"), { minLength: 1, maxLength: 3 });
  const ports = fc.constantFrom<{ ports?: number[] }>({}, { ports: [80] }, { ports: [80, 443] });
  const rule = fc
    .tuple(
      fc.oneof(
        fc.record({ tenant: fc.constantFrom(...names) }),
        fc.record({ namespace: fc.constantFrom("a-web", "b-web", "a-b-web", "gateway") }),
      ),
      ports,
    )
    .map(([who, which]) => ({ ...who, ...which }));
  const egress = fc
    .tuple(fc.constantFrom("0.0.0.0/0", "192.0.2.0/24", "172.20.20.0/24"), ports)
    .map(([cidr, which]) => ({ cidr, ...which }));
  const network = fc.oneof(
    fc.constant({ defaultDeny: false }),
    fc.record({ allow: fc.array(rule, { maxLength: 2 }), egress: fc.array(egress, { maxLength: 1 }) }),
  );
  const arbitrary = fc
    .dictionary(fc.constantFrom(...names), fc.record({ keys, network }), {
      minKeys: 1,
      maxKeys: 3,
      noNullPrototype: true,
    })
    .map((all) =>
      tenantsSchema.parse(
        Object.fromEntries(
          Object.entries(all).map(([name, { keys: own, network: rules }]) => [
            name,
            tenant({ namespaces: Object.fromEntries(own.map((key) => [key, {}])), network: rules }),
          ]),
        ),
      ),
    )
    .filter((tenants) => tenantProblems(tenants, around).length === 0);

  test("are let through as they say, and no further", () => {
    fc.assert(
      fc.property(arbitrary, (tenants) => {
        const whole = graph(tenants);
        expect(proveConnectivity(whole, planPolicies(whole))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  test("have an edge between them exactly where a rule of the called one says so", () => {
    fc.assert(
      fc.property(arbitrary, (tenants) => {
        const owner = new Map(namespacesOf(tenants).map(({ namespace, tenant: name }) => [namespace, name]));
        const opened = new Set<string>();
        for (const [called, { network: rules }] of Object.entries(tenants)) {
          for (const { tenant: whole, namespace } of rules.allow) {
            for (const caller of [...owner.keys(), "gateway"]) {
              if (owner.get(caller) !== (whole ?? "nobody") && caller !== namespace) continue;
              for (const [own, of] of owner) if (of === called) opened.add(`${caller}/* ${own}/*`);
            }
          }
        }
        const { edges } = graph(tenants);
        const between = edges.filter(({ to }) => to.endsWith("/*")).map(({ from, to }) => `${from} ${to}`);
        expect([...new Set(between)].sort()).toEqual([...opened].sort());
      }),
    );
  });
});

test("its namespaces are in the mesh where it wants that and there is one, as closed as its network", () => {
  const rules = (more: object, meshedNamespaces?: string[]) =>
    tenantHalf(tenantsSchema.parse({ shop: tenant(more) }), { ...around, meshedNamespaces }).namespaces?.["shop-web"];
  const open = { network: { defaultDeny: false } };
  expect(rules({ mesh: {} }, [])).toEqual({ closed: "every-pod", meshed: "closed" });
  expect(rules({ mesh: {}, ...open }, [])).toEqual({ closed: "none", meshed: "open" });
  expect(rules({}, [])).toEqual({ closed: "every-pod" });
  expect(rules({ mesh: {} })).toEqual({ closed: "every-pod" });
});
