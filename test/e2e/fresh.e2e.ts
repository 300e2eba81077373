/** A cluster is gone with all of its nodes, and comes back on new ones out of a snapshot that was kept elsewhere. */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { BackupStore } from "../../embedded/backups.ts";
import { apply, clusterUid, kubectl, readyNodes } from "../../embedded/kubectl.ts";
import { localSnapshots, saveBefore } from "../../embedded/restore.ts";
import { until } from "../../embedded/run.ts";
import { controlPlane, labCluster } from "../../embedded/spec.ts";
import { ClusterState } from "../../embedded/state.ts";
import { root } from "../../scripts/stack.ts";
import { backend, contentOf, keepsakes, upgraded } from "./upgrade-objects.ts";

const ranges = { subnet: "172.20.43.0/24", podCidr: "10.70.0.0/16", serviceCidr: "10.71.0.0/16" };
const spec = labCluster({ name: "quintet-fresh", ...ranges });
const state = new ClusterState(spec.name);
const given = ["--subnet", spec.subnet, "--pod-cidr", spec.podCidr, "--service-cidr", spec.serviceCidr];
const elsewhere = mkdtempSync(join(tmpdir(), "quintet-fresh-"));

async function program(file: string, ...args: string[]): Promise<string> {
  const both = { stdout: ["pipe", "inherit"], stderr: ["pipe", "inherit"] } as const;
  const words = [join(root, file), ...args, "--name", spec.name];
  const result = await execa(process.execPath, words, { cwd: root, stdin: "ignore", reject: false, ...both });
  assert.equal(result.exitCode, 0, `${file} ${args.join(" ")}`);
  return result.stdout;
}

before(() => program("embedded/cli.ts", "down"));
after(async () => {
  await program("embedded/cli.ts", "down");
  rmSync(elsewhere, { recursive: true, force: true });
});

const kept = () => contentOf(state, "configmaps,secrets,services");

const backendReady = () =>
  kubectl(state, ["rollout", "status", "deployment/backend", "-n", upgraded.metadata.name, "--timeout=180s"]);

test("a cluster that is gone comes back on new nodes with every object of its snapshot", async () => {
  await program("embedded/cli.ts", "up", ...given);
  await apply(state, [upgraded]);
  await apply(state, [...backend, ...keepsakes]);
  await backendReady();
  const [uid, objects] = [await clusterUid(state), await kept()];
  const { recipient } = await new BackupStore(spec.name).facts(spec);
  const [first] = controlPlane(spec);
  assert.ok(first);
  await saveBefore(spec, state, first.name, { clusterId: uid, recipients: [recipient] }, "by-hand");
  const folder = join(state.nodeRoot(first.name), localSnapshots, uid);
  const files = readdirSync(folder).filter((name) => /\.(?:age|json)$/.test(name));
  for (const name of files) copyFileSync(join(folder, name), join(elsewhere, name));
  const bundle = files.find((name) => name.endsWith(".age")) ?? assert.fail(`no bundle among ${files.join(", ")}`);
  await program("embedded/cli.ts", "down");

  const start = performance.now();
  const from = ["--snapshot", join(elsewhere, bundle), "--cluster-id", uid];
  await program("scripts/restore.ts", "--fresh", "--yes", ...from, ...given);
  const seconds = (performance.now() - start) / 1000;
  assert.equal(await clusterUid(state), uid);
  assert.deepEqual(await kept(), objects);
  const nodes = spec.nodes.map(({ name }) => name).sort();
  await until("all nodes to be Ready", 120_000, async () => (await readyNodes(state)).sort().join() === nodes.join());
  await backendReady();
  console.log(
    `From no node to the cluster of the snapshot: ${seconds.toFixed(1)} s, ${String(objects.length)} objects.`,
  );
});
