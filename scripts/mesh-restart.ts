/** Makes pods of the mesh anew that are not as new ones would be. */
import { patientKubectl as kubectl } from "../embedded/kubectl.ts";
import { type KubernetesObject, restartable, type Stale, stalePods } from "./mesh-stale.ts";

/** How many milliseconds one workload may take until all of its pods are new. */
const deadline = 600_000;

/** The workloads of a cluster whose pods have no sidecar, or one of another revision, though they are to have it. */
export async function findStale(kubeconfig: string): Promise<Stale[]> {
  const kinds = "namespaces,pods,replicasets,mutatingwebhookconfigurations";
  const list = await kubectl(kubeconfig, ["get", kinds, "--all-namespaces", "-o", "json"]);
  return stalePods((JSON.parse(list) as { items: KubernetesObject[] }).items); // kubectl's List
}

/**
 * Restarts workloads, one after the other, each by its own rules for updates.
 *
 * @param say is told of each what is done
 * @returns those that nobody makes anew, and so have to be by hand
 */
export async function restart(
  kubeconfig: string,
  stale: readonly Stale[],
  say: (line: string) => void,
): Promise<Stale[]> {
  const left = stale.filter(({ workload }) => !restartable.includes(workload.split("/")[0] ?? ""));
  for (const one of stale.filter((each) => !left.includes(each))) {
    say(`${one.namespace}: ${one.workload} is restarted, ${describe(one)}`);
    await kubectl(kubeconfig, ["rollout", "restart", "-n", one.namespace, one.workload]);
    const status = ["rollout", "status", "-n", one.namespace, one.workload, `--timeout=${String(deadline / 1000)}s`];
    await kubectl(kubeconfig, status);
  }
  return left;
}

/** What is wrong with pods, for people. */
export function describe({ pods, reason }: Stale): string {
  const count = pods.length === 1 ? "1 pod has" : `${String(pods.length)} pods have`;
  return reason === "no sidecar" ? `${count} no sidecar` : `${count} a sidecar of another revision`;
}
