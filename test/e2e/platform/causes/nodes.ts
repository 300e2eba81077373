/** What goes wrong on nodes: a disk is full, and etcd loses its quorum. */
import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInNode } from "../../../../embedded/node.ts";
import { until } from "../../../../embedded/run.ts";
import { controlPlane } from "../../../../embedded/spec.ts";
import { moveManifests } from "../broken.ts";
import { etcdctl, kubectl, spec, state } from "../context.ts";
import { query } from "../prometheus.ts";
import type { Webhook } from "../webhook.ts";
import { cause, type Step } from "./fault.ts";

const [image, place] = ["/var/full.img", "/mnt/full"];
const member = controlPlane(spec).at(-1) ?? assert.fail("The cluster has no control plane.");
const node = spec.nodes.at(-1) ?? assert.fail("The cluster has no nodes.");
const onNode = (script: string) => runInNode(node, state, ["/bin/sh", "-ec", script]);

/** One of a node's file systems is full. */
export const diskFull = cause({
  what: "a file system of a node is full",
  fires: [{ alertname: "NodeDiskFull", node: node.name, mountpoint: place }],
  minutes: 10,
  begin: () =>
    onNode(`truncate -s 32M ${image}; mkfs.ext4 -q -m 0 ${image}; mkdir -p ${place}; mount -o loop ${image} ${place};
      head -c 28M /dev/zero > ${place}/much || true`),
  mend: () => onNode(`umount ${place} || true; rm -rf ${image} ${place}`),
});

const manifest = join(state.nodeRoot(member.name), "etc/kubernetes/manifests/etcd.yaml");

/** The kubelet may read it at any moment, and takes whatever is beside it for a manifest, too. */
function replaceManifest(text: string): void {
  const beside = join(state.nodeRoot(member.name), "etc/kubernetes/etcd.yaml");
  writeFileSync(beside, text, { mode: 0o600 });
  renameSync(beside, manifest);
}

const size = `etcd_mvcc_db_total_size_in_bytes{job="etcd",node="${member.name}"}`;

/** A member of etcd has room for a fifth more than it holds. */
export function littleRoom(): Step {
  let before = "";
  return cause({
    what: "a member's quota is little more than its database",
    fires: [{ alertname: "EtcdDatabaseFull", node: member.name }],
    minutes: 11,
    begin: async () => {
      let bytes = Number.NaN;
      await until(`Prometheus to know ${size}`, 60_000, async () => {
        bytes = Number((await query(size))[0]?.value[1]);
        return bytes > 0;
      });
      const quota = `    - --quota-backend-bytes=${String(Math.ceil(bytes / 0.84))}`;
      before = readFileSync(manifest, "utf8");
      replaceManifest(before.replace(/^ {4}- etcd$/m, (line) => `${line}\n${quota}`));
    },
    mend: async () => {
      if (before === "") return;
      replaceManifest(before);
      await allHealthy();
    },
  });
}

const allHealthy = () =>
  until("three healthy etcd members", 180_000, async () => {
    return (await etcdctl("endpoint", "health", "--cluster")).split("\n").length === 3;
  });

/** Two of three members of etcd are stopped: the API is away, and people are told all the same. */
export const quorumLost =
  (webhook: Webhook): Step =>
  async () => {
    const lost = controlPlane(spec).slice(0, 2);
    moveManifests(["etcd"], "away", lost);
    try {
      await webhook.told("EtcdNoLeader", "firing", 360_000);
    } finally {
      moveManifests(["etcd"], "back", lost);
      await until("the API", 180_000, async () => (await kubectl("get", "--raw", "/readyz")) === "ok");
      await allHealthy();
    }
  };
