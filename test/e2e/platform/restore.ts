/** The control plane loses its data, and comes back out of a snapshot. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { etcdBackupName, etcdBackupNamespace } from "../../../components/etcd-backup-plan.ts";
import type { DrillResult } from "../../../backup/verdict.ts";
import { kubectl as kubectlWith, readyNodes } from "../../../embedded/kubectl.ts";
import { runInNode } from "../../../embedded/node.ts";
import { apiAnswers, liveId } from "../../../embedded/restore.ts";
import { until } from "../../../embedded/run.ts";
import { controlPlane, type NodeSpec } from "../../../embedded/spec.ts";
import { longTest } from "../long.ts";
import { query, type Sample } from "./prometheus.ts";
import { answering, etcdctl, figures, kubectl, program, spec, state } from "./context.ts";

const members = controlPlane(spec);
/** Takes the data of etcd from nodes, as a disk that is lost does. */
const wipe = (nodes: readonly NodeSpec[]) =>
  Promise.all(
    nodes.map((node) =>
      runInNode(node, state, ["/bin/sh", "-c", "rm -rf /var/lib/etcd/member; pkill -KILL -x etcd; true"]),
    ),
  );

/** A snapshot by hand, out of the schedule's own Job. */
async function snapshot(name: string): Promise<void> {
  const own = ["-n", etcdBackupNamespace];
  await kubectl("create", "job", `--from=cronjob/${etcdBackupName}`, name, ...own);
  await kubectl("wait", "--for=condition=Complete", "--timeout=170s", `job/${name}`, ...own);
}

const lastDrill = () => state.read("drill.json") as DrillResult; // scripts/drill.ts wrote it

/** A ConfigMap for each number; the API server has acknowledged all of them when it ends. */
const write = (name: string, count: number) =>
  kubectlWith(
    state,
    ["apply", "--server-side", "-f", "-"],
    JSON.stringify({
      apiVersion: "v1",
      kind: "List",
      items: Array.from({ length: count }, (_, i) => ({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: `${name}-${String(i)}`, namespace: "default", labels: { written: name } },
        data: { number: String(i) },
      })),
    }),
  );
const written = async (name: string) =>
  (await kubectl("get", "configmaps", "-l", `written=${name}`, "-o", "name")).split("\n").filter((line) => line !== "");

async function healthy(): Promise<void> {
  await until("three healthy etcd members", 120_000, async () => {
    return (await etcdctl("endpoint", "health", "--cluster")).split("\n").length === 3;
  });
  await until("five nodes to be Ready", 180_000, async () => (await readyNodes(state)).length === 5);
}

/** Waits until Prometheus has a series, which it scrapes every ten seconds here. */
async function untilSeen(expr: string): Promise<readonly Sample[]> {
  let seen: readonly Sample[] = [];
  await until(`${expr} in Prometheus`, 60_000, async () => {
    seen = await query(expr);
    return seen.length > 0;
  });
  return seen;
}

test("a snapshot of the live cluster is drilled: every object is equal, or was changed since", async () => {
  await write("before", 100);
  await snapshot("by-hand-e2e");
  const said = await kubectl("logs", "-n", etcdBackupNamespace, "job/by-hand-e2e");
  assert.match(said, /"copied": ?true/, "from the disk of its member, and not through etcd");
  await program("scripts/drill.ts", "--name", spec.name);
  const { ok, rpo = 0, rto = 0, objects = 0, compared } = lastDrill();
  assert.ok(ok && compared !== undefined);
  figures.push(
    `a drill of the live cluster: ${String(objects)} objects, RPO ${rpo.toFixed(0)} s, RTO ${rto.toFixed(1)} s`,
  );
  const [sample] = await untilSeen("quintet_etcd_drill_ok");
  assert.equal(sample?.value[1], "1");
  await untilSeen("quintet_etcd_backup_last_success_timestamp_seconds");
});

test("the quorum is lost with all data: one command, and the cluster serves again with every write of the snapshot", async () => {
  await write("after", 1);
  await wipe(members);
  await until("the API server to be gone", 60_000, async () => (await liveId(state)) === undefined, 200);
  // What a member without data does is end, again and again: an empty cluster beside the old one would be worse.
  await sleep(15_000);
  assert.equal(await liveId(state), undefined);

  const start = performance.now();
  const serving = until("the API server to serve again", 600_000, () => apiAnswers(state), 200).then(
    () => (performance.now() - start) / 1000,
  );
  await Promise.all([program("scripts/restore.ts", "--name", spec.name, "--yes"), serving]);
  const seconds = await serving;
  figures.push(`quorum lost with data wiped, to serving again: ${seconds.toFixed(1)} s`);

  assert.equal((await written("before")).length, 100);
  assert.deepEqual(await written("after"), []);
  await healthy();
  await until("three pods of the backend to answer", 60_000, async () => (await answering()).size === 3);
  await write("since", 1);
  for (const node of members) {
    const kept = readdirSync(join(state.nodeRoot(node.name), "var/lib")).filter((name) =>
      name.startsWith("etcd-before-"),
    );
    assert.equal(kept.length, 1, `the old data of ${node.name} is kept aside`);
    assert.ok(!existsSync(join(state.nodeRoot(node.name), "etc/kubernetes/manifests-stopped")));
  }
  assert.ok(seconds <= 90, `${seconds.toFixed(1)} s are more than 90`);
});

test("controllers, schedulers and kubelets go on from the restored state", async () => {
  await kubectl("rollout", "restart", "deployment/backend", "-n", "backend");
  await kubectl("rollout", "status", "deployment/backend", "-n", "backend", "--timeout=300s");
  await sleep(10_000);
  const said = await kubectl("logs", "-n", "kube-system", "-l", "component=etcd", "--tail=-1", "--since=10s");
  assert.doesNotMatch(said, /ID mismatch/);
});

longTest("one member is lost with its data, and joins anew", async () => {
  const node = members.find(({ name }) => name !== "qke-worker-49-1"); // etcdctl runs there
  assert.ok(node !== undefined);
  await wipe([node]);
  const start = performance.now();
  await program("scripts/restore.ts", "--name", spec.name, "--member", node.name, "--yes");
  figures.push(`one member lost, to three again: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  await healthy();
});

longTest("one object comes back out of a snapshot", async () => {
  await snapshot("by-hand-e2e-again");
  await kubectl("delete", "configmap", "before-7");
  const wanted = ["--namespace", "default", "--object", "configmap/before-7"];
  await program("scripts/restore.ts", "--name", spec.name, ...wanted, "--yes");
  assert.equal(await kubectl("get", "configmap", "before-7", "-o", "jsonpath={.data.number}"), "7");
  await program("scripts/drill.ts", "--name", spec.name);
  assert.ok(lastDrill().ok);
  await kubectl("delete", "configmap", "-l", "written in (before,after,since)");
});
