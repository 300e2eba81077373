/** What the tests of faults share: a simulated cluster, stacks of the smallest program on it, and how they are run. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { clusterIdOf } from "../../../embedded/kubeconfig.ts";
import { patientKubectl } from "../../../embedded/kubectl.ts";
import { until } from "../../../embedded/run.ts";
import { labCluster } from "../../../embedded/spec.ts";
import { ClusterState } from "../../../embedded/state.ts";
import { Stack, root } from "../../../scripts/stack.ts";
import { cacheDir, toolPath } from "../../../toolchain/index.ts";

/** The cluster: a real API server with etcd and controllers, and nodes that kwok plays. */
export const spec = labCluster({
  name: "quintet-faults",
  subnet: "172.20.44.0/24",
  podCidr: "10.66.0.0/16",
  serviceCidr: "10.67.0.0/16",
});
/** What it keeps on this machine. */
export const state = new ClusterState(spec.name);
/** What was measured, as lines to print in the end. */
export const figures: string[] = [];
/** The names of all stacks that were made. */
export const made = new Set<string>();
/** What no run may take longer than, in milliseconds. */
export const deadline = 120_000;

const program = join(import.meta.dirname, "program");
const skip = ["--yes", "--skip-preview"] as const;

/** What the smallest program is told. */
export interface Told {
  readonly round?: number;
  /** Its Deployment never gets ready. */
  readonly slow?: boolean;
}

const nameOf = (name: string) => `faults-${name}`;

/** The file of a stack's configuration, written anew. */
export function configFile(name: string, { round = 1, slow = false }: Told = {}): string {
  mkdirSync(state.dir, { recursive: true });
  const file = state.file(`${name}.yaml`);
  const values = {
    "quintet:cluster": { kind: "embedded", name: spec.name },
    "quintet:network": { defaultDeny: false }, // no pod sends anything here, and no policy would keep it
    "smallest:kubeconfig": state.kubeconfig,
    "smallest:clusterId": clusterIdOf(readFileSync(state.kubeconfig, "utf8")) ?? "",
    "smallest:name": nameOf(name),
    "smallest:round": String(round),
    "smallest:slow": String(slow),
  };
  writeFileSync(file, JSON.stringify({ config: values }));
  return file;
}

/** A stack of the smallest program. */
export function stackOf(name: string, told: Told = {}): Stack {
  made.add(name);
  return new Stack({ stack: nameOf(name), config: configFile(name, told), program });
}

/** Runs `up`; what it says, and its exit code. */
export const up = (name: string, told: Told = {}) => timed(stackOf(name, told).capture("up", skip), `up of ${name}`);

/** Brings a stack up, and fails with what the engine says. */
export async function comesUp(name: string, told: Told = {}): Promise<string> {
  const { text: said, exitCode } = await up(name, told);
  assert.equal(exitCode, 0, said);
  return said;
}

/** Sees that a preview finds nothing to do. */
export async function unchanged(name: string, told: Told = {}): Promise<void> {
  const { text: said, exitCode } = await timed(
    stackOf(name, told).capture("preview", ["--expect-no-changes"]),
    "preview",
  );
  assert.equal(exitCode, 0, said);
}

/** Takes a stack down again. */
export async function goesDown(name: string): Promise<void> {
  const { text: said, exitCode } = await timed(stackOf(name).capture("destroy", ["--yes"]), "destroy");
  assert.equal(exitCode, 0, said);
}

/** No run may take longer than the deadline. */
export async function timed<T>(running: Promise<T>, what: string, limit = deadline): Promise<T> {
  const start = performance.now();
  const result = await running;
  const seconds = (performance.now() - start) / 1000;
  assert.ok(seconds * 1000 <= limit, `${what} took ${seconds.toFixed(1)} s`);
  return result;
}

/** The engine's lock on a stack, or undefined. */
export function lockOf(name: string): { readonly file: string; readonly pid: number } | undefined {
  const { dir } = stackFolder(name);
  const locks = join(dir, ".pulumi", "locks");
  const files = existsSync(locks) ? readdirSync(locks, { recursive: true, encoding: "utf8" }) : [];
  const file = files.find((one) => one.endsWith(".json"));
  if (file === undefined) return undefined;
  try {
    const { pid } = JSON.parse(readFileSync(join(locks, file), "utf8")) as { pid: number }; // the engine's own
    return { file: join(locks, file), pid };
  } catch {
    return undefined; // it has just gone
  }
}

