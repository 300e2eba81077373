/** The cluster contract: the only thing in the program that differs by target. */
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { embeddedFacts } from "./embedded.ts";
import type { ClusterFacts } from "./facts.ts";
import { requireSameCluster } from "./identity.ts";

/** Which cluster, by kind. The kubeconfig is its text, not a path: only config.ts reads files. */
export type ClusterConfig =
  | { readonly kind: "embedded"; readonly kubeconfig: string; readonly kubeconfigFile: string }
  | { readonly kind: "existing"; readonly kubeconfig: string; readonly context?: string; readonly facts: ClusterFacts };

/** What the rest of the platform sees of the cluster, whatever its kind. */
export interface Cluster {
  /** Every Kubernetes resource of the platform goes through this provider. */
  readonly provider: Provider;
  readonly facts: ClusterFacts;
}

/**
 * The requests per second, and in one burst, that the provider may send. The default of 50 and 100 makes previews of
 * some hundred objects wait for the client, not for the server, whose own priority and fairness protects it.
 */
const kubeClientSettings = { qps: 200, burst: 400 };

/** Connects the platform to the configured cluster, unless the stack stands on another one. */
export async function createCluster(config: ClusterConfig): Promise<Cluster> {
  const facts = factsOf(config);
  await requireSameCluster(facts.id);
  const access = new ClusterAccess("cluster", {
    id: facts.id,
    kubeconfig: config.kubeconfig,
    ...(config.kind === "existing" && config.context !== undefined ? { context: config.context } : {}),
  });
  return { facts, provider: access.provider };
}

/** The one switch on the kind of cluster. */
function factsOf(config: ClusterConfig): ClusterFacts {
  switch (config.kind) {
    case "embedded":
      return embeddedFacts(config.kubeconfig, config.kubeconfigFile);
    case "existing":
      return config.facts;
  }
}

/** Arguments of {@link ClusterAccess}. */
export interface ClusterAccessArgs {
  /** What tells this cluster from every other one. Another id replaces the provider, and with it all it made. */
  readonly id: string;
  /** The text of the kubeconfig; it becomes a secret. */
  readonly kubeconfig: string;
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
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
