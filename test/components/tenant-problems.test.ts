import { tenantProblems } from "../../components/tenant-problems.ts";
import { tenantsSchema } from "../../components/tenant-schema.ts";

// One refused fixture for each rule lies in test/config/invalid; here is what a file cannot show by itself.

const around = {
  facts: { enforcesNetworkPolicy: true, podCidr: "10.42.0.0/16", serviceCidr: "10.43.0.0/16", nodes: [] },
  pullSecrets: {},
  platformNamespaces: ["backend"],
};
const quota = { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } };
const problems = (tenants: object, surroundings: object = {}) =>
  tenantProblems(tenantsSchema.parse(tenants), { ...around, ...surroundings });

test("what a tenant and its namespaces have in common is said once", () => {
  const upsideDown = { requests: { cpu: "2", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } };
  const namespaces = { web: {}, api: { containers: {} }, batch: { containers: {} } };
  expect(problems({ shop: { namespaces, quota: upsideDown } })).toEqual([
    [
      ["tenants", "shop", "quota", "requests", "cpu"],
      "2 is above tenants.shop.quota.limits.cpu 1: lower it or raise that",
    ],
  ]);
});

test("what every object has is no tenant", () => {
  const network = { allow: [{ tenant: "constructor" }] };
  expect(problems({ shop: { namespaces: { web: {} }, quota, network } })).toEqual([
    [["tenants", "shop", "network", "allow", 0, "tenant"], "there is no tenant constructor, the tenants are shop"],
  ]);
  const pullSecrets = { "ghcr.io": { tenants: ["constructor"], namespaces: [] } };
  expect(problems({}, { pullSecrets })).toEqual([
    [["registries", "pullSecrets", "ghcr.io", "tenants", 0], "there is no tenant constructor, there are no tenants"],
  ]);
});

test("a range outside may span the cluster, but not lie in it", () => {
  const egress = (cidr: string) =>
    problems({ shop: { namespaces: { web: {} }, quota, network: { egress: [{ cidr }] } } }).map(
      ([, problem]) => problem,
    );
  for (const cidr of ["0.0.0.0/0", "10.0.0.0/8", "10.42.0.0/15", "169.254.0.0/16", "192.0.2.7/32"]) {
    expect([cidr, egress(cidr)]).toEqual([cidr, []]);
  }
  for (const cidr of ["10.42.0.0/16", "10.42.7.0/24", "10.43.0.1/32", "169.254.169.254/32"]) {
    expect([cidr, egress(cidr).length]).toEqual([cidr, 1]);
  }
});

test("amounts are compared as what they are worth", () => {
  const same = { requests: { cpu: "1000m", memory: "1024Mi" }, limits: { cpu: "1", memory: "1Gi" } };
  expect(problems({ shop: { namespaces: { web: {} }, quota: same, containers: { max: same.limits } } })).toEqual([]);
});

test("a tenant in the mesh is called from inside of it alone, once there is one", () => {
  const shop = { namespaces: { web: {} }, quota, mesh: {}, network: { allow: [{ namespace: "backend" }] } };
  expect(problems({ shop })).toEqual([]);
  expect(problems({ shop }, { meshedNamespaces: ["backend"] })).toEqual([]);
  expect(problems({ shop }, { meshedNamespaces: [] }).map(([path]) => path.join("."))).toEqual([
    "tenants.shop.network.allow.0.namespace",
  ]);
  const outside = { ...shop, mesh: undefined };
  expect(problems({ shop: outside }, { meshedNamespaces: [] })).toEqual([]);
  const other = { ...shop, network: { allow: [{ namespace: "shop-web" }] } };
  expect(problems({ shop: outside, other }, { meshedNamespaces: [] }).map(([, problem]) => problem)).toEqual([
    "shop is not in the mesh, and other is in it, where calls without an identity are refused: put shop there, too, or take other out",
  ]);
});
