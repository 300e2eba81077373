/** What an EKS cluster is, known before it is made. */
import type { ClusterFacts } from "../facts.ts";
import { type AddOnName, isWanted } from "./add-on-plan.ts";
import { controlPlaneZones } from "./node-group-plan.ts";
import type { EksConfig } from "./schema.ts";
import { planSubnets } from "./subnet-plan.ts";

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
    // The Service's address, too: the VPC's own network asks policies before it is translated.
    apiServer: { cidrs: [`${kubernetesService(config)}/32`, ...controlPlaneRanges(config)], port: 443 },
    enforcesNetworkPolicy: config.networkPolicy !== "off",
    ownsEtcd: false,
    loadBalancer: "cloud",
    awsLoadBalancers: config.autoMode ? "auto-mode" : "cloud-controller",
    imageSource: "registry",
    brings: (["cni", "dns", "proxy", "metrics"] as const).filter((part) => {
      const addOn = addOnOf[part];
      return isWanted(config, addOn) || (config.autoMode && part !== "metrics");
    }),
  };
}

/** The address of the Service `kubernetes`: the first of the range. */
export function kubernetesService({ serviceCidr }: Pick<EksConfig, "serviceCidr">): string {
  const [address = ""] = serviceCidr.split("/");
  const octets = address.split(".");
  return [...octets.slice(0, 3), String(Number(octets[3]) + 1)].join(".");
}

/** The subnets in which the control plane has its own addresses. */
export function controlPlaneRanges(
  config: Pick<EksConfig, "name" | "vpc" | "controlPlaneZones" | "autoMode">,
): string[] {
  return planSubnets(config.name, config.vpc.cidr, controlPlaneZones(config))
    .filter(({ tier }) => tier === "intra")
    .map(({ cidr }) => cidr);
}
