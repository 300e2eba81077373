import { disallowWildcardIam } from "../../../policies/aws/disallow-wildcard-iam.ts";
import { judge } from "../../lib/judge.ts";
import { aws } from "./cases.ts";

const statement = { Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::bucket/*"] };
const verdict = async (change: object, type = aws("iam", "RolePolicy"), path = "policy") =>
  (await judge(disallowWildcardIam, type, { [path]: JSON.stringify({ Statement: [{ ...statement, ...change }] }) }))
    .violations;

/** What is said of a statement, by the path where it is. */
type Said = (at: string) => string;
const everyAction =
  (action: string): Said =>
  (at) =>
    `it allows ${action}, every action there is and will be. Name the actions that are needed in ${at}.Action.`;
const inverted =
  (what: string): Said =>
  (at) =>
    `${what} allows all but a few, also what comes later. Name what is allowed instead of ${at}.${what}.`;
const everybody: Said = (at) => `it lets in everybody, in every account. Name who it is in ${at}.Principal.`;
const everyResource: Said = (at) =>
  `it allows every resource without a condition. Name the resources in ${at}.Resource, or where AWS takes no other, a condition.`;

test.each([
  ["every action", { Action: "*" }, everyAction("*")],
  ["every action of every service", { Action: "*:*" }, everyAction("*:*")],
  ["every action of a service", { Action: ["s3:GetObject", "ec2:*"] }, everyAction("ec2:*")],
  ["every action of a service with a dash", { Action: "access-analyzer:*" }, everyAction("access-analyzer:*")],
  ["every action, in more stars", { Action: "s3:**" }, everyAction("s3:**")],
  ["every resource", { Resource: "*" }, everyResource],
  ["every resource among others", { Resource: ["arn:aws:s3:::bucket/*", "*"] }, everyResource],
  ["all actions but one", { Action: undefined, NotAction: "iam:*" }, inverted("NotAction")],
  ["all resources but one", { NotResource: "arn:aws:s3:::other" }, inverted("NotResource")],
  ["everybody but one", { NotPrincipal: { AWS: "arn:aws:iam::111122223333:root" } }, inverted("NotPrincipal")],
  ["everybody", { Principal: "*" }, everybody],
  ["everybody by AWS", { Principal: { AWS: ["*"] } }, everybody],
])("%s is refused", async (_, change, message) => {
  expect(await verdict(change)).toEqual([`iam:RolePolicy urn: ${message("policy.Statement[0]")}`]);
});

test.each([
  ["iam", "Policy", "policy"],
  ["iam", "RolePolicy", "policy"],
  ["iam", "UserPolicy", "policy"],
  ["iam", "GroupPolicy", "policy"],
  ["iam", "Role", "assumeRolePolicy"],
  ["kms", "Key", "policy"],
  ["sqs", "QueuePolicy", "policy"],
  ["s3", "BucketPolicy", "policy"],
])("%s:%s is read in %s", async (module, kind, path) => {
  const message = `${module}:${kind} urn: ${everyAction("*")(`${path}.Statement[0]`)}`;
  expect(await verdict({ Action: "*" }, aws(module, kind), path)).toEqual([message]);
  expect(await verdict({ Resource: "*" }, aws(module, kind), path)).toHaveLength(kind === "Key" ? 0 : 1);
});

test("what is of another type may have properties of these names", async () => {
  const open = JSON.stringify({ Statement: [{ ...statement, Action: "*" }] });
  const policyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
  const props = { policy: open, inlinePolicies: [{ policy: open }], managedPolicyArns: [policyArn], policyArn };
  expect(await judge(disallowWildcardIam, aws("ssoadmin", "PermissionSet"), props)).toEqual({ violations: [] });
  // A policy is no attachment, and an attachment has no policy of its own.
  expect((await judge(disallowWildcardIam, aws("iam", "Policy"), props)).violations).toHaveLength(1);
  expect((await judge(disallowWildcardIam, aws("iam", "UserPolicyAttachment"), props)).violations).toHaveLength(1);
});

test.each([
  ["what is denied", { Effect: "Deny", Action: "*", Resource: "*" }],
  [
    "every resource under a condition",
    { Resource: "*", Condition: { StringEquals: { "aws:ResourceTag/owner": "us" } } },
  ],
  ["everybody under a condition", { Principal: "*", Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } }],
  ["actions that start alike", { Action: "ecr:Get*" }],
  ["actions that end alike", { Action: "s3:*Tagging" }],
  ["no resource at all", { Resource: undefined }],
])("%s may be", async (_, change) => {
  expect(await verdict(change)).toEqual([]);
});

