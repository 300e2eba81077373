/** The clusters that a state is about, asked by the ways that stand in it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { run } from "../embedded/run.ts";
import { toolPath } from "../toolchain/index.ts";
import { type Exported, exportSchema, type Live, liveSchema, type Pending, type Wanted } from "./pending.ts";
import type { StateHands } from "./take-up.ts";

const noSuchKind = /doesn't have a resource type|no matches for kind/;

/** The ways to the clusters that the state's providers name. */
export class Clusters implements AsyncDisposable {
  private readonly hands: StateHands;
  private readonly state: Exported;
  private readonly folder = mkdtempSync(join(tmpdir(), "quintet-take-up-")); // such folders are their owner's alone
  private readonly ways = new Map<string, Promise<readonly string[]>>();

  constructor(hands: StateHands, state: Exported) {
    this.hands = hands;
    this.state = state;
  }

  /** The object as the cluster has it, or undefined. @throws when the cluster is another one, or does not answer */
  async find({ provider = "" }: Pending, { apiVersion, kind, name, namespace }: Wanted): Promise<Live | undefined> {
    const way = this.ways.get(provider) ?? this.wayOf(provider);
    this.ways.set(provider, way);
    const [version = "", group = ""] = apiVersion.split("/").reverse();
    const object = [`${kind}.${version}.${group}`, name, ...(namespace === "" ? [] : ["--namespace", namespace])];
    const text = await this.ask(await way, ["get", ...object, "--output=json", "--show-managed-fields"]);
    return text === "" ? undefined : liveSchema.parse(JSON.parse(text));
  }

  private async ask(way: readonly string[], args: readonly string[]): Promise<string> {
    try {
      const patience = ["--ignore-not-found", "--request-timeout=20s"];
      return (await run(toolPath("kubectl"), [...way, ...args, ...patience])).trim();
    } catch (error) {
      const says = error instanceof Error ? error.message : String(error);
      if (noSuchKind.test(says)) return ""; // nor is there an object of it
      throw new Error(
        `The last run of stack ${this.hands.stack} was cut off, and its cluster can't be asked for what that run made. ` +
          `Nothing is changed; do the same again when it answers.\n${says}`,
        { cause: error },
      );
    }
  }

  private async wayOf(provider: string): Promise<readonly string[]> {
    const { stack, kubeconfig } = this.hands;
    const wanted = inputsOf(this.state, provider)["clusterIdentifier"];
    const way = kubeconfig === undefined ? await this.fromState(provider) : ["--kubeconfig", kubeconfig];
    if (typeof wanted !== "string") return way;
    const id = await this.ask(way, ["get", "namespace", "kube-system", "--output=jsonpath={.metadata.uid}"]);
    if (id === wanted) return way;
    throw new Error(
      `The state of stack ${stack} is about the cluster ${wanted}, and the kubeconfig leads to ${id}. Nothing is changed. ` +
        "Use the kubeconfig of that cluster, or another stack for this one.",
    );
  }

  private async fromState(provider: string): Promise<readonly string[]> {
    const inputs = inputsOf(exportSchema.parse(JSON.parse(await this.hands.revealed())), provider);
    const secret = z.object({ plaintext: z.string() }).safeParse(inputs["kubeconfig"]);
    const kubeconfig: unknown = secret.success ? JSON.parse(secret.data.plaintext) : inputs["kubeconfig"];
    if (typeof kubeconfig !== "string") throw new Error(`There is no kubeconfig in the state of ${provider}.`);
    const file = join(this.folder, String(this.ways.size));
    writeFileSync(file, kubeconfig, { mode: 0o600 });
    const context = inputs["context"];
    return ["--kubeconfig", file, ...(typeof context === "string" ? ["--context", context] : [])];
  }

  [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    return Promise.resolve();
  }
}

/** The inputs of a provider, by its reference. */
function inputsOf({ deployment }: Exported, provider: string): Readonly<Record<string, unknown>> {
  return (deployment.resources ?? []).find(({ urn, id = "" }) => `${urn}::${id}` === provider)?.inputs ?? {};
}
