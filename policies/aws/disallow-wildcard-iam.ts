/** A role may do what it is for. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { judgeAll } from "../lib/aws/judge-all.ts";
import { awsType } from "../lib/aws/values.ts";
import { at, list } from "../lib/values.ts";

/** The properties that hold a policy document, by type; `own` means that a resource's own policy names itself by "*". */
const documents: Readonly<Record<string, readonly { readonly path: string; readonly own?: true }[]>> = {
  "iam:Policy": [{ path: "policy" }],
  "iam:RolePolicy": [{ path: "policy" }],
  "iam:UserPolicy": [{ path: "policy" }],
  "iam:GroupPolicy": [{ path: "policy" }],
  "iam:Role": [{ path: "assumeRolePolicy", own: true }],
  "kms:Key": [{ path: "policy", own: true }],
  "sqs:QueuePolicy": [{ path: "policy" }],
  "s3:BucketPolicy": [{ path: "policy" }],
};

/** Policies of AWS that allow everything, or everything of a service. */
const broadPolicy = /:policy\/(AdministratorAccess|PowerUserAccess|IAMFullAccess|\w+FullAccess)$/;

/** Refuses permissions without a bound: any action, any resource, anybody. */
export const disallowWildcardIam: ResourceValidationPolicy = {
  name: "aws-disallow-wildcard-iam",
  description:
    "No IAM document allows every action, every resource or everybody without a condition. A pod or a machine that is broken into takes over the account with it.",
  severity: "critical",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, reportViolation) => {
    const kind = awsType(type);
    judgeAll(documents[kind] ?? [], ({ path, own }) => {
      judgeDocument(at(props, path), path, own ?? false, reportViolation);
    });
    if (kind === "iam:Role") {
      judgeAll(list(at(props, "inlinePolicies")), (policy, index) => {
        judgeDocument(at(policy, "policy"), `inlinePolicies[${String(index)}].policy`, false, reportViolation);
      });
    }
    const attached = [
      ...(/^iam:(Role|User|Group)?PolicyAttachment$/.test(kind) ? list(at(props, "policyArn")) : []),
      ...(kind === "iam:Role" ? list(at(props, "managedPolicyArns")) : []),
    ];
    judgeAll(attached, (arn) => {
      if (typeof arn === "string" && broadPolicy.test(arn)) {
        reportViolation(
          `The policy ${arn} allows more than any role here is for. Attach one with the actions that are needed.`,
        );
      }
    });
  },
};

type Report = (message: string) => void;

function judgeDocument(document: unknown, path: string, own: boolean, report: Report): void {
  if (document === undefined || document === null) return;
  const parsed = typeof document === "string" ? jsonOf(document) : document;
  if (parsed === undefined) {
    report(`${path} is no JSON, so nobody can see what it allows. Write a policy document.`);
    return;
  }
  judgeAll(list(at(parsed, "Statement")), (statement, index) => {
    if (at(statement, "Effect") !== "Allow") return;
    judgeStatement(statement, `${path}.Statement[${String(index)}]`, own, report);
  });
}

function judgeStatement(statement: unknown, path: string, own: boolean, report: Report): void {
  const bound = at(statement, "Condition") !== undefined;
  const root = isAccountRoot(at(statement, "Principal"));
  judgeAll(list(at(statement, "Action")), (action) => {
    // A key's policy gives the account all rights on the key, or IAM could give none: AWS' own default.
    if (typeof action !== "string" || !/^(\*|[\w-]+:\*)$/.test(action) || (own && root)) return;
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

const isAccountRoot = (principal: unknown): boolean =>
  list(at(principal, "AWS")).every((arn) => typeof arn === "string" && /^arn:aws[\w-]*:iam::\d{12}:root$/.test(arn)) &&
  list(at(principal, "AWS")).length > 0;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
