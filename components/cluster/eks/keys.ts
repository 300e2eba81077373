/** The keys of a cluster: one for its Secrets, one for its logs. */
import { Alias } from "@pulumi/aws/kms/alias.js";
import { Key } from "@pulumi/aws/kms/key.js";
import * as pulumi from "@pulumi/pulumi";
import { logsKeyPolicy, type PolicyDocument, secretsKeyPolicy } from "./role-plan.ts";
import type { EksConfig } from "./schema.ts";

/** Arguments of {@link EksKeys}. */
export interface EksKeysArgs {
  readonly place: Pick<EksConfig, "name" | "account" | "region">;
  /** Whether they are kept from being deleted: without its key, what it encrypts is lost. */
  readonly protect: boolean;
}

/** The longest that KMS waits before it deletes a key: time to notice that it is still needed. */
const deletionWindowInDays = 30;

/** The keys of a cluster: one for its Secrets, one for its logs. Both rotate every year. */
export class EksKeys extends pulumi.ComponentResource {
  /** The ARN of the key that encrypts Secrets in etcd. */
  public readonly secrets: pulumi.Output<string>;
  /** The ARN of the key that encrypts the log groups. */
  public readonly logs: pulumi.Output<string>;

  public constructor(name: string, args: EksKeysArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:EksKeys", name, {}, opts);
    const make = (role: string, description: string, policy: PolicyDocument) => {
      const key = new Key(
        `${name}-${role}`,
        { description, policy: JSON.stringify(policy), enableKeyRotation: true, deletionWindowInDays },
        { parent: this, protect: args.protect },
      );
      const alias = `alias/eks/${args.place.name}/${role}`;
      new Alias(`${name}-${role}-alias`, { name: alias, targetKeyId: key.keyId }, { parent: this });
      return key.arn;
    };
    this.secrets = make("secrets", `Secrets of EKS cluster ${args.place.name}`, secretsKeyPolicy(args.place));
    this.logs = make("logs", `Logs of EKS cluster ${args.place.name}`, logsKeyPolicy(args.place));
    this.registerOutputs({ secrets: this.secrets, logs: this.logs });
  }
}
