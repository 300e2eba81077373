/** What goes wrong with the snapshots of etcd. */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { findSnapshot } from "../../../../backup/sources.ts";
import { inWorkspace } from "../../../../backup/workspace.ts";
import { etcdBackupName, etcdBackupNamespace } from "../../../../components/etcd-backup-plan.ts";
import { startS3, stopS3 } from "../../../../embedded/backups.ts";
import { owner } from "../../../../embedded/owner.ts";
import { localSnapshots } from "../../../../embedded/restore.ts";
import { until } from "../../../../embedded/run.ts";
import { controlPlane } from "../../../../embedded/spec.ts";
import { target } from "../../../../scripts/snapshots.ts";
import { root } from "../../../../scripts/stack.ts";
import { kubectl, program, spec, state } from "../context.ts";
import { query } from "../prometheus.ts";
import { atOnce, cause, inTurn, type Step, suspend } from "./fault.ts";

const schedule = { name: `cronjob/${etcdBackupName}`, namespace: etcdBackupNamespace };
const own = ["-n", etcdBackupNamespace];

const lastSuccess = "quintet_etcd_backup_last_success_timestamp_seconds";

const members = controlPlane(spec).map(({ name }) => join(state.nodeRoot(name), localSnapshots, "metrics.prom"));
const aside = (file: string) => `${file}.aside`;

/** What nodes know of their snapshots is lost, and no new one is taken. */
const unknown = cause({
  what: "the nodes' figures of their snapshots are gone, and the schedule is suspended",
  fires: ["BackupAbsent"],
  minutes: 16,
  begin: () => {
    for (const file of members.filter((one) => existsSync(one))) renameSync(file, aside(file));
  },
  mend: () => {
    for (const file of members.filter((one) => existsSync(aside(one)))) renameSync(aside(file), file);
  },
});

/** The schedule has rested since, and so has S3. */
const suspended = cause({
  what: "the schedule of snapshots is suspended",
  fires: ["BackupStale", "BackupNotAway"],
  minutes: 4,
  mend: () => suspend(schedule, false),
});

/** Snapshots are taken again, and stay where they are taken. */
const notTaken = cause({
  what: "the S3 service of the snapshots is stopped",
  fires: ["BackupFailed"],
  minutes: 6,
  begin: () => stopS3(state),
  mend: () => startS3(spec, state, owner()),
});

const drill = ["scripts/drill.ts", "--name", spec.name] as const;

/** A byte of the newest snapshot is another one, and a drill looks at it. */
const damaged = () => {
  let [bundle, copy] = ["", ""];
  return cause({
    what: "the newest snapshot is damaged",
    fires: ["DrillFailed"],
    minutes: 4,
    begin: async () => {
      const { sources, clusterId } = target({ snapshot: "latest", name: spec.name });
      await inWorkspace(async (folder) => {
        ({ bundle } = await findSnapshot("latest", sources, clusterId, folder));
      });
      copy = state.file("bundle-before");
      copyFileSync(bundle, copy);
      const bytes = readFileSync(bundle);
      const middle = Math.floor(bytes.length / 2);
      bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
      writeFileSync(bundle, bytes);
      const { exitCode } = await execa(process.execPath, [...drill], { cwd: root, reject: false });
      assert.notEqual(exitCode, 0, "the drill of a damaged snapshot is green");
    },
    mend: async () => {
      if (copy === "") return;
      copyFileSync(copy, bundle);
      rmSync(copy);
      await program(...drill);
    },
  });
};

/** All that can go wrong with snapshots, one after the other: of one that is missing its age says nothing. */
export const snapshotsFail: Step = async (fired) => {
  await until("a first snapshot to be known of", 180_000, async () => (await query(lastSuccess)).length > 0, 2000);
  try {
    await suspend(schedule, true);
    await kubectl("wait", "jobs", ...own, "--all", "--for=condition=Complete", "--timeout=60s");
    await inTurn(atOnce(unknown, damaged()), suspended, notTaken)(fired);
  } finally {
    await suspend(schedule, false);
    await kubectl("delete", "jobs", ...own, "--all", "--wait=false");
  }
};
