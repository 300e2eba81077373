/** A role may do what it is for. */
import { awsType, notCel } from "../lib/aws/values.ts";
import { defineRule, each, type Finding, noParameters } from "../lib/rule.ts";
import { at, list } from "../lib/values.ts";

/** The properties that hold a policy document, by type; `own` means that a resource's own policy names itself by "*". */
const documents = [
  { kind: "iam:Policy", path: "policy", own: false },
  { kind: "iam:RolePolicy", path: "policy", own: false },
  { kind: "iam:UserPolicy", path: "policy", own: false },
  { kind: "iam:GroupPolicy", path: "policy", own: false },
  { kind: "iam:Role", path: "assumeRolePolicy", own: false },
  { kind: "kms:Key", path: "policy", own: true },
  { kind: "sqs:QueuePolicy", path: "policy", own: false },
  { kind: "s3:BucketPolicy", path: "policy", own: false },
] as const;

/** The properties that name policies to attach, by type. */
const attachments = [
  { kind: "iam:Role", path: "managedPolicyArns" },
  { kind: "iam:PolicyAttachment", path: "policyArn" },
  { kind: "iam:RolePolicyAttachment", path: "policyArn" },
  { kind: "iam:UserPolicyAttachment", path: "policyArn" },
  { kind: "iam:GroupPolicyAttachment", path: "policyArn" },
] as const;

/** Policies of AWS that allow everything, or everything of a service. */
const broadPolicy = /:policy\/(AdministratorAccess|PowerUserAccess|\w+FullAccess)$/;

/** Every action, of all services or of those that a word stands for. */
const everyAction = /^([\w*-]+:)?\*+$/;

/** Refuses permissions without a bound: any action, any resource, anybody. */
export const disallowWildcardIam = defineRule({
  name: "aws-disallow-wildcard-iam",
  severity: "critical",
  level: "mandatory",
  title: "No IAM document allows every action, every resource or everybody without a condition.",
  why: "A pod or a machine that is broken into takes over the account with it.",
  fix: "Name the actions, resources and principals that are needed, or a condition where AWS takes no other.",
  sees: "object",
  notCel,
  parameters: noParameters,
  *check(object) {
    const { value } = object;
    const kind = awsType(object);
    const isOfKind = (one: { readonly kind: string }) => one.kind === kind;
    yield* each(documents.filter(isOfKind), ({ path, own }) => ofDocument(at(value, path), path, own));
    if (kind === "iam:Role")
      yield* each(list(at(value, "inlinePolicies")), (policy, index) =>
        ofDocument(at(policy, "policy"), `inlinePolicies[${String(index)}].policy`, false),
      );
    yield* each(attachments.filter(isOfKind), ({ path }) =>
      each(list(at(value, path)), function* (arn): Iterable<Finding> {
        if (!broadPolicy.test(String(arn))) return;
        const problem = `the policy ${String(arn)} allows more than any role here is for`;
        yield { path, problem, fix: "Attach one with the actions that are needed." };
      }),
    );
  },
});

function* ofDocument(document: unknown, path: string, own: boolean): Iterable<Finding> {
  const parsed = typeof document === "string" ? parsedJson(document) : { value: document };
  if (parsed === undefined) {
    yield {
      path,
      problem: "it is no JSON, so nobody can see what it allows",
      fix: "Write a policy document in {path}.",
    };
    return;
  }
  yield* each(list(at(parsed.value, "Statement")), (statement, index) =>
    at(statement, "Effect") === "Allow" ? ofStatement(statement, `${path}.Statement[${String(index)}]`, own) : [],
  );
}

function parsedJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function* ofStatement(statement: unknown, path: string, own: boolean): Iterable<Finding> {
  const bound = at(statement, "Condition") !== undefined;
  const root = isAccountRoot(at(statement, "Principal"));
  yield* each(list(at(statement, "Action")), function* (value): Iterable<Finding> {
    const action = String(value);
    // A key's policy gives the account all rights on the key, or IAM could give none: AWS' own default.
    if (!everyAction.test(action) || (own && root)) return;
    const problem = `it allows ${action}, every action there is and will be`;
    yield { path: `${path}.Action`, problem, fix: "Name the actions that are needed in {path}." };
  });
  for (const inverted of ["NotAction", "NotResource", "NotPrincipal"]) {
    if (at(statement, inverted) === undefined) continue;
    const problem = `${inverted} allows all but a few, also what comes later`;
    yield { path: `${path}.${inverted}`, problem, fix: "Name what is allowed instead of {path}." };
  }
  const open = list(at(statement, "Resource")).includes("*");
  if (open && !own && !bound) {
    yield {
      path: `${path}.Resource`,
      problem: "it allows every resource without a condition",
      fix: "Name the resources in {path}, or where AWS takes no other, a condition.",
    };
  }
  const principals = [at(statement, "Principal"), ...list(at(statement, "Principal", "AWS"))];
  if (principals.includes("*") && !bound) {
    yield {
      path: `${path}.Principal`,
      problem: "it lets in everybody, in every account",
      fix: "Name who it is in {path}.",
    };
  }
}

function isAccountRoot(principal: unknown): boolean {
  const all = list(at(principal, "AWS"));
  return all.length > 0 && all.every((arn) => /^arn:aws[\w-]*:iam::\d{12}:root$/.test(String(arn)));
}
