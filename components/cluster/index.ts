/** The cluster contract: the only thing in the program that differs by target. */
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterFacts } from "./facts.ts";

/** Which cluster, by kind. The kubeconfig is its text, not a path: only config.ts reads files. */
export type ClusterConfig = {
  readonly kind: "embedded" | "existing";
  readonly kubeconfig: string;
  readonly context?: string;
  readonly id: string;
  readonly facts: ClusterFacts;
};

/** What the rest of the platform sees of the cluster, whatever its kind. */
export interface Cluster {
  /** Every Kubernetes resource of the platform goes through this provider. */
  readonly provider: Provider;
  /** What tells this cluster from every other one. */
  readonly id: pulumi.Input<string>;
  readonly facts: ClusterFacts;
  /** The cluster, when this stack makes it: what lives in it goes with it. */
  readonly deletedWith?: pulumi.Resource;
}

/**
 * The requests per second, and in one burst, that the provider may send. The default of 50 and 100 makes previews of
 * some hundred objects wait for the client, not for the server, whose own priority and fairness protects it.
 */
const kubeClientSettings = { qps: 200, burst: 400 };

/** Makes the configured cluster, or connects to it: the one switch on its kind. */
export async function createCluster(config: ClusterConfig): Promise<Cluster> {
  switch (config.kind) {
    case "embedded":
    case "existing": {
      const { id, facts, kubeconfig, context } = config;
      const access = new ClusterAccess("cluster", { id, kubeconfig, ...(context === undefined ? {} : { context }) });
      return { id, facts, provider: access.provider };
    }
  }
}

/** Arguments of {@link ClusterAccess}. */
export interface ClusterAccessArgs {
  /** What tells this cluster from every other one. Another id replaces the provider, and with it all it made. */
  readonly id: pulumi.Input<string>;
  /** The text of the kubeconfig; it becomes a secret. */
  readonly kubeconfig: pulumi.Input<string>;
  /** @default the kubeconfig's current context */
  readonly context?: string;
}

/** The connection to one cluster: its provider. */
export class ClusterAccess extends pulumi.ComponentResource {
  public readonly provider: Provider;

  public constructor(name: string, args: ClusterAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:ClusterAccess", name, {}, opts);
    this.provider = new Provider(
      `${name}-provider`,
      {
        kubeconfig: pulumi.secret(args.kubeconfig),
        clusterIdentifier: args.id,
        ...(args.context === undefined ? {} : { context: args.context }),
        kubeClientSettings,
        enableSecretMutable: true, // a new login is written into its Secret, which is else deleted and made anew
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
