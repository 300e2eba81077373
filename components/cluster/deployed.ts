/** What the stack's last `up` ended on, and what may follow it: docs/decisions/0004-a-cluster-is-its-id.md. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { hopProblem } from "../../skew.ts";
import type { ClusterFacts } from "./facts.ts";

const lastOutputs = z.object({
  outputs: z.object({
    environment: z.string().optional(),
    cluster: z
      .object({ id: z.string(), kind: z.string().optional(), kubernetesVersion: z.string().optional() })
      .optional(),
  }),
});

/** Where a stack stands; nothing before its first `up`. */
export interface Deployed {
  /** The stack's full name: organization/project/stack. */
  readonly stack: string;
  readonly environment?: string | undefined;
  readonly cluster?:
    | { readonly id: string; readonly kind?: string | undefined; readonly kubernetesVersion?: string | undefined }
    | undefined;
}

/** Reads the outputs of the stack's own last `up`. */
export async function readDeployed(): Promise<Deployed> {
  const stack = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const answer: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name: stack });
  return { stack, ...lastOutputs.parse(answer).outputs };
}

/** What a configuration wants, as far as it is compared with what is there. */
export interface Wanted {
  readonly environment: string;
  readonly kind: string;
  /** Known before the first call only for a cluster that is there already. */
  readonly id?: string;
  readonly facts: Pick<ClusterFacts, "kubernetesVersion">;
  /** Whether an `up` of this stack changes the cluster's version. */
  readonly upgrades: boolean;
}

/** Why a configuration may not follow what the stack's last `up` ended on, by path; nothing when it may. */
export function deployedProblems(last: Deployed, wanted: Wanted): string[] {
  const { environment, cluster } = last;
  const problems: string[] = [];
  if (environment !== undefined && environment !== wanted.environment) {
    problems.push(
      `quintet:environment: stack ${last.stack} is deployed as ${environment}, but this configuration is of ${wanted.environment}. Select the stack of ${wanted.environment}`,
    );
  }
  if (cluster === undefined) return problems;
  if (cluster.kind !== undefined && cluster.kind !== wanted.kind) {
    problems.push(
      `quintet:cluster.kind: stack ${last.stack} stands on a cluster of kind ${cluster.kind}, not ${wanted.kind}. Run \`pulumi destroy\` there before moving`,
    );
  } else if (wanted.id !== undefined && cluster.id !== wanted.id) {
    problems.push(
      `quintet:cluster: stack ${last.stack} stands on cluster ${cluster.id}, but the kubeconfig leads to cluster ${wanted.id}. ` +
        "Point the kubeconfig at the stack's own cluster, run `pulumi destroy` there before moving, or, when that cluster " +
        `is gone for good, forget it with \`pulumi stack rm --force --preserve-config ${last.stack.split("/").at(-1) ?? ""}\``,
    );
  } else if (wanted.upgrades && cluster.kubernetesVersion !== undefined) {
    const problem = hopProblem(cluster.kubernetesVersion, wanted.facts.kubernetesVersion);
    if (problem !== undefined) problems.push(`quintet:cluster.version: ${problem}`);
  }
  return problems;
}
