/** The program that the SSH test deploys: the k3s cluster alone, with what it gives in clear. */
import { secret } from "@pulumi/pulumi";
import { K3sCluster } from "../../components/cluster/k3s/index.ts";
import { k3sSchema } from "../../components/cluster/k3s/schema.ts";
import { valueOf } from "../lib/record.ts";

/** What the program is given: a value of `quintet:cluster` and the secrets. */
export interface K3sProgramArgs {
  readonly cluster: object;
  readonly privateKey: string;
  readonly passphrase: string;
  readonly token: string;
}

/** What it gives. */
export interface K3sProgramResult {
  readonly kubeconfig: string;
  readonly id: string;
}

/** Makes the cluster. */
export default function program(args: K3sProgramArgs): Promise<K3sProgramResult> {
  const cluster = new K3sCluster("quintet", {
    config: k3sSchema.parse(args.cluster),
    ssh: { privateKey: secret(args.privateKey), passphrase: secret(args.passphrase) },
    token: secret(args.token),
  });
  return Promise.all([valueOf(cluster.kubeconfig), valueOf(cluster.id)]).then(([kubeconfig, id]) => ({
    kubeconfig,
    id,
  }));
}
