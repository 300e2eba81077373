/** The cluster contract: the only thing in the program that differs by target. */
import type { Provider } from "@pulumi/kubernetes/provider.js";
import type * as pulumi from "@pulumi/pulumi";
import { ClusterAccess } from "./access.ts";
import type { EksClusterArgs } from "./eks/index.ts";
import type { ClusterFacts } from "./facts.ts";
import type { K3sClusterArgs } from "./k3s/index.ts";

/** A cluster that is there already. The kubeconfig is its text, not a path: only config.ts reads files. */
interface Connected {
  readonly kind: "embedded" | "existing";
  readonly kubeconfig: string;
  readonly context?: string;
  readonly id: string;
  readonly facts: ClusterFacts;
}

/** A cluster of k3s that this stack makes of machines. */
interface OverSsh extends K3sClusterArgs {
  readonly kind: "k3s";
  readonly facts: ClusterFacts;
}

/** A cluster that this stack has AWS make. */
interface OnAws extends EksClusterArgs {
  readonly kind: "eks";
  readonly facts: ClusterFacts;
}

/** Which cluster, by kind. */
export type ClusterConfig = Connected | OverSsh | OnAws;

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

/** Makes the configured cluster, or connects to it: the one switch on its kind. */
export async function createCluster(config: ClusterConfig): Promise<Cluster> {
  switch (config.kind) {
    case "embedded":
    case "existing": {
      const { id, facts, kubeconfig, context } = config;
      const access = new ClusterAccess("cluster", { id, kubeconfig, ...(context === undefined ? {} : { context }) });
      return { id, facts, provider: access.provider };
    }
    // Loaded where they are used: the SDKs behind them cost every other stack some seconds.
    case "k3s": {
      const { K3sCluster } = await import("./k3s/index.ts");
      const { id, kubeconfig, resource } = new K3sCluster("k3s", config);
      const access = new ClusterAccess("cluster", { id, kubeconfig });
      return { id, facts: config.facts, provider: access.provider, deletedWith: resource };
    }
    case "eks": {
      const { EksCluster } = await import("./eks/index.ts");
      const { id, provider, resource } = new EksCluster("eks", config);
      return { id, facts: config.facts, provider, deletedWith: resource };
    }
  }
}
