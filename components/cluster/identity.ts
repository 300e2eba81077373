/** Keeps a stack on the cluster it stands on: why, see docs/decisions/0004-a-cluster-is-its-id.md. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

/** The part of the stack's own last outputs that says where it stands; nothing before the first `up`. */
const lastOutputs = z.object({ outputs: z.object({ cluster: z.object({ id: z.string() }).optional() }) });

/**
 * Compares a cluster with the one that the stack's last `up` ended on.
 *
 * @param id the cluster about to be used
 * @throws RunError when it is another one, before anything is registered
 */
export async function requireSameCluster(id: string): Promise<void> {
  const stack = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const answer: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name: stack });
  const last = lastOutputs.parse(answer).outputs.cluster?.id;
  if (last === undefined || last === id) return;
  throw new pulumi.RunError(
    `Stack ${stack} stands on cluster ${last}, but the kubeconfig leads to cluster ${id}; nothing has been changed. ` +
      "Point the kubeconfig at the stack's own cluster, run `pulumi destroy` there before moving, or, when that cluster " +
      `is gone for good, forget it with \`pulumi stack rm --force --preserve-config ${pulumi.getStack()}\`.`,
  );
}
