/** What goes wrong with the snapshots of etcd. */
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { execa } from "execa";
import { findSnapshot } from "../../../../backup/sources.ts";
import { inWorkspace } from "../../../../backup/workspace.ts";
import { etcdBackupName, etcdBackupNamespace } from "../../../../components/etcd-backup-plan.ts";
import { startS3, stopS3 } from "../../../../embedded/backups.ts";
import { owner } from "../../../../embedded/owner.ts";
import { target } from "../../../../scripts/snapshots.ts";
import { root } from "../../../../scripts/stack.ts";
import { kubectl, program, spec, state } from "../context.ts";
import { atOnce, cause, inTurn, type Step } from "./fault.ts";

const own = ["-n", etcdBackupNamespace];

const suspend = (suspended: boolean) =>
  kubectl(
    "patch",
    "cronjob",
    etcdBackupName,
    ...own,
    "--type=merge",
    "-p",
    JSON.stringify({ spec: { suspend: suspended } }),
  );

/** The schedule is told to rest, and no snapshot is taken any more. */
const suspended = cause({
  what: "the schedule of snapshots is suspended",
  fires: ["BackupStale"],
  minutes: 16,
  begin: () => suspend(true),
  mend: () => suspend(false),
});

/** No newer snapshot comes to S3 meanwhile. */
const behind = cause({ what: "S3 stays away", fires: ["BackupNotAway"], minutes: 16 });

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

/** S3 is away, then nothing is saved any more, and what was saved last is damaged. */
export const snapshotsFail: Step = async (fired) => {
  try {
    await inTurn(
      cause({
        what: "the S3 service of the snapshots is stopped",
        fires: ["BackupFailed"],
        minutes: 6,
        begin: () => stopS3(state),
      }),
      atOnce(suspended, behind, damaged()),
    )(fired);
  } finally {
    await startS3(spec, state, owner());
    await kubectl("delete", "jobs", ...own, "--all", "--wait=false");
  }
};
