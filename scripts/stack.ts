/** Runs the Pulumi engine on a stack with this project's tools, state and policy packs. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa, type Options } from "execa";
import { parse, stringify } from "yaml";
import { clusterIdOf } from "../embedded/kubeconfig.ts";
import { ClusterState } from "../embedded/state.ts";
import { cacheDir, engineEnv, toolPath } from "../toolchain/index.ts";

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
  /** Packs attached to it. @default every pack under policies/ */
  readonly policyPacks?: readonly string[];
}

/** The part of Pulumi.<stack>.yaml that is read here; config.ts checks all of it. */
interface StackFile {
  readonly config?: { readonly "quintet:cluster"?: { readonly kind?: string; readonly name?: string } };
  readonly encryptionsalt?: string;
  readonly secretsprovider?: string;
}

/** Names of the policy packs: the folders under policies/ that the engine can load. */
export function policyPacks(): string[] {
  const packs = join(root, "policies");
  return readdirSync(packs)
    .map((name) => join(packs, name))
    .filter((dir) => existsSync(join(dir, "PulumiPolicy.yaml")));
}

/** A stack of the program on the engine. */
export class Stack {
  readonly name: string;
  /** The embedded cluster that it runs on, or undefined for another kind of cluster. */
  readonly cluster: string | undefined;
  private readonly configFile: string;
  private readonly secretsEnv: NodeJS.ProcessEnv;
  private readonly packs: readonly string[];
  private readonly program: string;
  private readonly project: string;
  private readonly backend: { readonly own: boolean; readonly url: string };
  private readonly dir: string;

  constructor(options: StackOptions) {
    this.name = options.stack;
    this.packs = options.policyPacks ?? policyPacks();
    this.program = options.program ?? root;
    this.project = (parse(readFileSync(join(this.program, "Pulumi.yaml"), "utf8")) as { name: string }).name; // the engine checks it
    const committed = options.config ?? join(root, `Pulumi.${options.stack}.yaml`);
    if (!existsSync(committed)) {
      throw new Error(
        `There is no ${committed}: the environment "${options.stack}" is not described. Write that file, or choose another with --stack.`,
      );
    }
    const file = parse(readFileSync(committed, "utf8")) as StackFile;
    const cluster = file.config?.["quintet:cluster"];
    this.cluster = cluster?.kind === "embedded" ? (cluster.name ?? "quintet") : undefined;
    this.dir = join(cacheDir(), "stacks", options.stack);
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    const secrets = this.secrets(file);
    this.configFile = secrets.own ? this.ownConfig(committed, file) : committed;
    const given = process.env["PULUMI_BACKEND_URL"];
    this.backend = { own: given === undefined, url: given ?? `file://${this.dir}` };
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

  private async call<const T extends Options>(command: EngineCommand, args: readonly string[], io: T) {
    this.refuseWithoutCluster();
    await this.create();
    const packs = command === "up" || command === "preview" ? this.packs.flatMap((dir) => ["--policy-pack", dir]) : [];
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

  /** The stack's outputs as plain data, secrets left out. */
  async outputs(): Promise<unknown> {
    const result = await execa(toolPath("pulumi"), ["stack", "output", "--json", "--stack", this.name], {
      cwd: this.program,
      env: this.engineEnv(),
      extendEnv: false,
      stdin: "ignore",
    });
    return JSON.parse(result.stdout);
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
    return { PULUMI_PARALLEL_DIFF: "true", ...engineEnv(), ...this.secretsEnv, PULUMI_BACKEND_URL: this.backend.url };
  }

  private stackArgs(): string[] {
    return ["--stack", this.name, "--config-file", this.configFile, "--non-interactive"];
  }

  /**
   * Makes the stack when its state is not there. The engine writes the salt of a new stack into the configuration that
   * it finds in its working directory, so a stack with a configuration of its own is made where that is.
   */
  private async create(): Promise<void> {
    if (this.backend.own && existsSync(this.stateFile())) {
      return;
    }
    const cwd = this.configFile.startsWith(this.dir) ? this.dir : this.program;
    if (cwd === this.dir) {
      writeFileSync(join(cwd, "Pulumi.yaml"), stringify({ name: this.project, runtime: "nodejs" }));
    }
    const io = { cwd, env: this.engineEnv(), extendEnv: false, stdin: "ignore" } as const;
    await execa(toolPath("pulumi"), ["stack", "select", "--create", this.name, "--non-interactive"], io);
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

  /** The committed configuration with the salt of this machine's passphrase, which the engine writes and reads there. */
  private ownConfig(committed: string, file: StackFile): string {
    const own = join(this.dir, `Pulumi.${this.name}.yaml`);
    const salt = existsSync(own) ? (parse(readFileSync(own, "utf8")) as StackFile).encryptionsalt : undefined;
    writeFileSync(own, stringify({ ...file, ...(salt === undefined ? {} : { encryptionsalt: salt }) }), {
      mode: 0o600,
    });
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
