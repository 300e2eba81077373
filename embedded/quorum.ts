/** The gate between two control-plane nodes: the next one may go only when all of the others are there. */
import { until } from "./run.ts";
import { controlPlane, type ClusterSpec } from "./spec.ts";
import type { ClusterState } from "./state.ts";
import { ask, isHealthy } from "./upgrade-facts.ts";

const deadline = 300_000;

/** Waits until every member of etcd is healthy and the API server of every control-plane node is ready. */
export async function waitForQuorum(spec: ClusterSpec, state: ClusterState): Promise<void> {
  for (const node of controlPlane(spec)) {
    await until(`the member of etcd on ${node.name}`, deadline, () => isHealthy(state, node));
    await until(`the API server of ${node.name}`, deadline, async () => (await ask(state, node, "/readyz")) === "ok");
  }
}
