/** What things are called in AWS, and how long that may be. */
import { createHash } from "node:crypto";
import type { EksConfig } from "./schema.ts";

/** What a role is for. */
export type RoleName =
  "control-plane" | "nodes" | "flow-logs" | "vpc-cni" | "aws-ebs-csi-driver" | "external-dns" | "object-backup";

/** The longest name of a role that IAM takes. */
const longestRole = 64;

/**
 * The longest name of a node group. EKS takes 63 characters; the provider appends 26 to the prefix "NAME-", so that a
 * new group can stand beside the one it replaces.
 */
export const longestNodeGroup = 63 - 26 - "-".length;

/**
 * The name of a role in IAM. Roles are an account's, not a region's, so it says the region: clusters of one name in two
 * regions share none. Where that is too long, a hash of the whole stands for what is cut off.
 */
export function roleName({ name, region }: Pick<EksConfig, "name" | "region">, role: RoleName): string {
  const whole = `${name}-${region}-${role}`;
  if (whole.length <= longestRole) return whole;
  const end = `-${createHash("sha256").update(whole).digest("hex").slice(0, 8)}-${role}`;
  return `${whole.slice(0, longestRole - end.length)}${end}`;
}

/** The name of a group's launch template. */
export const launchTemplateName = (cluster: string, group: string): string => `${cluster}-${group}`;

/** The log group that EKS writes to, whether it is there or not: it would make one that keeps all for ever. */
export const controlPlaneLogs = (cluster: string): string => `/aws/eks/${cluster}/cluster`;

/** The log group of the VPC's flow logs. */
export const flowLogs = (cluster: string): string => `/aws/vpc/${cluster}/flow-logs`;

/** The tag that says which cluster something in AWS belongs to; permissions depend on it. */
export const clusterTag = "quintet.dev/cluster";

/** What every resource in AWS is marked with: whose it is, and who changes it. */
export const tagsOf = (cluster: string, environment: string): Record<string, string> => ({
  [clusterTag]: cluster,
  Environment: environment,
  ManagedBy: "quintet",
});
