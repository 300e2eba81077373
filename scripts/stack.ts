/** Runs the Pulumi engine on a stack with this project's tools, state and policy packs. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa, type Options } from "execa";
import { parse, stringify } from "yaml";
import { clusterIdOf } from "../embedded/kubeconfig.ts";
import { ClusterState } from "../embedded/state.ts";
import { engineConfig } from "../policies/lib/pack.ts";
import { rules } from "../policies/packs.ts";
import { cacheDir, engineEnv, toolPath } from "../toolchain/index.ts";
import { stackPolicies } from "./policy-config.ts";

/** The project's folder. */
export const root = join(import.meta.dirname, "..");

/** What is asked of the engine. */
export type EngineCommand = "up" | "preview" | "refresh" | "destroy";

/** Where a stack's configuration and state are. */
export interface StackOptions {
  readonly stack: string;
  /** @default Pulumi.<stack>.yaml in the project's folder */
  readonly config?: string;
  /** Folder of the Pulumi program. @default the project's own */
  readonly program?: string;
}

/** A policy pack and how it is set. */
export interface AttachedPack {
  /** The name of its folder under policies/. */
  readonly name: string;
  /** Its rules' names to their settings. */
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
 * The policy packs for a stack: the rules about objects of Kubernetes as one, and those of a cloud where the cluster is
 * there.
 *
 * @throws when one is not there, or its configuration is refused: nothing runs with fewer rules than are meant
 */
export function policyPacks(config: StackFile["config"] = {}): AttachedPack[] {
  const packs: AttachedPack[] = [{ name: "platform", config: engineConfig(rules, stackPolicies(config)) }];
  if (config["quintet:cluster"]?.kind === "eks") packs.push({ name: "aws", config: {} });
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
    this.packs = policyPacks(file.config);
    const cluster = file.config?.["quintet:cluster"];
    this.cluster = cluster?.kind === "embedded" ? (cluster.name ?? "quintet") : undefined;
    this.backsUp = file.config?.["quintet:backup"]?.kind === "etcd";
    this.fetchesPlugins = cluster?.kind === "k3s" || cluster?.kind === "eks";
    this.dir = join(cacheDir(), "stacks", options.stack);
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    const secrets = this.secrets(file);
    this.configFile = secrets.own ? this.ownConfig(file) : committed;
    const given = process.env["PULUMI_BACKEND_URL"] ?? "";
    this.backend = { own: given === "", url: given === "" ? `file://${this.dir}` : given };
    this.missing = this.cluster === undefined ? missingOf(options.stack, file, process.env) : undefined;
    this.secretsEnv = secrets.env;
  }

  /**
   * Calls the engine on this stack, with the terminal of this process.
   *
   * @returns its exit code
   */
  async run(command: EngineCommand, args: readonly string[] = []): Promise<number> {
    const result = await this.call(command, args, { stdio: "inherit" });
    return result.exitCode ?? 1;
  }

  /** Calls the engine on this stack and gives what it printed, with its exit code. */
  async capture(
    command: EngineCommand,
    args: readonly string[] = [],
  ): Promise<{ readonly text: string; readonly exitCode: number }> {
    const result = await this.call(command, args, { all: true, stdin: "ignore" });
    return { text: result.all, exitCode: result.exitCode ?? 1 };
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
    const { stdout, stderr, exitCode = 1 } = await this.call("preview", ["--json"], { stdin: "ignore", lines: true });
    return { lines: stdout, problem: exitCode === 0 ? "" : stderr.join("\n").trim(), exitCode };
  }

  private async call<const T extends Options>(command: EngineCommand, args: readonly string[], io: T) {
    this.refuseWithoutCluster();
    await this.create(command);
    const packs = command === "up" || command === "preview" ? this.packs.flatMap((pack) => this.packArgs(pack)) : [];
    const all = [command, ...this.stackArgs(), ...packs, ...args];
    const result = await execa(toolPath("pulumi"), all, {
      cwd: this.program,
      env: this.engineEnv(),
      extendEnv: false,
      reject: false,
      ...io,
    });
    this.keepClusterId();
    return result;
  }

  /** The stack's state as the engine exports it, with its secrets encrypted. */
  async exported(): Promise<string> {
    if (this.missing !== undefined) throw new Error(this.missing);
    const io = { cwd: this.program, env: this.engineEnv(), extendEnv: false, stdin: "ignore", reject: false } as const;
    const { exitCode, stdout, stderr } = await execa(toolPath("pulumi"), ["stack", "export", "--stack", this.name], io);
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
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
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

  /**
   * How secrets in the state are encrypted: by what the environment or the committed file says, else with a passphrase
   * that is made once for this stack and kept beside its state, so that no one is asked.
   */
  private secrets(file: StackFile): { readonly own: boolean; readonly env: NodeJS.ProcessEnv } {
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
    if (!existsSync(passphrase)) {
      writeFileSync(passphrase, randomBytes(32).toString("base64"), { mode: 0o600 });
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
    writeFileSync(own, stringify({ ...file, config, ...salt }), { mode: 0o600 });
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

/** Whether the engine wrote a value of a stack's file, encrypted. */
function isEncrypted(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).join() === "secure";
}
