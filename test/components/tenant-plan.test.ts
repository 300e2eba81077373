import fc from "fast-check";
import { planTenants } from "../../components/tenant-plan.ts";
import { type Surroundings, tenantProblems } from "../../components/tenant-problems.ts";
import { namespacesOf, type Tenants, tenantsSchema } from "../../components/tenant-schema.ts";

const around: Surroundings = {
  facts: { enforcesNetworkPolicy: true, podCidr: "10.42.0.0/16", serviceCidr: "10.43.0.0/16", nodes: [] },
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
  expect(shop({ mesh: {} }).labels).toMatchObject({ "istio.io/rev": "stable" });
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

  test("name no namespace of a tenant in what is made in their own", () => {
    fc.assert(
      fc.property(arbitrary, (tenants) => {
        const owner = new Map(namespacesOf(tenants).map(({ namespace, tenant: name }) => [namespace, name]));
        for (const { namespaces } of planTenants(tenants, around)) {
          for (const { namespace, ...others } of namespaces) {
            const { labels, key, ...content } = others;
            expect([labels["quintet.dev/tenant"], typeof key]).toEqual([owner.get(namespace), "string"]);
            expect(mentioned(content, tenants)).toEqual([]);
          }
        }
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
