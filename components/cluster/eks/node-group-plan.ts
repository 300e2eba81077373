/** The node groups: what each is, in which wave it is updated, and what goes together. */
import { coerce } from "semver";
import { versions } from "../../../versions.ts";
import type { Contradiction } from "../facts.ts";
import { privateAddresses } from "./subnet-plan.ts";
import type { EksConfig, NodeGroupConfig } from "./schema.ts";

/** One node group as it is made. */
export interface NodeGroupPlan extends Omit<NodeGroupConfig, "version" | "release" | "zones" | "taints"> {
  readonly name: string;
  readonly zones: readonly string[];
  /** The minor release of its kubelets. */
  readonly version: string;
  /** The release of its image. */
  readonly release: string;
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

/** How many addresses a node may take at most: its own and those of the 110 pods that a kubelet accepts. */
const addressesOfNode = 111;

const releases: Readonly<Record<string, { readonly nodes: string }>> = versions.eks;

/** The node groups, wave after wave, and within a wave by name. */
export function planNodeGroups(
  config: Pick<EksConfig, "version" | "vpc" | "controlPlaneZones" | "nodeGroups">,
): NodeGroupPlan[][] {
  const plans = Object.entries(config.nodeGroups).map(([name, group]): NodeGroupPlan => {
    const { taints, version = config.version, zones = controlPlaneZones(config), release, ...rest } = group;
    return {
      ...rest,
      name,
      zones,
      version,
      release: release ?? releases[version]?.nodes ?? "",
      taints: taints.map(({ key, value, effect }) => ({
        key,
        ...(value === undefined ? {} : { value }),
        effect: effects[effect],
      })),
    };
  });
  const waves = [...new Set(plans.map(({ wave }) => wave))].sort((a, b) => a - b);
  const byName = plans.sort((a, b) => (a.name < b.name ? -1 : 1));
  return waves.map((number) => byName.filter(({ wave }) => wave === number));
}

/** The zones from which EKS reaches the nodes, and where node groups are that name none. */
export function controlPlaneZones({
  vpc,
  controlPlaneZones,
}: Pick<EksConfig, "vpc" | "controlPlaneZones">): readonly string[] {
  return controlPlaneZones ?? vpc.zones.slice(0, 3);
}

/** How the API of EKS spells the effects of a taint. */
const effects = {
  NoSchedule: "NO_SCHEDULE",
  PreferNoSchedule: "PREFER_NO_SCHEDULE",
  NoExecute: "NO_EXECUTE",
} as const;

/** What is wrong with the node groups of a configuration whose parts each have the right shape. */
export function nodeGroupProblems(config: EksConfig): Contradiction[] {
  const groups = Object.entries(config.nodeGroups);
  const found = groups.flatMap(([name, group]) =>
    [...sizeProblems(group), ...versionProblems(group, config), ...placeProblems(group, config)].map(
      ([path, problem]): Contradiction => [["nodeGroups", name, ...path], problem],
    ),
  );
  const open = groups.filter(
    ([, { taints, nodes }]) => nodes.min > 0 && taints.every(({ effect }) => effect === "PreferNoSchedule"),
  );
  if (groups.length > 0 && open.length === 0) {
    found.push([
      ["nodeGroups"],
      "has no group with at least one node and without taints, so DNS could run nowhere: leave the taints of one away, and its min above zero",
    ]);
  }
  return [...found, ...roomProblems(config)];
}

function sizeProblems({ nodes, maxUnavailable }: NodeGroupConfig): Contradiction[] {
  const { min, desired, max } = nodes;
  const found: Contradiction[] = [];
  if (min > max) found.push([["nodes", "max"], `${String(max)} is below min ${String(min)}`]);
  else if (desired < min || desired > max) {
    found.push([["nodes", "desired"], `${String(desired)} is not from min ${String(min)} to max ${String(max)}`]);
  }
  if (desired > 1 && maxUnavailable >= desired) {
    found.push([
      ["maxUnavailable"],
      `is ${String(maxUnavailable)} of ${String(desired)} nodes, an update would take all of them at once: lower it`,
    ]);
  }
  return found;
}

function versionProblems({ version, release, amiType }: NodeGroupConfig, config: EksConfig): Contradiction[] {
  const { version: cluster } = config;
  const own = version ?? cluster;
  const found: Contradiction[] = [];
  const behind = (coerce(cluster)?.minor ?? 0) - (coerce(own)?.minor ?? 0);
  if (behind < 0) {
    found.push([["version"], `${own} is newer than the cluster's ${cluster}: upgrade the control plane first`]);
  } else if (behind > 3) {
    found.push([
      ["version"],
      `${own} is more than three minor releases behind the cluster's ${cluster}: upgrade it first`,
    ]);
  } else if (version !== undefined && release === undefined && releases[version] === undefined) {
    const processor = amiType === "AL2023_ARM_64_STANDARD" ? "arm64" : "x86_64";
    const parameter = `/aws/service/eks/optimized-ami/${version}/amazon-linux-2023/${processor}/standard/recommended/release_version`;
    found.push([
      ["release"],
      `is missing, and versions.ts pins none for Kubernetes ${version}: \`aws ssm get-parameter --name ${parameter}\` has the newest`,
    ]);
  }
  if (release !== undefined && !release.startsWith(`${own}.`)) {
    found.push([["release"], `${release} is no image of Kubernetes ${own}, name one that starts with ${own}.`]);
  }
  return found;
}

function placeProblems({ zones = [], instanceTypes, amiType }: NodeGroupConfig, { vpc }: EksConfig): Contradiction[] {
  return [
    ...zones.flatMap((zone, index): Contradiction[] =>
      vpc.zones.includes(zone) ? [] : [[["zones", index], `${zone} is none of vpc.zones ${vpc.zones.join(", ")}`]],
    ),
    ...instanceTypes.flatMap((type, index): Contradiction[] => {
      const arm = /^([a-z]+\d+g[a-z]*|a1)\./.test(type);
      if (arm === (amiType === "AL2023_ARM_64_STANDARD")) return [];
      const wants = arm ? "AL2023_ARM_64_STANDARD" : "AL2023_x86_64_STANDARD";
      return [[["instanceTypes", index], `${type} does not start with amiType ${amiType}, it wants ${wants}`]];
    }),
  ];
}

function roomProblems({ vpc, nodeGroups }: EksConfig): Contradiction[] {
  const most = Object.values(nodeGroups).reduce((sum, { nodes }) => sum + nodes.max, 0);
  const room = Math.floor((privateAddresses(vpc.cidr) * vpc.zones.length) / addressesOfNode);
  if (most <= room) return [];
  const nodes = `${String(room)} ${room === 1 ? "node" : "nodes"} with ${String(addressesOfNode - 1)} pods each`;
  return [
    [
      ["vpc", "cidr"],
      `${vpc.cidr} has room for ${nodes}, but the node groups may grow to ${String(most)}: take a larger network`,
    ],
  ];
}
