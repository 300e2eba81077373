/** What takes long: starts killed at many moments, a whole cluster stopped and started, two clusters side by side. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, test } from "node:test";
import { execa } from "execa";
import { kubectl, readyNodes } from "../../embedded/kubectl.ts";
import { labCluster, type ClusterSpec } from "../../embedded/spec.ts";
import { ClusterState } from "../../embedded/state.ts";
import { root } from "../../scripts/stack.ts";
import { added, traces, type Traces } from "./machine.ts";

const cli = join(root, "embedded/cli.ts");
const one = labCluster({
  name: "quintet-e2e",
  subnet: "172.20.40.0/24",
  podCidr: "10.62.0.0/16",
  serviceCidr: "10.63.0.0/16",
});
const two = labCluster({
  name: "quintet-e2e-b",
  subnet: "172.20.50.0/24",
  podCidr: "10.72.0.0/16",
  serviceCidr: "10.73.0.0/16",
});
const figures: string[] = [];
let before: Traces;

function upArgs(spec: ClusterSpec): string[] {
  return [
    cli,
    "up",
    "--name",
    spec.name,
    "--subnet",
    spec.subnet,
    "--pod-cidr",
    spec.podCidr,
    "--service-cidr",
    spec.serviceCidr,
  ];
}

async function cluster(...args: string[]): Promise<string> {
  const result = await execa(process.execPath, args, {
    stdin: "ignore",
    stdout: ["pipe", "inherit"],
    stderr: "inherit",
    reject: false,
  });
  assert.equal(result.exitCode, 0, args.slice(1).join(" "));
  return result.stdout;
}

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await work();
  figures.push(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

async function assertWhole(spec: ClusterSpec): Promise<void> {
  const state = new ClusterState(spec.name);
  assert.deepEqual((await readyNodes(state)).sort(), spec.nodes.map((n) => n.name).sort());
  assert.equal(await kubectl(state, ["get", "--raw", "/readyz"]), "ok");
}

after(async () => {
  for (const spec of [one, two]) {
    await execa(process.execPath, [cli, "down", "--name", spec.name], { stdio: "inherit", reject: false });
  }
  console.log(`\nFigures:\n${figures.map((f) => `  ${f}`).join("\n")}`);
});

test("nothing of an earlier run is left", async () => {
  await cluster(cli, "check");
  await cluster(cli, "down", "--name", one.name);
  await cluster(cli, "down", "--name", two.name);
  before = await traces();
});

for (const seconds of [1, 2, 3, 5, 8, 13, 21, 34, 55]) {
  test(`a start is killed after ${String(seconds)} s`, async () => {
    const child = spawn(process.execPath, upArgs(one), { stdio: "ignore", detached: true });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    await sleep(seconds * 1000);
    assert.equal(child.exitCode, null, "it was done before it could be killed");
    process.kill(-(child.pid ?? 0), "SIGKILL");
    await ended;
    assert.equal(existsSync(new ClusterState(one.name).file("ready.json")), false);
  });
}

test("the next start makes the cluster whole", async () => {
  await timed("up after nine killed ones", () => cluster(...upArgs(one)));
  await assertWhole(one);
});

test("a running cluster is left as it is", async () => {
  await timed("up of a running cluster", () => cluster(...upArgs(one)));
  await assertWhole(one);
});

test("all five nodes are stopped, and up brings the cluster back with its data", async () => {
  const state = new ClusterState(one.name);
  await kubectl(state, ["create", "configmap", "kept", "--from-literal=answer=42"]);
  for (const node of one.nodes) await cluster(cli, "stop", "--name", one.name, node.name);
  await timed("up of a stopped cluster", () => cluster(...upArgs(one)));
  await assertWhole(one);
  assert.equal(await kubectl(state, ["get", "configmap", "kept", "-o", "jsonpath={.data.answer}"]), "42");
});

test("a second cluster comes up beside the first, and goes without touching it", async () => {
  await timed("up of a second cluster beside the first", () => cluster(...upArgs(two)));
  await assertWhole(two);
  await assertWhole(one);
  await cluster(cli, "down", "--name", two.name);
  await assertWhole(one);
});

test("a range that is in use is refused before anything is touched", async () => {
  const args = [
    cli,
    "up",
    "--name",
    two.name,
    "--subnet",
    two.subnet,
    "--pod-cidr",
    one.podCidr,
    "--service-cidr",
    two.serviceCidr,
  ];
  const { exitCode, stderr } = await execa(process.execPath, args, { stdin: "ignore", reject: false });
  assert.equal(exitCode, 1);
  assert.match(stderr, /10\.62\.0\.0\/16 \(--pod-cidr\) overlaps this machine's route/);
  assert.equal(existsSync(new ClusterState(two.name).dir), false);
});

test("down leaves nothing", async () => {
  await timed("down", () => cluster(cli, "down", "--name", one.name));
  assert.deepEqual(added(before, await traces()), []);
});
