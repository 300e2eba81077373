/** What goes wrong with the exports of a cluster's objects. */
import { objectBackupName, objectBackupNamespace } from "../../../../components/object-backup-plan.ts";
import { startS3 } from "../../../../embedded/backups.ts";
import { owner } from "../../../../embedded/owner.ts";
import { until } from "../../../../embedded/run.ts";
import { kubectl, spec, state } from "../context.ts";
import { query } from "../prometheus.ts";
import { cause, inTurn, type Step, suspend } from "./fault.ts";

const schedule = { name: `cronjob/${objectBackupName}`, namespace: objectBackupNamespace };
const success = `kube_cronjob_status_last_successful_time{namespace="${objectBackupNamespace}"}`;

/** S3 has been away since before the first export was due, which whoever sets exports up sees to. */
const never = cause({
  what: "the S3 service of the exports is away from the first one on",
  fires: ["ObjectBackupAbsent"],
  minutes: 17,
  mend: () => startS3(spec, state, owner()),
});

/** There was one, and then the schedule rests. */
const noMore = cause({
  what: "the schedule of exports is suspended",
  fires: ["ObjectBackupStale"],
  minutes: 19,
  begin: async () => {
    await until("an export to succeed", 240_000, async () => (await query(success)).length > 0, 2000);
    await suspend(schedule, true);
  },
  mend: () => suspend(schedule, false),
});

/** All that can go wrong with exports, one after the other. */
export const exportsFail: Step = async (fired) => {
  try {
    await inTurn(never, noMore)(fired);
  } finally {
    await kubectl("delete", "jobs", "-n", objectBackupNamespace, "--all", "--wait=false");
  }
};
