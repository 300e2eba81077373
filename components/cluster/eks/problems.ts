/** What in the configuration of an EKS cluster cannot be true together. */
import { type Contradiction, overlap } from "../facts.ts";
import { addOnProblems } from "./add-on-plan.ts";
import { longestNodeGroup } from "./name-plan.ts";
import { nodeGroupProblems } from "./node-group-plan.ts";
import type { EksConfig } from "./schema.ts";

/** What is wrong with a configuration whose parts each have the right shape, by the path of the one to change. */
export function eksProblems(config: EksConfig): Contradiction[] {
  return [
    ...nameProblems(config),
    ...networkProblems(config),
    ...endpointProblems(config),
    ...accessProblems(config),
    ...autoModeProblems(config),
    ...nodeGroupProblems(config),
    ...addOnProblems(config),
  ];
}

function nameProblems({ nodeGroups }: EksConfig): Contradiction[] {
  return Object.keys(nodeGroups)
    .filter((name) => name.length > longestNodeGroup)
    .map((name) => [
      ["nodeGroups", name],
      `has a name of ${String(name.length)} characters, a node group's has at most ${String(longestNodeGroup)}: shorten it`,
    ]);
}

function networkProblems({ vpc, serviceCidr, region, controlPlaneZones = [] }: EksConfig): Contradiction[] {
  const found: Contradiction[] = [];
  if (overlap(vpc.cidr, serviceCidr)) {
    found.push([["serviceCidr"], `${serviceCidr} overlaps vpc.cidr ${vpc.cidr}, give each a range of its own`]);
  }
  vpc.zones.forEach((zone, index) => {
    if (!zone.startsWith(region)) {
      found.push([["vpc", "zones", index], `${zone} is not in region ${region}, name zones like ${region}a`]);
    }
  });
  controlPlaneZones.forEach((zone, index) => {
    if (!vpc.zones.includes(zone)) {
      found.push([["controlPlaneZones", index], `${zone} is none of vpc.zones ${vpc.zones.join(", ")}`]);
    }
  });
  return found;
}

function endpointProblems({ endpoint, vpc }: EksConfig): Contradiction[] {
  const found: Contradiction[] = [];
  if (!endpoint.private && endpoint.publicCidrs.length === 0) {
    found.push([
      ["endpoint", "private"],
      "is off and publicCidrs names nobody, so nobody would reach the API server: leave it on, or list who calls from outside",
    ]);
  }
  if (!endpoint.private && endpoint.privateCidrs.length > 0) {
    found.push([["endpoint", "privateCidrs"], "lets networks in, but the private endpoint is off: turn it on"]);
  }
  endpoint.privateCidrs.forEach((cidr, index) => {
    if (overlap(cidr, vpc.cidr)) {
      found.push([
        ["endpoint", "privateCidrs", index],
        `${cidr} overlaps vpc.cidr ${vpc.cidr}: pods live there, and have the cluster's own way to the API server`,
      ]);
    }
  });
  return found;
}

/** EKS keeps one access entry for each role; of two, the later would fail when the cluster is already there. */
function accessProblems({ access }: EksConfig): Contradiction[] {
  const entries: [path: string[], role: string][] = [
    [["breakGlass"], access.breakGlass],
    [["deployer"], access.deployer],
    ...Object.entries(access.admins).map(([name, role]): [string[], string] => [["admins", name], role]),
    ...Object.entries(access.viewers).map(([name, role]): [string[], string] => [["viewers", name], role]),
    ...Object.entries(access.teams).map(([name, { role }]): [string[], string] => [["teams", name], role]),
  ];
  return entries.flatMap(([path, role], index): Contradiction[] => {
    const earlier = entries.slice(0, index).find(([, other]) => other === role);
    if (earlier === undefined) return [];
    return [
      [["access", ...path], `is ${role}, as access.${earlier[0].join(".")} is: EKS keeps one entry for each role`],
    ];
  });
}

function autoModeProblems({ autoMode, nodeGroups, networkPolicy }: EksConfig): Contradiction[] {
  const found: Contradiction[] = [];
  if (autoMode && Object.keys(nodeGroups).length > 0) {
    found.push([
      ["nodeGroups"],
      "has groups, but under autoMode EKS starts the nodes: leave them out, or turn autoMode off",
    ]);
  }
  if (!autoMode && Object.keys(nodeGroups).length === 0) {
    found.push([["nodeGroups"], "has no group, so nothing could run: add one, or turn autoMode on"]);
  }
  if (autoMode && networkPolicy === "strict") {
    found.push([
      ["networkPolicy"],
      "is strict, which the nodes of autoMode are not by themselves: say standard or off, or turn autoMode off",
    ]);
  }
  return found;
}
