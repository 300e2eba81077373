import fc from "fast-check";
import { planTenants } from "../../components/tenant-plan.ts";
import { type Surroundings, tenantProblems } from "../../components/tenant-problems.ts";
import { namespacesOf, type Tenants, tenantsSchema } from "../../components/tenant-schema.ts";

const around: Surroundings = {
  facts: { enforcesNetworkPolicy: true, podCidr: "10.42.0.0/16", serviceCidr: "10.43.0.0/16" },
  pullSecrets: {},
  platformNamespaces: ["gateway"],
};
const quota = { requests: { cpu: "2", memory: "4Gi" }, limits: { cpu: "4", memory: "8Gi" } };

/** A tenant with one namespace, or with more said about it. */
const tenant = (more: object = {}) => ({ namespaces: { web: {} }, quota, ...more });

/** The plan of tenants that pass every check. */
function plan(tenants: object, surroundings = around) {
  const parsed = tenantsSchema.parse(tenants);
  expect(tenantProblems(parsed, surroundings)).toEqual([]);
  return planTenants(parsed, surroundings);
}

/** The plan of the namespace `web` of a tenant `shop` alone. */
function shop(more: object = {}, surroundings = around) {
  const [first] = plan({ shop: tenant(more) }, surroundings);
  const [web] = first?.namespaces ?? [];
  if (web === undefined) throw new Error("shop has no namespace.");
  return web;
}

const policies = (web: ReturnType<typeof shop>) =>
  Object.fromEntries(web.networkPolicies.map(({ role, manifest }) => [role, manifest.spec]));
const named = (...values: string[]) => ({
  namespaceSelector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }] },
});

