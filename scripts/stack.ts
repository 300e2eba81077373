/** Runs the Pulumi engine on a stack with this project's tools, state and policy packs. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa, type Options } from "execa";
import { parse, stringify } from "yaml";
import { clusterIdOf } from "../embedded/kubeconfig.ts";
import { ClusterState } from "../embedded/state.ts";
import { engineConfig } from "../policies/lib/pack.ts";
import { replaceFile } from "../replace-file.ts";
import { cacheDir, engineEnv, toolPath } from "../toolchain/index.ts";
import { whyFailed } from "./aftermath.ts";
import { handOnSignals, watchCluster } from "./engine-process.ts";
import { stackPolicies } from "./policy-config.ts";
import { type Before, prepareChange, preparePreview } from "./prepare.ts";
import type { StateFolder } from "./state-folder.ts";

/** The project's folder. */
export const root = join(import.meta.dirname, "..");

/** What is asked of the engine. */
export type EngineCommand = "up" | "preview" | "refresh" | "destroy";

/** Arguments of a refresh by which a human says what became of the creations of a run that was cut off. */
export const pendingFlags = { clear: "--clear-pending-creates", import: "--import-pending-creates" } as const;

/** Where a stack's configuration and state are. */
export interface StackOptions {
  readonly stack: string;
  /** @default Pulumi.<stack>.yaml in the project's folder */
  readonly config?: string;
  /** Folder of the Pulumi program. @default the project's own */
  readonly program?: string;
  /** Those attached to every up and preview. @default what policyPacks says; nothing else than measuring needs others */
  readonly packs?: readonly AttachedPack[];
}

/** A policy pack and how it is set. */
export interface AttachedPack {
  /** The name of its folder under policies/. */
  readonly name: string;
  /** The names of its policies to their settings. */
  readonly config: Readonly<Record<string, object>>;
}

/** The part of Pulumi.<stack>.yaml that is read here; config.ts checks all of it. */
interface StackFile {
  readonly config?: Readonly<Record<string, unknown>> & {
    readonly "quintet:cluster"?: { readonly kind?: string; readonly name?: string };
    readonly "quintet:backup"?: { readonly kind?: string };
  };
  readonly encryptionsalt?: string;
  readonly secretsprovider?: string;
}

const packsDir = join(root, "policies");

/**
 * The policy packs for a stack: all rules as one.
 *
 * @throws when one is not there, or its configuration is refused: nothing runs with fewer rules than are meant
 */
export function policyPacks(config: StackFile["config"] = {}): AttachedPack[] {
  const packs: AttachedPack[] = [{ name: "platform", config: engineConfig(stackPolicies(config)) }];
  const missing = packs.find(({ name }) => !existsSync(join(packsDir, name, "PulumiPolicy.yaml")));
  if (missing === undefined) return packs;
  const folder = join(packsDir, missing.name);
  throw new Error(`There is no policy pack in ${folder}, and nothing runs without it. Bring it back with git.`);
}

/** A stack of the program on the engine. */
export class Stack {
  readonly name: string;
  /** The embedded cluster that it runs on, or undefined for another kind of cluster. */
  readonly cluster: string | undefined;
  /** Whether its etcd is to be backed up. */
  readonly backsUp: boolean;
  private readonly configFile: string;
  private readonly secretsEnv: NodeJS.ProcessEnv;
  private readonly packs: readonly AttachedPack[];
  private readonly program: string;
  private readonly project: string;
  private readonly backend: { readonly own: boolean; readonly url: string };
  private readonly dir: string;
  private readonly missing: string | undefined;
  /** Whether the engine fetches the plugins that no registry carries: aws and command, in the versions of their SDKs. */
  private readonly fetchesPlugins: boolean;

