/** What an EKS cluster is, known before it is made. */
import type { ClusterFacts } from "../facts.ts";
import { type AddOnName, isWanted } from "./add-on-plan.ts";
import type { EksConfig } from "./schema.ts";

/** The add-on that is each part of a cluster. */
const addOnOf = {
  cni: "vpc-cni",
  dns: "coredns",
  proxy: "kube-proxy",
  metrics: "metrics-server",
} as const satisfies Record<ClusterFacts["brings"][number], AddOnName>;

/**
 * The facts of the cluster that a configuration describes. Its nodes come and go without names of their own, so there
 * are none here, but zones. Pods have addresses of the VPC.
 */
export function eksFacts(config: EksConfig): ClusterFacts {
  return {
    mode: "nodes",
    kubernetesVersion: `v${config.version}`,
    podCidr: config.vpc.cidr,
    serviceCidr: config.serviceCidr,
    nodes: [],
    zones: config.vpc.zones,
    enforcesNetworkPolicy: config.networkPolicy !== "off",
    ownsEtcd: false,
    loadBalancer: "cloud",
    imageSource: "registry",
    brings: (["cni", "dns", "proxy", "metrics"] as const).filter((part) => {
      const addOn = addOnOf[part];
      return isWanted(config, addOn) || (config.autoMode && part !== "metrics");
    }),
  };
}
