/** `npm run up`: the tools, the embedded cluster, and `pulumi up` of an environment on it. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { BackupStore } from "../embedded/backups.ts";
import { existing } from "../embedded/cluster.ts";
import { until } from "../embedded/run.ts";
import { isSimulated } from "../embedded/simulated.ts";
import { ClusterState } from "../embedded/state.ts";
import { clusterMemory } from "../embedded/status.ts";
import { ensureTools } from "../toolchain/index.ts";
import { showProgress } from "../toolchain/display.ts";
import { ask, publicCa } from "./ask.ts";
import { findStale, restart } from "./mesh-restart.ts";
import { Stack, root } from "./stack.ts";

/** The stack's outputs that are shown here; index.ts exports them. */
interface Outputs {
  readonly cluster: {
    readonly mode: "nodes" | "simulated";
    readonly kubernetesVersion: string;
    readonly nodes: readonly string[];
  };
  readonly backend: {
    readonly namespace: string;
    readonly service: string;
    readonly clusterIp: string;
    readonly url: string;
  };
  /** Absent when nothing stands between the backend and whoever is in the cluster. */
  readonly ingress?: { readonly url: string; readonly addresses: readonly string[] };
}

interface Flags {
  readonly stack: string;
  readonly config?: string;
  readonly simulate?: true;
  readonly subnet?: string;
  readonly podCidr?: string;
  readonly serviceCidr?: string;
}

const answerDeadline = 60_000;
const cli = join(root, "embedded", "cli.ts");

const flags = new Command("up")
  .description("makes the embedded cluster and brings the platform up on it")
  .option("--stack <name>", "the environment", "dev")
  .option("--config <file>", "its configuration (default: Pulumi.<stack>.yaml)")
  .option("--simulate", "simulated nodes (kwok): no root, no traffic")
  .option("--subnet <cidr>", "the nodes' network")
  .option("--pod-cidr <cidr>", "the pods' addresses")
  .option("--service-cidr <cidr>", "the Services' addresses")
  .parse()
  .opts<Flags>();

try {
  process.exitCode = await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const start = performance.now();
  const { stdout: why, status } =
    flags.simulate === true ? { stdout: "--simulate was given", status: 3 } : cluster(["check"], "pipe");
  const simulate = status !== 0;
  if (simulate) {
    console.error(
      `\nSIMULATED: ${why.trim()}. Objects are real, but pods only say that they run, and nothing answers.\n`,
    );
  }
  await ensureTools(
    ["engine", ...(simulate ? (["simulated"] as const) : (["control-plane", "nodes", "images"] as const))],
    {
      progress: showProgress(),
    },
  );
  const tools = performance.now();
  const stack = new Stack(flags);
  if (stack.cluster !== undefined) {
    const made = cluster(["up", "--name", stack.cluster, ...ranges(), ...(simulate ? ["--simulate"] : [])], "inherit");
    if (made.status !== 0) {
      return made.status;
    }
    if (stack.forgetOtherCluster()) {
      console.error(`The state of stack ${stack.name} was that of an earlier cluster, which is gone: it starts anew.`);
    }
  }
  if (!simulate) {
    await giveBackupLogin(stack);
  }
  const ready = performance.now();
  const code = await stack.run("up", ["--yes"]);
  if (code !== 0) {
    return code;
  }
  const outputs = (await stack.outputs()) as Outputs; // index.ts exports exactly these
  const deployed = performance.now();
  await show(stack, outputs);
  const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(1)} s`;
  const answered = performance.now();
  console.log(
    `Took ${seconds(start, answered)}: tools ${seconds(start, tools)}, cluster ${seconds(tools, ready)}, ` +
      `pulumi up ${seconds(ready, deployed)}, first answer ${seconds(deployed, answered)}.`,
  );
  return 0;
}

/** Gives a stack that is backed up the login for the S3 service of its embedded cluster, as a secret. */
async function giveBackupLogin(stack: Stack): Promise<void> {
  const login = stack.cluster === undefined ? undefined : new BackupStore(stack.cluster).credentials();
  if (login !== undefined && stack.backsUp && !stack.hasSecret("backupCredentials")) {
    await stack.setSecret("backupCredentials", JSON.stringify(login));
  }
}

async function show(stack: Stack, { cluster: made, backend, ingress }: Outputs): Promise<void> {
  const line = `\n${stack.name}: ${made.nodes.join(", ")} (Kubernetes ${made.kubernetesVersion})`;
  const where = `${backend.service} in namespace ${backend.namespace}`;
  if (made.mode === "simulated") {
    console.log(`${line}, SIMULATED\n${where}: its pods are simulated, and nothing answers.`);
    return;
  }
  const how =
    ingress === undefined ? await insideAnswers(where, backend.clusterIp) : await publicAnswers(stack, where, ingress);
  const spec = stack.cluster === undefined || isSimulated(stack.cluster) ? undefined : existing(stack.cluster);
  const memory = spec === undefined ? "" : `, ${(clusterMemory(spec) / 1024 ** 3).toFixed(2)} GiB of memory in all`;
  console.log(`${line}${memory}\n${where} answers from here with:\n\n  ${how}\n`);
}

/** Waits until the backend answers this machine at its Service's address, and returns the command that asks it. */
async function insideAnswers(where: string, clusterIp: string): Promise<string> {
  const url = `http://${clusterIp}/`;
  await until(`${where} to answer at ${url}`, answerDeadline, async () => (await fetch(url)).ok, 200);
  return `curl ${url}`;
}

/** Waits until the gateway answers for the backend at every address, and returns the command that asks it. */
async function publicAnswers(
  stack: Stack,
  where: string,
  { url, addresses }: NonNullable<Outputs["ingress"]>,
): Promise<string> {
  const [first] = addresses;
  if (stack.cluster === undefined || first === undefined) return `curl ${url}`;
  const state = new ClusterState(stack.cluster);
  // What was there before there was somebody to inject has no way into the mesh.
  const without = (await findStale(state.kubeconfig)).filter(({ reason }) => reason === "no sidecar");
  await restart(state.kubeconfig, without, console.log);
  const ca = await publicCa(state);
  for (const address of addresses) {
    const answers = async () => (await ask(url, { address, ca })).status === 200;
    await until(`${where} to answer at ${url} on ${address}`, answerDeadline, answers, 200);
  }
  const file = state.file("public-ca.crt");
  writeFileSync(file, ca);
  const { hostname, port } = new URL(url);
  return `curl --cacert ${file} --resolve ${hostname}:${port}:${first} ${url}`;
}

function ranges(): string[] {
  const given = { "--subnet": flags.subnet, "--pod-cidr": flags.podCidr, "--service-cidr": flags.serviceCidr };
  return Object.entries(given).flatMap(([option, value]) => (value === undefined ? [] : [option, value]));
}

function cluster(
  args: readonly string[],
  out: "inherit" | "pipe",
): { readonly stdout: string; readonly status: number } {
  const result = spawnSync(process.execPath, [cli, ...args], { stdio: ["inherit", out, "inherit"], encoding: "utf8" });
  return { stdout: out === "pipe" ? result.stdout : "", status: result.status ?? 1 };
}