  constructor(options: StackOptions) {
    this.name = options.stack;
    this.program = options.program ?? root;
    this.project = (parse(readFileSync(join(this.program, "Pulumi.yaml"), "utf8")) as { name: string }).name; // the engine checks it
    const committed = options.config ?? join(root, `Pulumi.${options.stack}.yaml`);
    if (!existsSync(committed)) {
      throw new Error(
        `There is no ${committed}: the environment "${options.stack}" is not described. Write that file, or choose another with --stack.`,
      );
    }
    const file = parse(readFileSync(committed, "utf8")) as StackFile;
    this.packs = options.packs ?? policyPacks(file.config);
    const cluster = file.config?.["quintet:cluster"];
    this.cluster = cluster?.kind === "embedded" ? (cluster.name ?? "quintet") : undefined;
    this.backsUp = (file.config?.["quintet:backup"]?.kind ?? "none") !== "none";
    this.fetchesPlugins = cluster?.kind === "k3s" || cluster?.kind === "eks";
    this.dir = join(cacheDir(), "stacks", options.stack);
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    const secrets = this.secrets(file);
    this.configFile = secrets.own ? this.ownConfig(file) : committed;
    const given = process.env["PULUMI_BACKEND_URL"] ?? "";
    this.backend = { own: given === "", url: given === "" ? `file://${this.dir}` : given };
    this.missing = this.cluster === undefined ? missingOf(options.stack, file, process.env) : secrets.lost;
    this.secretsEnv = secrets.env;
  }

  /**
   * Calls the engine on this stack, with the terminal of this process.
   *
   * @returns its exit code
   */
  async run(command: EngineCommand, args: readonly string[] = []): Promise<number> {
    const io = { stdin: "inherit", stdout: "inherit", stderr: ["inherit", "pipe"] } as const;
    const result = await this.call(command, args, io, console.error);
    for (const sentence of this.lockedSentence(result.stderr)) console.error(sentence);
    return result.exitCode ?? 1;
  }

  /** Calls the engine on this stack and gives what it printed, with its exit code. */
  async capture(
    command: EngineCommand,
    args: readonly string[] = [],
  ): Promise<{ readonly text: string; readonly exitCode: number }> {
    const said: string[] = [];
    const result = await this.call(command, args, { all: true, stdin: "ignore" }, (line) => said.push(line));
    const text = [result.all, ...said, ...this.lockedSentence(result.all)].join("\n");
    return { text, exitCode: result.exitCode ?? 1 };
  }

  /**
   * Previews this stack, and gives the engine's events, a line of JSON each: `readEvents` of preview-changes.ts reads
   * them and drops those with secrets, so nobody else may keep or show a line.
   *
   * @returns the lines, what went wrong outside of them, and the exit code
   */
  async previewEvents(): Promise<{
    readonly lines: readonly string[];
    readonly problem: string;
    readonly exitCode: number;
  }> {
    const io = { stdin: "ignore", lines: true } as const;
    const { stdout, stderr, exitCode = 1 } = await this.call("preview", ["--json"], io, console.error);
    return { lines: stdout, problem: exitCode === 0 ? "" : stderr.join("\n").trim(), exitCode };
  }

  private async call<const T extends Options>(
    command: EngineCommand,
    args: readonly string[],
    io: T,
    say: (line: string) => void,
  ) {
    if (this.missing !== undefined) throw new Error(this.missing);
    this.refuseWithoutCluster();
    this.refuseOtherCluster();
    const changes = command !== "preview";
    const decided = args.some((arg) => Object.values(pendingFlags).some((flag) => flag === arg));
    if (!changes) await preparePreview(this.before(command), say);
    else if (decided) await this.create(command);
    else await prepareChange(this.before(command), say);
    const packs = command === "up" || command === "preview" ? this.packs.flatMap((pack) => this.packArgs(pack)) : [];
    const all = [command, ...this.stackArgs(), ...packs, ...args];
    // In a process group of its own, so that a terminal's Ctrl-C reaches it once, by handOnSignals.
    const own = { cwd: this.program, env: this.engineEnv(), extendEnv: false, reject: false, detached: true } as const;
    const engine = execa(toolPath("pulumi"), all, { ...own, ...io });
    const ended = new AbortController();
    const letSignalsBe = handOnSignals(engine, say);
    const kubeconfig = this.kubeconfig();
    const watching =
      changes && kubeconfig !== undefined ? watchCluster(kubeconfig, engine, ended.signal, say) : undefined;
    const result = await engine.finally(() => {
      ended.abort();
      letSignalsBe();
    });
    await watching;
    this.keepClusterId();
    if (result.exitCode !== 0) {
      const closed = await this.closedSecrets();
      const why = changes && closed === undefined ? await whyFailed(kubeconfig, this.folder()?.dir) : [];
      for (const sentence of closed === undefined ? why : [closed]) say(sentence);
    }
    return result;
  }

  /** Where the state is, when it is this stack's own. */
  folder(): StateFolder | undefined {
    return this.backend.own ? { stack: this.name, dir: this.dir, file: this.stateFile() } : undefined;
  }