test("a key's policy names the key by *, and gives the account its rights, but not everybody", async () => {
  const root = { Principal: { AWS: "arn:aws:iam::111122223333:root" }, Action: "kms:*", Resource: "*" };
  expect(await verdict(root, aws("kms", "Key"))).toEqual([]);
  expect(await verdict({ ...root, Principal: { AWS: "*" } }, aws("kms", "Key"))).toHaveLength(2);
});

test.each<[unknown, boolean]>([
  [{ AWS: "arn:aws:iam::111122223333:root" }, true],
  [{ AWS: ["arn:aws-us-gov:iam::111122223333:root", "arn:aws-cn:iam::111122223333:root"] }, true],
  [{ AWS: ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/web"] }, false],
  [{ AWS: "arn:aws:iam::111122223333:rootless" }, false],
  [{ AWS: "arn:aws:iam::111122223333:user/root" }, false],
  [{ AWS: "arn:aws:iam::1111:root" }, false],
  [{ AWS: "x-arn:aws:iam::111122223333:root" }, false],
  [{ AWS: [] }, false],
  [{ Service: "logs.amazonaws.com" }, false],
  [undefined, false],
])("all rights on a key for %j: %s", async (Principal, allowed) => {
  const all = { Principal, Action: "kms:*", Resource: "*" };
  expect(await verdict(all, aws("kms", "Key"))).toHaveLength(allowed ? 0 : 1);
  // Only a key is the one resource that its policy is about.
  expect(await verdict(all, aws("s3", "BucketPolicy"))).toHaveLength(2);
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
  const wide = { inlinePolicies: [{}, { policy: { Statement: { ...statement, Resource: "*" } } }] };
  expect((await judge(disallowWildcardIam, aws("iam", "Role"), wide)).violations).toEqual([
    `iam:Role urn: ${everyResource("inlinePolicies[1].policy.Statement[0]")}`,
  ]);
});

test("what is no JSON is refused, since nobody can see what it allows", async () => {
  const { violations } = await judge(disallowWildcardIam, aws("iam", "Policy"), { policy: "allow all" });
  expect(violations).toEqual([
    "iam:Policy urn: it is no JSON, so nobody can see what it allows. Write a policy document in policy.",
  ]);
});

test("no document, and one without statements, allow nothing", async () => {
  for (const policy of [undefined, null, "{}", "null", {}]) {
    expect(await judge(disallowWildcardIam, aws("iam", "Policy"), { policy })).toEqual({ violations: [] });
  }
});

test.each([
  "arn:aws:iam::aws:policy/ReadOnlyAccess",
  "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
  "arn:aws:iam::111122223333:policy/AdministratorAccessReviewer",
  "arn:aws:iam::111122223333:policy/not-AdministratorAccess",
  "AdministratorAccess",
])("%s may be attached", async (policyArn) => {
  expect(await judge(disallowWildcardIam, aws("iam", "RolePolicyAttachment"), { policyArn })).toEqual({
    violations: [],
  });
});

test.each(["AdministratorAccess", "AmazonS3FullAccess", "IAMFullAccess", "PowerUserAccess"])(
  "AWS' own policy %s is not attached",
  async (name) => {
    const policyArn = `arn:aws:iam::aws:policy/${name}`;
    for (const kind of ["RolePolicyAttachment", "UserPolicyAttachment", "GroupPolicyAttachment", "PolicyAttachment"]) {
      expect((await judge(disallowWildcardIam, aws("iam", kind), { policyArn })).violations).toEqual([
        `iam:${kind} urn: the policy ${policyArn} allows more than any role here is for. Attach one with the actions that are needed.`,
      ]);
    }
    expect(
      (await judge(disallowWildcardIam, aws("iam", "Role"), { managedPolicyArns: [policyArn] })).violations,
    ).toHaveLength(1);
  },
);
