import { disallowWildcardIam } from "../../../policies/aws/disallow-wildcard-iam.ts";
import { judge } from "../../lib/judge.ts";
import { aws } from "./cases.ts";

const statement = { Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::bucket/*"] };
const verdict = async (change: object, type = aws("iam", "RolePolicy"), path = "policy") =>
  (await judge(disallowWildcardIam, type, { [path]: JSON.stringify({ Statement: [{ ...statement, ...change }] }) }))
    .violations;

test.each([
  ["every action", { Action: "*" }, "policy.Statement[0].Action allows *"],
  ["every action of a service", { Action: ["s3:GetObject", "ec2:*"] }, "allows ec2:*"],
  ["every resource", { Resource: "*" }, 'policy.Statement[0].Resource is "*"'],
  ["all actions but one", { Action: undefined, NotAction: "iam:*" }, "policy.Statement[0].NotAction"],
  ["all resources but one", { NotResource: "arn:aws:s3:::other" }, "policy.Statement[0].NotResource"],
  ["everybody", { Principal: "*" }, "policy.Statement[0].Principal is everybody"],
  ["everybody by AWS", { Principal: { AWS: ["*"] } }, "policy.Statement[0].Principal is everybody"],
])("%s is refused", async (_, change, message) => {
  expect(await verdict(change)).toEqual([expect.stringContaining(message)]);
});

test.each([
  ["what is denied", { Effect: "Deny", Action: "*", Resource: "*" }],
  [
    "every resource under a condition",
    { Resource: "*", Condition: { StringEquals: { "aws:ResourceTag/owner": "us" } } },
  ],
  ["actions that start alike", { Action: "ecr:Get*" }],
])("%s may be", async (_, change) => {
  expect(await verdict(change)).toEqual([]);
});

test("a key's policy names the key by *, and gives the account its rights, but not everybody", async () => {
  const root = { Principal: { AWS: "arn:aws:iam::111122223333:root" }, Action: "kms:*", Resource: "*" };
  expect(await verdict(root, aws("kms", "Key"))).toEqual([]);
  expect(await verdict({ ...root, Principal: { AWS: "*" } }, aws("kms", "Key"))).toHaveLength(2);
});

test("a role's trust is open to nobody but who is named", async () => {
  const trust = { Action: "sts:AssumeRole", Resource: undefined };
  const judged = (Principal: unknown) => verdict({ ...trust, Principal }, aws("iam", "Role"), "assumeRolePolicy");
  expect(await judged({ Service: "ec2.amazonaws.com" })).toEqual([]);
  expect(await judged({ AWS: "*" })).toHaveLength(1);
});

test("a document as an object, one statement without a list, and inline policies are read too", async () => {
  const open = { Statement: { ...statement, Action: "*" } };
  expect((await judge(disallowWildcardIam, aws("iam", "Policy"), { policy: open })).violations).toHaveLength(1);
  const role = { inlinePolicies: [{ policy: JSON.stringify(open) }] };
  expect((await judge(disallowWildcardIam, aws("iam", "Role"), role)).violations).toEqual([
    expect.stringContaining("inlinePolicies[0].policy.Statement[0].Action"),
  ]);
});

test("what is no JSON is refused, since nobody can see what it allows", async () => {
  const { violations } = await judge(disallowWildcardIam, aws("iam", "Policy"), { policy: "allow all" });
  expect(violations).toEqual(["policy is no JSON, so nobody can see what it allows. Write a policy document."]);
});

test.each(["AdministratorAccess", "AmazonS3FullAccess", "IAMFullAccess", "PowerUserAccess"])(
  "AWS' own policy %s is not attached",
  async (name) => {
    const policyArn = `arn:aws:iam::aws:policy/${name}`;
    for (const kind of ["RolePolicyAttachment", "UserPolicyAttachment", "GroupPolicyAttachment", "PolicyAttachment"]) {
      expect((await judge(disallowWildcardIam, aws("iam", kind), { policyArn })).violations).toHaveLength(1);
    }
    expect(
      (await judge(disallowWildcardIam, aws("iam", "Role"), { managedPolicyArns: [policyArn] })).violations,
    ).toHaveLength(1);
  },
);