  private kubeconfig(): string | undefined {
    return this.cluster === undefined ? undefined : new ClusterState(this.cluster).kubeconfig;
  }

  private before(command: EngineCommand): Before {
    const hands = {
      stack: this.name,
      exported: () => this.exported(),
      revealed: () => this.exported("--show-secrets"),
      imported: (state: string) => this.imported(state),
      kubeconfig: this.kubeconfig(),
    };
    return { hands, folder: this.folder(), create: () => this.create(command) };
  }

  /** Says so when the passphrase opens no secret of this stack. */
  private async closedSecrets(): Promise<string | undefined> {
    const says = await this.exported("--show-secrets").then(
      () => "",
      (error: unknown) => (error instanceof Error ? error.message : ""),
    );
    if (!/incorrect passphrase/.test(says)) return undefined;
    const file = this.secretsEnv["PULUMI_CONFIG_PASSPHRASE_FILE"] ?? process.env["PULUMI_CONFIG_PASSPHRASE_FILE"];
    return (
      `${file === undefined ? "PULUMI_CONFIG_PASSPHRASE" : `The file ${file}`} does not hold the passphrase with which ` +
      `the secrets of stack ${this.name} are encrypted. Nothing is changed. Set the right one and do the same again.`
    );
  }

  /** What the engine means by a lock in a backend that others share; of the own one prepare.ts knows who holds it. */
  private lockedSentence(said: string): string[] {
    if (!said.includes("the stack is currently locked")) return [];
    return [
      `Stack ${this.name} is locked in its backend by the run that is named above. When that run has ended without giving ` +
        `it back, as one does whose credentials have ended: npm run unlock -- --stack ${this.name}`,
    ];
  }

  /** Ends the engine's hold on the stack, whoever has it. */
  async unlock(): Promise<number> {
    const io = { cwd: this.program, env: this.engineEnv(), extendEnv: false, reject: false, stdio: "inherit" } as const;
    const { exitCode = 1 } = await execa(toolPath("pulumi"), ["cancel", "--yes", "--stack", this.name], io);
    return exitCode;
  }

  private async imported(state: string): Promise<void> {
    const io = { cwd: this.program, env: this.engineEnv(), extendEnv: false, input: state, reject: false } as const;
    const { exitCode, stderr } = await execa(toolPath("pulumi"), ["stack", "import", "--stack", this.name], io);
    if (exitCode !== 0) throw new Error(`The state of stack ${this.name} can't be written:\n${stderr.trim()}`);
  }

  /** The stack's state as the engine exports it, with its secrets encrypted. */
  async exported(...flags: readonly "--show-secrets"[]): Promise<string> {
    if (this.missing !== undefined) throw new Error(this.missing);
    const io = { cwd: this.program, env: this.engineEnv(), extendEnv: false, stdin: "ignore", reject: false } as const;
    const { exitCode, stdout, stderr } = await execa(
      toolPath("pulumi"),
      ["stack", "export", "--stack", this.name, ...flags],
      io,
    );
    if (exitCode === 0) return stdout;
    throw new Error(`The state of stack ${this.name} cannot be read:\n${stderr.trim()}`);
  }

  /** The stack's outputs as plain data, secrets left out. @throws when it is not up, with what to do */
  async outputs(): Promise<unknown> {
    if (this.missing !== undefined) {
      throw new Error(this.missing);
    }
    const result = await execa(toolPath("pulumi"), ["stack", "output", "--json", "--stack", this.name], {
      cwd: this.program,
      env: this.engineEnv(),
      extendEnv: false,
      stdin: "ignore",
      reject: false,
    });
    if (result.failed) {
      const up = `npm run up -- --stack ${this.name}`;
      throw new Error(`Stack ${this.name} has no outputs that can be read: is it up? If not: ${up}`, { cause: result });
    }
    return JSON.parse(result.stdout);
  }

  /** Encrypts a value into the stack's configuration, in the place of an earlier one. */
  async setSecret(key: string, value: string): Promise<void> {
    await this.create();
    const args = ["config", "set", "--secret", `${this.project}:${key}`, ...this.stackArgs()];
    const io = { cwd: this.program, env: this.engineEnv(), extendEnv: false, input: value } as const;
    await execa(toolPath("pulumi"), args, io);
  }

