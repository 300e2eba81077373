/** From an empty machine to a cluster with the platform on it, and that all is as declared. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readyNodes } from "../../../embedded/kubectl.ts";
import { until } from "../../../embedded/run.ts";
import { clusterMemory } from "../../../embedded/status.ts";
import { root } from "../../../scripts/stack.ts";
import { credentials, plant } from "../planted.ts";
import { traces, watchCommands } from "../machine.ts";
import {
  answering,
  config,
  earlier,
  etcdctl,
  figures,
  kubectl,
  options,
  printed,
  program,
  spec,
  stack,
  state,
} from "./context.ts";

test("nothing of an earlier run is left", async () => {
  await program("embedded/cli.ts", "check"); // installs the programs that the lists of traces need, too
  await program("scripts/down.ts", "--stack", "e2e", "--config", config);
  earlier.traces = await traces();
});

test("a start that is killed half-way is taken up again", async () => {
  const child = spawn(process.execPath, [join(root, "embedded/cli.ts"), "up", "--name", spec.name, ...options], {
    stdio: "ignore",
    detached: true,
  });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  await until(
    "kubeadm to be at work",
    180_000,
    () => Promise.resolve(existsSync(join(state.nodeRoot("qke-master"), "etc/kubernetes/manifests/etcd.yaml"))),
    100,
  );
  process.kill(-(child.pid ?? 0), "SIGKILL");
  await ended;
  assert.equal(existsSync(state.file("ready.json")), false);
});

test("npm run up: five nodes, and the backend answers", async () => {
  printed.push(await plant(credentials, "--stack", "e2e", "--config", config));
  const watch = watchCommands();
  const output = await program("scripts/up.ts", "--stack", "e2e", "--config", config, ...options);
  printed.push(output, watch.end());
  assert.match(
    output,
    /curl --cacert \S+ --resolve enroll\.example:30443:172\.20\.40\.12 https:\/\/enroll\.example:30443\/api/,
  );
  figures.push(`npm run up, warm: ${/Took (.*)\./.exec(output)?.[1] ?? "no figure"}`);
});

test("the cluster is what was asked for", async () => {
  assert.deepEqual((await readyNodes(state)).sort(), spec.nodes.map((n) => n.name).sort());
  const members = (await etcdctl("member", "list")).split("\n");
  assert.equal(
    members.filter((line) => line.includes("started") && line.endsWith("false")).length,
    3,
    members.join("\n"),
  );
  const dns = (
    await kubectl(
      "get",
      "pods",
      "-n",
      "kube-system",
      "-l",
      "k8s-app=kube-dns",
      "-o",
      "jsonpath={.items[*].spec.nodeName}",
    )
  ).split(" ");
  assert.equal(dns.length, 2);
  assert.equal(new Set(dns).size, 2, "both CoreDNS replicas are on one node");
  const memory = clusterMemory(spec) / 1024 ** 3;
  figures.push(`memory of the cluster with the backend: ${memory.toFixed(2)} GiB`);
  assert.ok(memory < 5, `${String(memory)} GiB`);
});

test("a second up changes nothing", async () => {
  const start = performance.now();
  const { text, exitCode } = await stack().capture("up", ["--yes", "--expect-no-changes"]);
  const seconds = (performance.now() - start) / 1000;
  figures.push(`second pulumi up, no changes: ${seconds.toFixed(1)} s`);
  assert.equal(exitCode, 0, text);
});

test("a refresh finds no drift", async () => {
  const { text, exitCode } = await stack().capture("refresh", ["--yes", "--expect-no-changes"]);
  assert.equal(exitCode, 0, text);
});

test("three replicas answer through the ingress", async () => {
  assert.equal((await answering()).size, 3);
});

test("the backend's pods are Guaranteed, and stand on three nodes", async () => {
  const pods = (
    await kubectl(
      "get",
      "pods",
      "-n",
      "backend",
      "-o",
      "jsonpath={range .items[*]}{.status.qosClass} {.spec.nodeName}{'\\n'}{end}",
    )
  )
    .trim()
    .split("\n");
  assert.deepEqual(
    pods.map((line) => line.split(" ")[0]),
    ["Guaranteed", "Guaranteed", "Guaranteed"],
  );
  assert.equal(new Set(pods.map((line) => line.split(" ")[1])).size, 3);
});
