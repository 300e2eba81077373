/** What an EKS cluster is, known before it is made. */
import { addressAt, type ClusterFacts } from "../facts.ts";
import { type AddOnName, isWanted } from "./add-on-plan.ts";
import { controlPlaneZones } from "./node-group-plan.ts";
import type { EksConfig } from "./schema.ts";
import { eksHalf } from "./half.ts";
import { planSubnets, resolverOf } from "./subnet-plan.ts";

/** The VPC's own resolver, at the address that is the same in every VPC. */
const vpcResolver = "169.254.169.253";

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
    dns: {
      domain: "cluster.local",
      settings: isWanted(config, "coredns") ? "add-on" : "none",
      resolvers: [resolverOf(config.vpc.cidr), vpcResolver],
    },
    nodes: [],
    nodeRanges: nodeRanges(config),
    zones: config.vpc.zones,
    // The Service's address, too: the VPC's own network asks policies before it is translated.
    apiServer: { cidrs: [`${addressAt(config.serviceCidr, 1)}/32`, ...controlPlaneRanges(config)], port: 443 },
    enforcesNetworkPolicy: config.networkPolicy !== "off",
    ownsEtcd: false,
    loadBalancer: "cloud",
    awsLoadBalancers: config.autoMode ? "auto-mode" : "cloud-controller",
    ...(config.publicZone === undefined
      ? {}
      : { publicZone: { provider: "aws" as const, region: config.region, ...config.publicZone } }),
    imageSource: "registry",
    podRoles: config.autoMode || isWanted(config, "eks-pod-identity-agent"),
    brings: (["cni", "dns", "proxy", "metrics"] as const).filter((part) => {
      const addOn = addOnOf[part];
      return isWanted(config, addOn) || (config.autoMode && part !== "metrics");
    }),
    system: eksHalf(config),
  };
}

/** The subnets of nodes, in which their pods have addresses, too. */
const nodeRanges = ({ name, vpc }: Pick<EksConfig, "name" | "vpc">): string[] =>
  planSubnets(name, vpc.cidr, vpc.zones)
    .filter(({ tier }) => tier === "private")
    .map(({ cidr }) => cidr);

/** The subnets in which the control plane has its own addresses. */
function controlPlaneRanges(config: Pick<EksConfig, "name" | "vpc" | "controlPlaneZones" | "autoMode">): string[] {
  return planSubnets(config.name, config.vpc.cidr, controlPlaneZones(config))
    .filter(({ tier }) => tier === "intra")
    .map(({ cidr }) => cidr);
}
