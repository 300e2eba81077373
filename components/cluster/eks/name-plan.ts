/** What things are called in AWS, and how long that may be. */
import type { EksConfig } from "./schema.ts";

/** The roles that AWS services and pods take, by what stands behind the cluster's name. */
export const roleNames = ["control-plane", "nodes", "flow-logs", "vpc-cni", "aws-ebs-csi-driver"] as const;

/** What a role is for. */
export type RoleName = (typeof roleNames)[number];

/** What EKS adds to the prefix of a node group's name, so that a new one can stand beside the one it replaces. */
const suffixOfProvider = 26;

/** A name that is put together, and the longest that AWS takes there. */
export interface ComposedName {
  readonly path: readonly string[];
  readonly what: string;
  readonly name: string;
  readonly limit: number;
}

/** The name of a role in IAM. */
export const roleName = (cluster: string, role: RoleName): string => `${cluster}-${role}`;

/** The name of a group's launch template. */
export const launchTemplateName = (cluster: string, group: string): string => `${cluster}-${group}`;

/** The log group that EKS writes to, whether it is there or not: it would make one that keeps all for ever. */
export const controlPlaneLogs = (cluster: string): string => `/aws/eks/${cluster}/cluster`;

/** The log group of the VPC's flow logs. */
export const flowLogs = (cluster: string): string => `/aws/vpc/${cluster}/flow-logs`;

/** Every name that is put together of the configuration's. The limits are those of the services' API references. */
export function composedNames({ name, nodeGroups }: Pick<EksConfig, "name" | "nodeGroups">): ComposedName[] {
  const ofCluster = (what: string, composed: string, limit: number) => ({
    path: ["name"],
    what,
    name: composed,
    limit,
  });
  return [
    ofCluster("the cluster", name, 100),
    ...roleNames.map((role) => ofCluster("the role", roleName(name, role), 64)),
    ...[controlPlaneLogs(name), flowLogs(name)].map((group) => ofCluster("the log group", group, 512)),
    ...Object.keys(nodeGroups).flatMap((group) => [
      { path: ["nodeGroups", group], what: "the node group", name: `${group}-`, limit: 63 - suffixOfProvider },
      { path: ["nodeGroups", group], what: "the launch template", name: launchTemplateName(name, group), limit: 128 },
    ]),
  ];
}

/** The tag that says which cluster something in AWS belongs to; permissions depend on it. */
export const clusterTag = "quintet.dev/cluster";

/** What every resource in AWS is marked with: whose it is, and who changes it. */
export const tagsOf = (cluster: string, environment: string): Record<string, string> => ({
  [clusterTag]: cluster,
  Environment: environment,
  ManagedBy: "quintet",
});
