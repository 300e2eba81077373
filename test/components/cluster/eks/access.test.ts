import { configOf, ofType, resourcesOf } from "./example.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const admin = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
const view = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";

test("one entry for each role, with the policy of what it is, or with its Kubernetes groups", async () => {
  const access = {
    admins: { operations: role("operations") },
    viewers: { oncall: role("oncall") },
    teams: { web: { role: role("web"), groups: ["web:edit"] } },
  };
  const resources = await resourcesOf(configOf({ access }));
  const entry = (name: string) => ({ clusterName: "shop", principalArn: role(name), type: "STANDARD" });
  expect(
    [...ofType(resources, "aws:eks/accessEntry:AccessEntry").values()].map(({ name, inputs }) => [name, inputs]),
  ).toEqual([
    ["cluster-access-111122223333-deployer", entry("deployer")],
    ["cluster-access-111122223333-oncall", entry("oncall")],
    ["cluster-access-111122223333-operations", entry("operations")],
    ["cluster-access-break-glass", entry("break-glass")],
    ["cluster-access-team-111122223333-web", { ...entry("web"), kubernetesGroups: ["web:edit"] }],
  ]);
  const policy = (name: string, policyArn: string) => ({
    clusterName: "shop",
    principalArn: role(name),
    policyArn,
    accessScope: { type: "cluster" },
  });
  expect(
    [...ofType(resources, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation").values()].map(
      ({ inputs }) => inputs,
    ),
  ).toEqual([
    policy("deployer", admin),
    policy("oncall", view),
    policy("operations", admin),
    policy("break-glass", admin),
  ]);
});
