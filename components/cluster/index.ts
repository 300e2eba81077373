/** The cluster contract: the only thing in the program that differs by target. */
import type { Provider } from "@pulumi/kubernetes/provider.js";
import type * as pulumi from "@pulumi/pulumi";
import { Connectivity } from "../connectivity.ts";
import type { NetworkPolicy } from "../network-policy.ts";
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
interface OnAws extends Omit<EksClusterArgs, "policies" | "exports"> {
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
  /** The name of kube-system, known once its NetworkPolicies exist. */
  readonly systemNamespace: pulumi.Input<string>;
  /** The cluster, when this stack makes it: what lives in it goes with it. */
  readonly deletedWith?: pulumi.Resource;
}

const system = "kube-system";

/**
 * Makes the configured cluster, or connects to it: the one switch on its kind.
 *
 * @param all the NetworkPolicies of all namespaces, of which kube-system gets its own
 * @param owner the stack that makes them
 * @param exports where it has the cluster's objects exported to with a role; only where pods have some
 */
export async function createCluster(
  config: ClusterConfig,
  all: readonly NetworkPolicy[],
  owner: string,
  exports?: EksClusterArgs["exports"],
): Promise<Cluster> {
  const policies = all.filter(({ namespace }) => namespace === system);
  const close = (opts: pulumi.ComponentResourceOptions) =>
    new Connectivity(system, { namespace: system, policies, owner }, opts).namespace;
  switch (config.kind) {
    case "embedded":
    case "existing": {
      const { id, facts, kubeconfig, context } = config;
      const access = new ClusterAccess("cluster", { id, kubeconfig, ...(context === undefined ? {} : { context }) });
      const { provider } = access;
      return { id, facts, provider, systemNamespace: close({ provider }) };
    }
    // Loaded where they are used: the SDKs behind them cost every other stack some seconds.
    case "k3s": {
      const { K3sCluster } = await import("./k3s/index.ts");
      const { id, kubeconfig, resource } = new K3sCluster("k3s", config);
      const { provider } = new ClusterAccess("cluster", { id, kubeconfig });
      const systemNamespace = close({ provider, deletedWith: resource });
      return { id, facts: config.facts, provider, systemNamespace, deletedWith: resource };
    }
    case "eks": {
      const { EksCluster } = await import("./eks/index.ts");
      const { id, provider, resource } = new EksCluster("eks", { ...config, policies, exports });
      return { id, facts: config.facts, provider, systemNamespace: system, deletedWith: resource };
    }
  }
}