/** Where a stack keeps its state. It is not asked of the stack, which writes its configuration anew each time. */
export function stackFolder(name: string): { readonly dir: string; readonly file: string } {
  const dir = join(cacheDir(), "stacks", nameOf(name));
  return { dir, file: join(dir, ".pulumi", "stacks", "smallest", `${nameOf(name)}.json`) };
}

/** The state, as far as it is read here. */
export interface Kept {
  readonly resources: readonly { readonly urn: string }[];
  readonly pending: readonly { readonly type: string; readonly resource: { readonly urn: string } }[];
}

/** The state as the file has it at this moment; empty while there is none. */
export function keptIn(file: string): Kept {
  if (!existsSync(file)) return { resources: [], pending: [] };
  const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as {
    checkpoint: { latest?: { resources?: Kept["resources"]; pending_operations?: Kept["pending"] } };
  }; // the engine's own
  return { resources: checkpoint.latest?.resources ?? [], pending: checkpoint.latest?.pending_operations ?? [] };
}

/** kubectl on that cluster, with what it prints. */
export const kubectl = (...args: string[]) => patientKubectl(state.kubeconfig, args);

/** What a stack has in the cluster, as kind/name; the names that the engine gives lose their last part. */
export async function objectsOf(name: string): Promise<string[]> {
  const label = ["-l", `faults.quintet.dev/name=${nameOf(name)}`, "-o", "name"];
  const inside = await kubectl("get", "configmap,secret,deployment,service", "-n", nameOf(name), ...label);
  const things = await kubectl("get", `things.${nameOf(name)}.faults.quintet.dev`, "-n", nameOf(name), "-o", "name");
  const outside = await kubectl("get", "namespace,customresourcedefinition", ...label);
  return [inside, things, outside]
    .flatMap((list) => list.split("\n"))
    .filter((line) => line !== "")
    .map((line) => line.replace(/\/named-\w+$/, "/named").replaceAll(nameOf(name), "NAME"))
    .sort();
}

/** All that the smallest program makes, once each. */
export const complete = [
  "configmap/fixed",
  "configmap/named",
  "customresourcedefinition.apiextensions.k8s.io/things.NAME.faults.quintet.dev",
  "deployment.apps/app",
  "namespace/NAME",
  "secret/secret",
  "service/app",
  "thing.NAME.faults.quintet.dev/thing",
];

/** `up` as a program of its own, which a terminal could have started. */
export class Running {
  readonly ended: Promise<{ readonly said: string; readonly exitCode: number | null }>;
  private readonly child;

  constructor(name: string, told: Told = {}) {
    made.add(name);
    const args = [join(import.meta.dirname, "up.ts"), nameOf(name), configFile(name, told), program];
    this.child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], cwd: root });
    const { child } = this;
    const code = new Promise<number | null>((resolve) => child.once("close", resolve));
    const said = Promise.all([text(child.stdout), text(child.stderr)]);
    this.ended = code.then(async (exitCode) => ({ said: (await said).join("\n"), exitCode }));
  }

  interrupt(): void {
    this.child.kill("SIGINT");
  }
}

/** Waits until the engine waits for the Deployment that never gets ready. */
export async function waitsForDeployment(name: string): Promise<void> {
  const { file } = stackFolder(name);
  const waits = () =>
    Promise.resolve(keptIn(file).pending.some(({ resource }) => resource.urn.endsWith("::deployment")));
  await until(`stack ${name} to wait for its Deployment`, 60_000, waits, 50);
  const there = async () => (await kubectl("get", "deployment", "-n", nameOf(name), "-o", "name")).includes("app");
  await until(`the Deployment of ${name}`, 30_000, there, 200);
}

/** Ends an engine as a power cut would. */
export async function cutOff(pid: number): Promise<void> {
  process.kill(pid, "SIGKILL");
  await until(
    `engine ${String(pid)} to be gone`,
    10_000,
    () => Promise.resolve(!existsSync(`/proc/${String(pid)}`) || zombie(pid)),
    10,
  );
}

const zombie = (pid: number) => / Z /.test(readFileSync(`/proc/${String(pid)}/stat`, "utf8"));

/** Stops and starts the cluster's own processes, as kwok does it. */
export function kwokctl(...args: string[]): void {
  const env = { ...process.env, KWOK_WORKDIR: state.file("kwok"), KWOK_KUBE_VERSION: spec.kubernetesVersion };
  execFileSync(toolPath("kwokctl"), [...args, `--name=${spec.name}`], { env, stdio: "ignore", timeout: deadline });
}
