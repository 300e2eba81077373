/** What is known of the exports of objects: a Job of theirs has succeeded once its export is whole and in S3. */
import { objectBackupName, objectBackupNamespace } from "../../object-backup-plan.ts";
import type { Insight } from "../insight.ts";

const own = `namespace="${objectBackupNamespace}"`;
const success = `kube_cronjob_status_last_successful_time{${own},cronjob="${objectBackupName}"}`;

const look = `\`kubectl -n ${objectBackupNamespace} get cronjob,jobs,pods\`, and \`kubectl -n ${objectBackupNamespace} logs job/<newest>\`, which is one sentence.`;

/** The exports of objects, as kube-state-metrics counts their Jobs: the pods themselves are gone before anybody could ask them. */
export const objectBackups = (secondsBetween: number): Insight => {
  const patience = 2 * secondsBetween + 600;
  const at = `${String(Math.ceil((patience + 60) / 60))}m`;
  return {
    of: "object-backup",
    panels: [
      {
        title: "Age of the newest export",
        unit: "dtdurations",
        shows: "number",
        queries: [{ expr: `time() - max(${success})`, legend: "age" }],
      },
      {
        title: "Jobs that have failed",
        unit: "short",
        queries: [{ expr: `sum(kube_job_status_failed{${own}})`, legend: "failed" }],
      },
    ],
    scrapes: [],
    alerts: [
      {
        name: "ObjectBackupStale",
        expr: `time() - max(${success}) > ${String(patience)}`,
        severity: "critical",
        summary: "The newest export of the cluster's objects is {{ $value | humanizeDuration }} old.",
        meaning: "What has changed since cannot be brought back. Two that were due are not in S3.",
        runbook: [
          look,
          `Take one by hand: \`kubectl -n ${objectBackupNamespace} create job --from=cronjob/${objectBackupName} by-hand\`.`,
        ],
        fired: { by: "the schedule of exports is suspended" },
        cases: [
          { when: "it is older than two that were due", series: { [success]: "0x200" }, at, fires: [{}] },
          { when: "one was taken since", series: { [success]: `${String(2 * secondsBetween)}x200` }, at, fires: [] },
        ],
      },
      {
        name: "ObjectBackupAbsent",
        expr: `absent(${success})`,
        for: `${String(Math.ceil(patience / 60))}m`,
        severity: "critical",
        summary: "No export of the cluster's objects has ever succeeded.",
        meaning: "There is nothing to bring back from, or nobody can tell.",
        runbook: [
          look,
          "Is the CronJob suspended, or the login for S3 missing? `npm run secret -- backupCredentials`.",
        ],
        fired: { by: "the S3 service is away from the first export on" },
        cases: [
          {
            when: "there is none",
            series: { 'up{job="kube-state-metrics"}': "1x300" },
            at: `${String(2 * Math.ceil(patience / 60))}m`,
            fires: [{ namespace: objectBackupNamespace, cronjob: objectBackupName }],
          },
          { when: "there is one", series: { [success]: "0x300" }, at, fires: [] },
        ],
      },
    ],
  };
};
