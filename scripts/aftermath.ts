/** Looks at a cluster while the engine waits for it, and after a run has failed, and says what is in the way. */
import { statfsSync } from "node:fs";
import { z } from "zod";
import { run } from "../embedded/run.ts";
import { toolPath } from "../toolchain/index.ts";
import {
  blockers,
  deafWebhooks,
  lingering,
  namespacesSchema,
  objectsSchema,
  slicesSchema,
  webhooksSchema,
} from "./stuck.ts";

/** How long a namespace may take to go before it is looked into, in milliseconds: pods get 30 s to end. */
export const patience = 45_000;

/** A cluster as kubectl sees it, with little patience: it may be the cluster that is the fault. */
class Look {
  private readonly kubeconfig: string;

  constructor(kubeconfig: string) {
    this.kubeconfig = kubeconfig;
  }

  async text(...args: string[]): Promise<string> {
    const flags = ["--kubeconfig", this.kubeconfig, "--request-timeout=10s"];
    return run(toolPath("kubectl"), [...flags, ...args], { timeout: 30_000 });
  }

  async read<T>(schema: z.ZodType<T>, ...args: string[]): Promise<T> {
    return schema.parse(JSON.parse(await this.text("get", ...args, "--output=json")));
  }
}

/** A namespace that does not go. */
export interface Stuck {
  readonly says: string;
  /** Whether something in it is kept by a finalizer, and does not merely take its time. */
  readonly kept: boolean;
  /** Milliseconds since it was told to go. */
  readonly since: number;
}

/**
 * What keeps namespaces of a cluster from going.
 *
 * @param atLeast milliseconds since they were told to
 */
export async function stuckNamespaces(kubeconfig: string, atLeast: number = patience): Promise<Stuck[]> {
  const look = new Look(kubeconfig);
  const late = lingering(await look.read(namespacesSchema, "namespaces"), Date.now(), atLeast);
  if (late.length === 0) return [];
  const kinds = (await look.text("api-resources", "--namespaced", "--verbs=list,delete", "--output=name")).trim();
  const names = kinds.split("\n").filter((kind) => !/^events(\.|$)/.test(kind));
  const sentences = late.map(async ({ name, since }) => {
    const { items } = await look.read(objectsSchema, names.join(","), "-n", name);
    const found = blockers(name, items).map((says) => ({ says, kept: true, since }));
    const slow = `Namespace ${name} is still going: kubectl describe namespace ${name}`;
    return found.length > 0 ? found : [{ says: slow, kept: false, since }];
  });
  return (await Promise.all(sentences)).flat();
}

/** Whether the API server of a cluster answers at all, whatever it says. */
export async function answers(kubeconfig: string): Promise<boolean> {
  return new Look(kubeconfig).text("get", "--raw", "/version").then(
    () => true,
    () => false,
  );
}

/** What may have made a run fail, as far as it can be seen from here: nothing, or a sentence each. */
export async function whyFailed(kubeconfig: string | undefined, stateDir: string | undefined): Promise<string[]> {
  const found = stateDir === undefined ? [] : fullDisk(stateDir);
  if (kubeconfig === undefined) return found;
  const look = new Look(kubeconfig);
  try {
    await look.text("get", "--raw", "/readyz");
  } catch (error) {
    const last = error instanceof Error ? (error.message.trim().split("\n").at(-1) ?? "") : "";
    const next = "The state is kept, and nothing in it counts as deleted: do the same again when it answers.";
    return [...found, `The API server of ${kubeconfig} does not answer: ${last}\n${next}`];
  }
  // What cannot be read explains nothing, and is not to hide what the engine has said.
  const [webhooks, stuck] = await Promise.all([
    deaf(look).catch(() => []),
    stuckNamespaces(kubeconfig, 0).catch(() => []),
  ]);
  return [...found, ...webhooks, ...stuck.map(({ says }) => says)];
}

async function deaf(look: Look): Promise<string[]> {
  const kinds = "validatingwebhookconfigurations,mutatingwebhookconfigurations";
  return deafWebhooks(await look.read(webhooksSchema, kinds), await look.read(slicesSchema, "endpointslices", "-A"));
}

const enough = 1024 * 1024;

function fullDisk(dir: string): string[] {
  const { bavail, bsize } = statfsSync(dir);
  if (bavail * bsize >= enough) return [];
  return [
    `The disk with ${dir} is full: the state could not be written, and is the one before, with its copy beside it. ` +
      "Make room there and do the same again: what was made meanwhile is looked for and taken over.",
  ];
}
