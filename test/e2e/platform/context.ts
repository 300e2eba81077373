/** What all parts of the platform's tests share: the cluster, the stack, and how they are asked. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { embeddedFacts } from "../../../components/cluster/embedded.ts";
import { backupOf } from "../../../components/etcd-backup-schema.ts";
import { platformGraph } from "../../../components/platform-graph.ts";
import { patientKubectl } from "../../../embedded/kubectl.ts";
import { until } from "../../../embedded/run.ts";
import { labCluster } from "../../../embedded/spec.ts";
import { ClusterState } from "../../../embedded/state.ts";
import { ask, type Place, publicCa } from "../../../scripts/ask.ts";
import { configOf, insightsOf } from "../../../scripts/live-insights.ts";
import { Stack, root } from "../../../scripts/stack.ts";
import { toolPath } from "../../../toolchain/index.ts";
import { freePort } from "../fixtures.ts";
import { type Host, hostsOf } from "../reach.ts";
import { added, traces, type Traces } from "../machine.ts";

const ranges = { subnet: "172.20.40.0/24", podCidr: "10.62.0.0/16", serviceCidr: "10.63.0.0/16" };
/** The cluster that the tests make, apart by its ranges from one that a developer has. */
export const spec = labCluster({ name: "quintet-e2e", ...ranges });
/** What that cluster keeps on this machine. */
export const state = new ClusterState(spec.name);
/** The configuration of the stack. */
export const config = join(import.meta.dirname, "../Pulumi.e2e.yaml");
/** That cluster in the words of the command line. */
export const options = ["--subnet", ranges.subnet, "--pod-cidr", ranges.podCidr, "--service-cidr", ranges.serviceCidr];
/** What was measured, as lines to print in the end. */
export const figures: string[] = [];
/** Everything that anybody could have read while secrets went in: outputs, and the command lines of all processes. */
export const printed: string[] = [];

/** What was on this machine before the first test, which keeps it here for {@link left}. */
export const earlier: { traces?: Traces } = {};

/** Runs one of the project's programs as `npm run` does, with its output on this terminal. */
export async function program(file: string, ...args: string[]): Promise<string> {
  const result = await execa(process.execPath, [join(root, file), ...args], {
    cwd: root,
    stdin: "ignore",
    stdout: ["pipe", "inherit"],
    stderr: ["pipe", "inherit"],
    reject: false,
  });
  assert.equal(result.exitCode, 0, `${file} ${args.join(" ")} failed`);
  return result.stdout;
}

/** kubectl on that cluster, with what it prints. */
export const kubectl = (...args: string[]) => patientKubectl(state.kubeconfig, args);
/** The stack as it is, read anew each time. */
export const stack = () => new Stack({ stack: "e2e", config });

/** Where the backend is found from outside, as the stack says it, and who vouches for its name. */
export async function publicPlaces(): Promise<{ readonly url: string; readonly places: readonly [Place, ...Place[]] }> {
  const { ingress } = (await stack().outputs()) as { ingress: { url: string; addresses: string[] } }; // index.ts
  const ca = await publicCa(state);
  const [first, ...others] = ingress.addresses.map((address) => ({ address, ca }));
  assert.ok(first !== undefined, "the ingress has no address");
  return { url: ingress.url, places: [first, ...others] };
}

/** The probes, one on each node, each by its own name. */
export async function probesOf(): Promise<Host[]> {
  const hosts = await hostsOf(spec, state);
  return hosts
    .filter(({ pod }) => pod?.namespace === "default" && pod.labels["app"] === "probe")
    .map((host) => ({ ...host, name: host.name.replace("default/", "") }));
}

/** The names of the pods that answer, over enough requests to meet each. */
export async function answering(): Promise<Set<string>> {
  const { url, places } = await publicPlaces();
  const names = new Set<string>();
  for (let i = 0; i < 30; i++) {
    const { body } = await ask(url, places[i % places.length] ?? places[0]);
    names.add((JSON.parse(body) as { hostname: string }).hostname); // podinfo's own
  }
  return names;
}

/** etcdctl in one of the members. */
export async function etcdctl(...args: string[]): Promise<string> {
  const pki = "/etc/kubernetes/pki/etcd";
  const tls = [`--cacert=${pki}/ca.crt`, `--cert=${pki}/server.crt`, `--key=${pki}/server.key`];
  return kubectl("exec", "-n", "kube-system", "etcd-qke-worker-49-1", "--", "etcdctl", ...tls, ...args);
}

/** The configuration of the stack, with its defaults. */
export const liveConfig = () => configOf(config);

/** Who talks to whom on the live cluster, as the program of the stack has put it together. */
export function liveGraph() {
  const facts = embeddedFacts(readFileSync(state.kubeconfig, "utf8"), state.kubeconfig);
  const open = liveConfig();
  return { facts, graph: platformGraph({ ...open, backup: backupOf(open.backup, facts), facts }) };
}

/** What the parts of the live platform say of themselves to whoever watches it. */
export const liveInsights = () => insightsOf(config, readFileSync(state.kubeconfig, "utf8"), state.kubeconfig);

/** What is on this machine that was not there before the first test. */
export async function left(): Promise<string[]> {
  return added(earlier.traces ?? assert.fail("nobody has taken stock of the machine"), await traces());
}

/** Forwards a port of a pod to this machine while `work` goes on. */
export async function forwarded(
  namespace: string,
  target: string,
  port: number,
  work: (url: string) => Promise<void>,
): Promise<void> {
  const local = await freePort();
  const url = `http://127.0.0.1:${String(local)}`;
  const forward = spawn(
    toolPath("kubectl"),
    ["--kubeconfig", state.kubeconfig, "port-forward", "-n", namespace, target, `${String(local)}:${String(port)}`],
    { stdio: "ignore" },
  );
  try {
    await until("the forwarded port", 20_000, async () => (await fetch(url)).status > 0, 200);
    await work(url);
  } finally {
    forward.kill();
  }
}

/** What podinfo's own client says of a URL, asked from inside a pod. */
export async function checkFrom(pod: string, url: string): Promise<string> {
  const args = [
    "--kubeconfig",
    state.kubeconfig,
    "exec",
    pod,
    "--",
    "podcli",
    "check",
    "http",
    url,
    "--retry=1",
    "--timeout=3s",
  ];
  const { all } = await execa(toolPath("kubectl"), args, { all: true, reject: false, stdin: "ignore" });
  return all.replaceAll("\n", " ");
}

/** The file of the last {@link upWith}. */
export const upFile = () => state.file("with.yaml");

/** Brings the stack up with more in its configuration, or other in its place. */
export async function upWith(more: Readonly<Record<string, unknown>>): Promise<void> {
  const { config: own } = parse(readFileSync(config, "utf8")) as { config: Record<string, unknown> };
  writeFileSync(upFile(), stringify({ config: { ...own, ...more } }));
  const changed = new Stack({ stack: "e2e", config: upFile() });
  const { text, exitCode } = await changed.capture("up", ["--yes", "--skip-preview"]);
  assert.equal(exitCode, 0, text);
}

/** Brings the stack up as it is written, after {@link upWith}. */
export async function upAsWritten(): Promise<void> {
  const { text, exitCode } = await stack().capture("up", ["--yes", "--skip-preview"]);
  assert.equal(exitCode, 0, text);
}

/** Whether something fails. */
export async function refused(attempt: () => Promise<unknown>): Promise<boolean> {
  try {
    await attempt();
    return false;
  } catch {
    return true;
  }
}
