/** A role may do what it is for. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { judgeAll } from "../lib/aws/judge-all.ts";
import { awsType } from "../lib/aws/values.ts";
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
export const disallowWildcardIam: ResourceValidationPolicy = {
  name: "aws-disallow-wildcard-iam",
  description:
    "No IAM document allows every action, every resource or everybody without a condition. A pod or a machine that is broken into takes over the account with it.",
  severity: "critical",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, reportViolation) => {
    const kind = awsType(type);
    const isOfKind = (one: { readonly kind: string }) => one.kind === kind;
    judgeAll(documents.filter(isOfKind), ({ path, own }) => {
      judgeDocument(at(props, path), path, own, reportViolation);
    });
    if (kind === "iam:Role") {
      judgeAll(list(at(props, "inlinePolicies")), (policy, index) => {
        judgeDocument(at(policy, "policy"), `inlinePolicies[${String(index)}].policy`, false, reportViolation);
      });
    }
    const attached = attachments.filter(isOfKind).flatMap(({ path }) => list(at(props, path)));
    judgeAll(attached, (arn) => {
      const policy = String(arn);
      if (!broadPolicy.test(policy)) return;
      reportViolation(
        `The policy ${policy} allows more than any role here is for. Attach one with the actions that are needed.`,
      );
    });
  },
};

type Report = (message: string) => void;

function judgeDocument(document: unknown, path: string, own: boolean, report: Report): void {
  judgeAll(list(at(parsed(document, path, report), "Statement")), (statement, index) => {
    if (at(statement, "Effect") !== "Allow") return;
    judgeStatement(statement, `${path}.Statement[${String(index)}]`, own, report);
  });
}

function parsed(document: unknown, path: string, report: Report): unknown {
  if (typeof document !== "string") return document;
  try {
    return JSON.parse(document) as unknown;
  } catch {
    report(`${path} is no JSON, so nobody can see what it allows. Write a policy document.`);
    return undefined;
  }
}

function judgeStatement(statement: unknown, path: string, own: boolean, report: Report): void {
  const bound = at(statement, "Condition") !== undefined;
  const root = isAccountRoot(at(statement, "Principal"));
  judgeAll(list(at(statement, "Action")), (value) => {
    const action = String(value);
    // A key's policy gives the account all rights on the key, or IAM could give none: AWS' own default.
    if (!everyAction.test(action) || (own && root)) return;
    report(`${path}.Action allows ${action}, every action there is and will be. Name the actions that are needed.`);
  });
  for (const inverted of ["NotAction", "NotResource", "NotPrincipal"]) {
    if (at(statement, inverted) === undefined) continue;
    report(`${path}.${inverted} allows all but a few, also what comes later. Name what is allowed.`);
  }
  const open = list(at(statement, "Resource")).includes("*");
  if (open && !own && !bound) {
    report(
      `${path}.Resource is "*" without a condition. Name the resources, or where AWS takes no other, a condition.`,
    );
  }
  const principals = [at(statement, "Principal"), ...list(at(statement, "Principal", "AWS"))];
  if (principals.includes("*") && !bound) {
    report(`${path}.Principal is everybody, in every account. Name who it is.`);
  }
}

function isAccountRoot(principal: unknown): boolean {
  const all = list(at(principal, "AWS"));
  return all.length > 0 && all.every((arn) => /^arn:aws[\w-]*:iam::\d{12}:root$/.test(String(arn)));
}