describe("a tenant that says no more than it must", () => {
  const web = shop();

  test("is restricted, outside the mesh, and its own", () => {
    expect(web).toMatchObject({ namespace: "shop-web", podSecurity: "restricted" });
    expect(web.labels).toEqual({ "quintet.dev/tenant": "shop" });
  });

  test("has no doors to the outside and no volumes, and every container has a share", () => {
    expect(web.resourceQuota.spec.hard).toEqual({
      "requests.cpu": "2",
      "requests.memory": "4Gi",
      "limits.cpu": "4",
      "limits.memory": "8Gi",
      "requests.storage": "0",
      pods: "50",
      "services.loadbalancers": "0",
      "services.nodeports": "0",
    });
    const share = { cpu: "100m", memory: "128Mi" };
    expect(web.limitRange.spec.limits).toEqual([
      { type: "Container", defaultRequest: share, default: share, max: { cpu: "4", memory: "8Gi" } },
    ]);
  });

  test("calls nobody but DNS, and nobody calls it", () => {
    expect(policies(web)).toEqual({
      "default-deny": { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
      "allow-dns": {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [
          {
            to: [{ ...named("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
            ports: [
              { protocol: "UDP", port: 53 },
              { protocol: "TCP", port: 53 },
            ],
          },
        ],
      },
    });
  });

  test("lets nobody in, and its pods are nobody to the API", () => {
    expect(web.roleBindings).toEqual([]);
    expect(web.serviceAccount).toEqual({ metadata: { name: "default" }, automountServiceAccountToken: false });
  });
});

test("groups get Kubernetes' own roles, each in one binding", () => {
  const { roleBindings } = shop({ groups: { view: ["staff", "audit"], admin: ["leads"] } });
  const apiGroup = "rbac.authorization.k8s.io";
  const group = (name: string) => ({ kind: "Group", apiGroup, name });
  expect(roleBindings.map(({ manifest }) => manifest)).toEqual([
    {
      metadata: { name: "tenant-view" },
      subjects: [group("staff"), group("audit")],
      roleRef: { kind: "ClusterRole", apiGroup, name: "view" },
    },
    {
      metadata: { name: "tenant-admin" },
      subjects: [group("leads")],
      roleRef: { kind: "ClusterRole", apiGroup, name: "admin" },
    },
  ]);
});

test("pods get their proxies from the default revision, or from the one that is named", () => {
  expect(shop({ mesh: {} }).labels).toMatchObject({ "istio-injection": "enabled" });
  const { labels } = shop({ mesh: { revision: "stable" } });
  expect(labels).toMatchObject({ "istio.io/rev": "stable" });
  expect(labels).not.toHaveProperty("istio-injection"); // which would win over the revision
});

test("a namespace's own quota and level stand above the tenant's", () => {
  const small = { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" }, pods: 3 };
  const [one] = plan({ shop: tenant({ namespaces: { web: {}, batch: { podSecurity: "baseline", quota: small } } }) });
  expect(one?.namespaces.map(({ podSecurity, resourceQuota: { spec } }) => [podSecurity, spec.hard["pods"]])).toEqual([
    ["restricted", "50"],
    ["baseline", "3"],
  ]);
  expect(one?.namespaces[1]?.limitRange.spec.limits[0]?.max).toEqual({ cpu: "1", memory: "1Gi" });
});

test("a tenant that is declared open has no policy at all", () => {
  expect(shop({ network: { defaultDeny: false } }).networkPolicies).toEqual([]);
});

describe("rules", () => {
  test("one rule opens both ends, for all namespaces of both tenants", () => {
    const [caller, called] = plan({
      shop: tenant({ namespaces: { web: {}, api: {} } }),
      billing: tenant({ network: { allow: [{ tenant: "shop", ports: [9000] }] } }),
    });
    const ports = [{ protocol: "TCP", port: 9000 }];
    expect(called?.namespaces.map(policies)).toEqual([
      expect.objectContaining({
        "allow-ingress": {
          podSelector: {},
          policyTypes: ["Ingress"],
          ingress: [{ from: [named("shop-api", "shop-web")], ports }],
        },
      }),
    ]);
    expect(caller?.namespaces.map((one) => policies(one)["allow-egress"])).toEqual(
      ["web", "api"].map(() => ({
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [{ to: [named("billing-web")], ports }],
      })),
    );
  });

  test("one namespace of a tenant may be let in without the others", () => {
    const [caller] = plan({
      shop: tenant({ namespaces: { web: {}, api: {} } }),
      billing: tenant({ network: { allow: [{ namespace: "shop-api" }] } }),
    });
    expect(caller?.namespaces.map((one) => "allow-egress" in policies(one))).toEqual([false, true]);
  });

  test("a tenant's pods call each other when it lets itself in", () => {
    const { "allow-ingress": ingress, "allow-egress": egress } = policies(
      shop({ network: { allow: [{ tenant: "shop" }] } }),
    );
    expect([ingress, egress]).toMatchObject([
      { ingress: [{ from: [named("shop-web")] }] },
      { egress: [{ to: [named("shop-web")] }] },
    ]);
  });

  test("the platform may be let in", () => {
    const web = shop({ network: { allow: [{ namespace: "gateway", ports: [8080] }] } });
    expect(policies(web)).toMatchObject({ "allow-ingress": { ingress: [{ from: [named("gateway")] }] } });
    expect(policies(web)).not.toHaveProperty("allow-egress");
  });

  test("outside is outside the cluster, whatever the range spans", () => {
    const egress = (cidr: string) => policies(shop({ network: { egress: [{ cidr, ports: [443] }] } }))["allow-egress"];
    expect(egress("0.0.0.0/0")).toMatchObject({
      egress: [
        {
          to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.42.0.0/16", "10.43.0.0/16", "169.254.169.254/32"] } }],
          ports: [{ protocol: "TCP", port: 443 }],
        },
      ],
    });
    expect(egress("192.0.2.0/24")).toEqual({
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [{ ipBlock: { cidr: "192.0.2.0/24" } }], ports: [{ protocol: "TCP", port: 443 }] }],
    });
  });

  test("DNS may answer elsewhere, too", () => {
    const web = shop({ network: { dnsAddresses: ["169.254.20.10/32"] } });
    expect(policies(web)["allow-dns"]).toMatchObject({
      egress: [{ to: [{}, { ipBlock: { cidr: "169.254.20.10/32" } }] }],
    });
  });
});

describe("pull secrets", () => {
  const surroundings = {
    ...around,
    pullSecrets: {
      "quay.io": { tenants: [], namespaces: ["shop-web"] },
      "ghcr.io": { tenants: ["shop"], namespaces: [] },
      "registry.example": { tenants: ["billing"], namespaces: [] },
    },
  };

  test("reach the namespaces they are for, and every pod there that does not name another account", () => {
    const [one, other] = plan({ shop: tenant({ namespaces: { web: {}, api: {} } }), billing: tenant() }, surroundings);
    expect(one?.namespaces.map(({ registries }) => registries)).toEqual([["ghcr.io", "quay.io"], ["ghcr.io"]]);
    expect(other?.namespaces.map(({ registries }) => registries)).toEqual([["registry.example"]]);
    expect(one?.namespaces[0]?.serviceAccount.imagePullSecrets).toEqual([{ name: "registry-credentials" }]);
  });
});

describe("two tenants", () => {
  const names = ["a", "b", "a-b", "b-a"];
  const keys = fc.uniqueArray(fc.constantFrom("a", "b", "b-a", "web"), { minLength: 1, maxLength: 3 });
  const rule = fc.oneof(
    fc.record({ tenant: fc.constantFrom(...names) }),
    fc.record({ namespace: fc.constantFrom("a-web", "b-web", "a-b-web", "gateway") }),
  );
  const one = fc.record({ keys, allow: fc.array(rule, { maxLength: 2 }) });
  const arbitrary = fc
    .dictionary(fc.constantFrom(...names), one, { minKeys: 2, maxKeys: 4, noNullPrototype: true })
    .map((all) =>
      tenantsSchema.parse(
        Object.fromEntries(
          Object.entries(all).map(([name, { keys: own, allow }]) => [
            name,
            tenant({ namespaces: Object.fromEntries(own.map((key) => [key, {}])), network: { allow } }),
          ]),
        ),
      ),
    )
    .filter((tenants) => tenantProblems(tenants, around).length === 0);

  /** Every text in a value that is the name of a namespace of one of the tenants. */
  function mentioned(value: unknown, tenants: Tenants): string[] {
    if (typeof value === "string")
      return namespacesOf(tenants).some(({ namespace }) => namespace === value) ? [value] : [];
    return typeof value === "object" && value !== null
      ? Object.values(value).flatMap((inner) => mentioned(inner, tenants))
      : [];
  }

  test("name a namespace of each other only where a rule of either says so, and then both ends do", () => {
    fc.assert(
      fc.property(arbitrary, (tenants) => {
        const owner = new Map(namespacesOf(tenants).map(({ namespace, tenant: name }) => [namespace, name]));
        const opened = new Set<string>();
        for (const [called, { network }] of Object.entries(tenants)) {
          for (const { tenant: whole, namespace } of network.allow) {
            for (const [caller, name] of owner) {
              if (name === whole || caller === namespace) {
                for (const [own, of] of owner) if (of === called) opened.add(`${caller} -> ${own}`);
              }
            }
          }
        }
        const written = { ingress: new Set<string>(), egress: new Set<string>() };
        for (const { namespaces } of planTenants(tenants, around)) {
          for (const { namespace, networkPolicies, ...others } of namespaces) {
            const { labels, key, ...content } = others;
            expect([labels["quintet.dev/tenant"], typeof key]).toEqual([owner.get(namespace), "string"]);
            expect(mentioned(content, tenants)).toEqual([]);
            for (const { role, manifest } of networkPolicies) {
              for (const peer of mentioned(manifest.spec, tenants)) {
                if (role === "allow-ingress") written.ingress.add(`${peer} -> ${namespace}`);
                else if (role === "allow-egress") written.egress.add(`${namespace} -> ${peer}`);
                else throw new Error(`${role} of ${namespace} names ${peer}.`);
              }
            }
          }
        }
        expect([...written.ingress].sort()).toEqual([...opened].sort());
        expect([...written.egress].sort()).toEqual([...opened].sort());
      }),
    );
  });

  test("never share a namespace, a name in the stack, or one with the platform, when nothing is refused", () => {
    fc.assert(
      fc.property(arbitrary, (tenants) => {
        const all = namespacesOf(tenants);
        expect(new Set(all.map(({ namespace }) => namespace)).size).toBe(all.length);
        expect(new Set(all.map(({ tenant: name, key }) => `${name}-${key}`)).size).toBe(all.length);
        expect(all.map(({ namespace }) => namespace)).not.toContain("gateway");
      }),
    );
  });
});
