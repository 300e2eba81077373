/** Finds what is there of a stack that is up, and says in a sentence what is not. */
import { existsSync } from "node:fs";
import { run } from "../embedded/run.ts";
import { ClusterState } from "../embedded/state.ts";
import { toolPath } from "../toolchain/index.ts";
import type { MeshCall } from "../components/mesh-calls.ts";
import { Stack } from "./stack.ts";

/** Which stack is meant, as the options of commands say it. */
export interface StackFlags {
  readonly stack: string;
  /** @default Pulumi.<stack>.yaml */
  readonly config?: string;
  /** The way to the cluster, where it is no embedded one. */
  readonly kubeconfig?: string;
}

/** The outputs of a stack, as index.ts has them, that commands read. */
export interface Outputs {
  readonly cluster: { readonly mode: string };
  readonly ingress?: { readonly url: string; readonly names: string[]; readonly addresses: string[] };
  readonly mesh?: { readonly calls: readonly MeshCall[] };
}

/** The outputs of a stack. @throws when it is not up, with what to do */
export async function outputsOf(stack: Pick<Stack, "name" | "outputs">): Promise<Outputs> {
  const { cluster, ...others } = (await stack.outputs()) as Partial<Outputs>; // index.ts
  if (cluster === undefined) {
    throw new Error(`Stack ${stack.name} is not up, or only in part: npm run up -- --stack ${stack.name}`);
  }
  return { cluster, ...others };
}

/** The ingress of a stack. @throws when there is none */
export function ingressOf({ name }: Pick<Stack, "name">, { ingress }: Outputs): NonNullable<Outputs["ingress"]> {
  if (ingress === undefined) throw new Error(`Stack ${name} has no ingress: quintet:ingress.kind is none.`);
  return ingress;
}

/** Refuses a stack whose pods do not run. */
export function refuseSimulated({ name }: Pick<Stack, "name">, { cluster }: Outputs): void {
  if (cluster.mode === "simulated") throw new Error(`The nodes of stack ${name} are simulated, and nothing answers.`);
}

/** The stack that options mean. */
export const stackOf = ({ stack, config }: StackFlags): Stack =>
  new Stack({ stack, ...(config === undefined ? {} : { config }) });

/** The way to a stack's cluster. @throws when it is not known, or leads nowhere */
export function kubeconfigOf(flags: StackFlags): string {
  const { stack, kubeconfig: given } = flags;
  if (given !== undefined) {
    if (existsSync(given)) return given;
    throw new Error(`There is no kubeconfig ${given}.`);
  }
  const { cluster } = stackOf(flags);
  if (cluster === undefined) {
    throw new Error(`The cluster of stack ${stack} is none of this machine's: name its kubeconfig with --kubeconfig.`);
  }
  const { kubeconfig } = new ClusterState(cluster);
  if (existsSync(kubeconfig)) return kubeconfig;
  throw new Error(`The embedded cluster "${cluster}" of stack ${stack} is not there. Make it with \`npm run up\`.`);
}

/** Asks a cluster's API server for paths, and gives the text of each answer; wants kubectl to be there. */
export const getterOf =
  (kubeconfig: string, timeout = "10s") =>
  (path: string): Promise<string> =>
    run(toolPath("kubectl"), ["--kubeconfig", kubeconfig, `--request-timeout=${timeout}`, "get", "--raw", path]);
