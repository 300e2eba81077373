import fc from "fast-check";
import { dnsLabel } from "../../../../components/cluster/facts.ts";
import { launchTemplateName, type RoleName, roleName } from "../../../../components/cluster/eks/name-plan.ts";
import { configOf, ofType, resourcesOf } from "./example.ts";

const region = "eu-central-1";
const roles: readonly RoleName[] = ["control-plane", "nodes", "flow-logs", "vpc-cni", "aws-ebs-csi-driver"];
const label = fc
  .stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
  .filter((name) => dnsLabel.safeParse(name).success);

test("a role says its region, since IAM has one of a name for all of them", () => {
  expect(roles.map((role) => roleName({ name: "shop", region }, role))).toEqual([
    "shop-eu-central-1-control-plane",
    "shop-eu-central-1-nodes",
    "shop-eu-central-1-flow-logs",
    "shop-eu-central-1-vpc-cni",
    "shop-eu-central-1-aws-ebs-csi-driver",
  ]);
});

test("one that would be too long keeps what it is for, and a hash of what is cut off", () => {
  const name = "a-cluster-with-a-name-that-is-too-long-for-iam";
  expect(roleName({ name, region }, "nodes")).toBe("a-cluster-with-a-name-that-is-too-long-for-iam-eu-6f40405c-nodes");
});

test("whatever the cluster is called, IAM takes every role's name, and no two clusters or regions share one", () => {
  const regions = fc.constantFrom("eu-central-1", "eu-west-1", "ap-southeast-7");
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(label, regions), { minLength: 2, selector: String }), (places) => {
      const names = places.flatMap(([name, at]) => roles.map((role) => roleName({ name, region: at }, role)));
      expect(names.filter((name) => !/^[\w+=,.@-]{1,64}$/.test(name))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
    }),
  );
});

test("the same cluster in another region shares no role, and a long name no less", async () => {
  const rolesOf = async (name: string, at: string) => {
    const zones = ["a", "b", "c"].map((letter) => `${at}${letter}`);
    const resources = await resourcesOf(configOf({ name, region: at, vpc: { zones } }));
    return [...ofType(resources, "aws:iam/role:Role").values()].map(({ inputs }) => String(inputs["name"]));
  };
  for (const name of ["shop", "a".repeat(63)]) {
    const both = [...(await rolesOf(name, "eu-central-1")), ...(await rolesOf(name, "eu-west-1"))];
    expect(both).toHaveLength(2 * roles.length);
    expect([...new Set(both)]).toEqual(both);
    expect(both.filter((role) => role.length > 64)).toEqual([]);
  }
});

test("the longest names of a cluster and a group make a launch template's that EC2 takes", () => {
  expect(launchTemplateName("a".repeat(63), "b".repeat(63)).length).toBeLessThanOrEqual(128);
});
