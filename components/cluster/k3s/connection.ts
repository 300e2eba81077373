/** How the operator's machine reaches a node over SSH. */
import type { remote } from "@pulumi/command/types/input.js";
import * as pulumi from "@pulumi/pulumi";
import type { K3sConfig, K3sNode } from "./schema.ts";

/** What opens the nodes' doors. */
export interface SshSecrets {
  /** The text of the private key. */
  readonly privateKey: pulumi.Input<string>;
  /** Of the private key. @default none */
  readonly passphrase?: pulumi.Input<string>;
}

/** A host that does not answer is given up after three dials of 15 s, not after ten without an end. */
const patience = { perDialTimeout: 15, dialErrorLimit: 3 };

/** The connection to a node, a secret as a whole. */
export function connectionTo(
  ssh: K3sConfig["ssh"],
  node: Pick<K3sNode, "address" | "port" | "hostKey">,
  secrets: SshSecrets,
): pulumi.Output<remote.ConnectionArgs> {
  const key = {
    privateKey: secrets.privateKey,
    ...(secrets.passphrase === undefined ? {} : { privateKeyPassword: secrets.passphrase }),
    ...patience,
  };
  const { user, port, jump } = ssh;
  return pulumi.secret({
    host: node.address,
    port: node.port ?? port,
    user,
    hostKey: node.hostKey,
    ...key,
    ...(jump === undefined ? {} : { proxy: { ...jump, ...key } }),
  });
}