  /** What {@link setSecret} has encrypted; undefined when there is nothing under that key. */
  async secret(key: string): Promise<string | undefined> {
    if (!this.hasSecret(key)) return undefined;
    await this.create();
    const args = ["config", "get", `${this.project}:${key}`, ...this.stackArgs()];
    const { stdout } = await execa(toolPath("pulumi"), args, {
      cwd: this.program,
      env: this.engineEnv(),
      extendEnv: false,
    });
    return stdout;
  }

  /** Whether the stack's configuration has a secret under that key. */
  hasSecret(key: string): boolean {
    const file = parse(readFileSync(this.configFile, "utf8")) as StackFile;
    return isEncrypted(file.config?.[`${this.project}:${key}`]);
  }

  /** The file of the stack's state, in the engine's file backend. */
  stateFile(): string {
    return join(this.dir, ".pulumi", "stacks", this.project, `${this.name}.json`);
  }

  /** Forgets the stack: for when its cluster is gone, and everything in it. */
  forget(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Forgets what is recorded of a cluster that is gone, when another one has its name now. */
  forgetOtherCluster(): boolean {
    const recorded = this.recordedClusterId();
    if (this.cluster === undefined || recorded === undefined || recorded === this.clusterId()) {
      return false;
    }
    rmSync(join(this.dir, ".pulumi"), { recursive: true, force: true });
    rmSync(join(this.dir, "cluster-id"));
    return true;
  }

  private engineEnv(): NodeJS.ProcessEnv {
    return {
      PULUMI_PARALLEL_DIFF: "true",
      PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true", // `preview --json` else leaves out what policies say
      ...engineEnv(),
      ...this.secretsEnv,
      PULUMI_BACKEND_URL: this.backend.url,
      ...(this.fetchesPlugins ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "false" } : {}),
    };
  }

  private packArgs({ name, config }: AttachedPack): string[] {
    const file = join(this.dir, `policy-${name}.json`);
    keep(file, JSON.stringify(config));
    return ["--policy-pack", join(packsDir, name), "--policy-pack-config", file];
  }

  private stackArgs(): string[] {
    return ["--stack", this.name, "--config-file", this.configFile, "--non-interactive"];
  }

  /**
   * Makes the stack when its state is not there. The engine writes the salt of a new stack into the configuration that
   * it finds in its working directory, so a stack with a configuration of its own is made where that is. A preview
   * changes nothing, and so makes no stack in a backend that others share.
   */
  private async create(command?: EngineCommand): Promise<void> {
    if (this.missing !== undefined) {
      throw new Error(this.missing);
    }
    if (this.backend.own && existsSync(this.stateFile())) {
      return;
    }
    const cwd = this.configFile.startsWith(this.dir) ? this.dir : this.program;
    if (cwd === this.dir) {
      writeFileSync(join(cwd, "Pulumi.yaml"), stringify({ name: this.project, runtime: "nodejs" }));
    }
    const make = command === "preview" && !this.backend.url.startsWith("file:") ? [] : ["--create"];
    const io = { cwd, env: this.engineEnv(), extendEnv: false, stdin: "ignore", reject: false } as const;
    const select = ["stack", "select", ...make, this.name, "--non-interactive"];
    const { exitCode, stderr } = await execa(toolPath("pulumi"), select, io);
    if (exitCode !== 0) {
      const said = stderr.trim().replaceAll(this.backend.url, "PULUMI_BACKEND_URL"); // a URL may hold a password
      throw new Error(`Stack ${this.name} can't be had from its backend:\n${said}`);
    }
  }

  /** Without the cluster its address belongs to nobody here, and nothing may be sent there. */
  private refuseWithoutCluster(): void {
    if (this.cluster !== undefined && !existsSync(new ClusterState(this.cluster).kubeconfig)) {
      throw new Error(
        `The embedded cluster "${this.cluster}" of stack ${this.name} is not there. Make it with \`npm run up\`.`,
      );
    }
  }

  /** What was made in one cluster is not looked for in another one, where it would seem to be gone. */
  private refuseOtherCluster(): void {
    const [recorded, id] = [this.recordedClusterId(), this.clusterId()];
    if (this.cluster === undefined || recorded === undefined || id === undefined || recorded === id) return;
    throw new Error(
      `The state of stack ${this.name} is that of cluster ${recorded}, and "${this.cluster}" is now ${id}. Nothing is changed. ` +
        `When the other one is gone, \`npm run up -- --stack ${this.name}\` starts anew.`,
    );
  }

