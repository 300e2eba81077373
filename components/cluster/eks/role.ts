/** A role in IAM with all that it may do. */
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import * as pulumi from "@pulumi/pulumi";
import { managedPolicy, type PolicyDocument } from "./role-plan.ts";

/** Arguments of {@link EksRole}. */
export interface EksRoleArgs {
  /** Its name in IAM. */
  readonly roleName: string;
  readonly description: string;
  /** Who may take it. */
  readonly trust: PolicyDocument;
  /** The names of AWS's own policies that it gets. @default none */
  readonly managed?: readonly string[];
  /** What else it may do. @default nothing */
  readonly policy?: pulumi.Input<PolicyDocument>;
}

/** A role in IAM with all that it may do. Who depends on it can act as soon as it is there. */
export class EksRole extends pulumi.ComponentResource {
  public readonly arn: pulumi.Output<string>;

  public constructor(name: string, args: EksRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:EksRole", name, {}, opts);
    const role = new Role(
      `${name}-role`,
      { name: args.roleName, description: args.description, assumeRolePolicy: JSON.stringify(args.trust) },
      { parent: this },
    );
    for (const policy of args.managed ?? []) {
      new RolePolicyAttachment(
        `${name}-${policy}`,
        { role: role.name, policyArn: managedPolicy(policy) },
        { parent: this },
      );
    }
    if (args.policy !== undefined) {
      new RolePolicy(
        `${name}-policy`,
        { name: args.roleName, role: role.name, policy: pulumi.jsonStringify(args.policy) },
        { parent: this },
      );
    }
    this.arn = role.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