  /**
   * How secrets in the state are encrypted: by what the environment or the committed file says, else with a passphrase
   * that is made once for this stack and kept beside its state, so that no one is asked.
   */
  private secrets(file: StackFile): {
    readonly own: boolean;
    readonly env: NodeJS.ProcessEnv;
    /** Why nothing can be done: what the state keeps encrypted cannot be opened any more. */
    readonly lost?: string;
  } {
    const given =
      process.env["PULUMI_CONFIG_PASSPHRASE"] !== undefined ||
      process.env["PULUMI_CONFIG_PASSPHRASE_FILE"] !== undefined;
    if (
      given ||
      file.encryptionsalt !== undefined ||
      file.secretsprovider !== undefined ||
      this.cluster === undefined
    ) {
      return { own: false, env: {} };
    }
    const passphrase = join(this.dir, "passphrase");
    if (!existsSync(passphrase) && existsSync(this.stateFile())) {
      const lost =
        `The passphrase ${passphrase} is gone, and nothing else opens the secrets in the state of stack ${this.name}. ` +
        `Nothing is changed. Bring the file back from a backup; or give the cluster up: npm run down -- --stack ${this.name}`;
      return { own: true, env: {}, lost };
    }
    if (!existsSync(passphrase)) {
      keep(passphrase, randomBytes(32).toString("base64"));
    }
    return { own: true, env: { PULUMI_CONFIG_PASSPHRASE_FILE: passphrase } };
  }

  /**
   * The committed configuration with what only this machine's passphrase opens: the salt, which the engine writes and
   * reads there, and the secrets that were set here.
   */
  private ownConfig(file: StackFile): string {
    const own = join(this.dir, `Pulumi.${this.name}.yaml`);
    const before = existsSync(own) ? (parse(readFileSync(own, "utf8")) as StackFile) : {};
    const secrets = Object.entries(before.config ?? {}).filter(([, value]) => isEncrypted(value));
    const config = { ...file.config, ...Object.fromEntries(secrets) };
    const salt = before.encryptionsalt === undefined ? {} : { encryptionsalt: before.encryptionsalt };
    keep(own, stringify({ ...file, config, ...salt }));
    return own;
  }

  private clusterId(): string | undefined {
    const file = this.cluster === undefined ? undefined : new ClusterState(this.cluster).kubeconfig;
    return file !== undefined && existsSync(file) ? clusterIdOf(readFileSync(file, "utf8")) : undefined;
  }

  private recordedClusterId(): string | undefined {
    const file = join(this.dir, "cluster-id");
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  private keepClusterId(): void {
    const id = this.clusterId();
    if (id !== undefined) {
      writeFileSync(join(this.dir, "cluster-id"), id);
    }
  }
}

/**
 * What a stack that is shared needs from the environment and lacks, in a sentence: a backend for its state, and what
 * opens its secrets. What this machine makes for an embedded cluster would be of no use to anyone else.
 */
function missingOf(stack: string, file: StackFile, env: NodeJS.ProcessEnv): string | undefined {
  const backend = env["PULUMI_BACKEND_URL"] ?? "";
  if (backend === "") {
    return (
      `Stack ${stack} is not of this machine alone, so its state needs a backend that everyone who runs it reaches. ` +
      "Set PULUMI_BACKEND_URL, for example to s3://<bucket>, azblob://<container>, gs://<bucket> or " +
      "https://api.pulumi.com; file://<folder> keeps it here nevertheless."
    );
  }
  const passphrase = env["PULUMI_CONFIG_PASSPHRASE"] ?? env["PULUMI_CONFIG_PASSPHRASE_FILE"];
  const byPassphrase = file.encryptionsalt !== undefined || !backend.startsWith("http");
  if (passphrase === undefined && byPassphrase && (file.secretsprovider ?? "passphrase") === "passphrase") {
    return (
      `The secrets of stack ${stack} are encrypted with a passphrase. Set PULUMI_CONFIG_PASSPHRASE or ` +
      `PULUMI_CONFIG_PASSPHRASE_FILE, or name a key service as \`secretsprovider\` in Pulumi.${stack}.yaml.`
    );
  }
  return undefined;
}

/** Keeps a text for us alone, whole or not at all: half a configuration would have lost the salt of its secrets. */
function keep(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) replaceFile(file, text, 0o600);
}

/** Whether the engine wrote a value of a stack's file, encrypted. */
function isEncrypted(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).join() === "secure";
}
