/** What is known of the snapshots of etcd and of their drills. */
import { drillMaxAge } from "../../../backup/verdict.ts";
import type { Insight } from "../insight.ts";

/** From how many seconds on a snapshot is slow: a fifth of what its Job has. */
const slow = 120;

/** The node that has taken the newest one. */
const newest =
  "quintet_etcd_backup_last_success_timestamp_seconds == on () group_left () max(quintet_etcd_backup_last_success_timestamp_seconds)";

/** The snapshots of etcd, as the program that takes them leaves it on its node; node-exporter brings it along. */
export function backups(secondsBetween: number, s3: boolean): Insight {
  const patience = 2 * secondsBetween + 600; // a snapshot that was due was missed, and the next one, too
  const absentMinutes = Math.ceil(patience / 60);
  const at = `${String(Math.ceil((patience + 60) / 60))}m`; // a minute too late
  return {
    of: "etcd-backup",
    panels: [
      {
        title: "Age of the newest snapshot",
        unit: "dtdurations",
        shows: "number",
        queries: [{ expr: "time() - max(quintet_etcd_backup_last_success_timestamp_seconds)", legend: "age" }],
      },
      {
        title: "Size",
        unit: "bytes",
        queries: [
          { expr: "quintet_etcd_backup_database_bytes", legend: "{{node}} database" },
          { expr: "quintet_etcd_backup_bundle_bytes", legend: "{{node}} encrypted" },
        ],
      },
      {
        title: "How long one takes",
        unit: "s",
        queries: [
          { expr: "quintet_etcd_backup_duration_seconds", legend: "{{node}} snapshot" },
          { expr: "quintet_etcd_backup_upload_duration_seconds", legend: "{{node}} upload" },
        ],
      },
      {
        title: "Last drill",
        unit: "short",
        shows: "number",
        queries: [{ expr: "max(quintet_etcd_drill_ok)", legend: "1 is green" }],
      },
    ],
    scrapes: [],
    alerts: [
      {
        name: "BackupStale",
        expr: `time() - max(quintet_etcd_backup_last_success_timestamp_seconds) > ${String(patience)}`,
        severity: "critical",
        summary: "The newest snapshot of etcd is {{ $value | humanizeDuration }} old.",
        meaning: "A restore loses everything that has changed since. Two that were due have not been taken.",
        runbook: [
          "`kubectl -n etcd-backup get cronjob,jobs,pods`, and `kubectl -n etcd-backup logs job/<newest>`.",
          "Take one by hand: `kubectl -n etcd-backup create job --from=cronjob/etcd-backup by-hand`.",
        ],
        fired: { by: "the schedule of snapshots is suspended" },
        cases: [
          {
            when: "it is older than two that were due",
            series: { 'quintet_etcd_backup_last_success_timestamp_seconds{node="n1"}': "0x200" },
            at,
            fires: [{}],
          },
          {
            when: "another node has taken one since",
            series: {
              'quintet_etcd_backup_last_success_timestamp_seconds{node="n1"}': "0x200",
              'quintet_etcd_backup_last_success_timestamp_seconds{node="n2"}': `${String(2 * secondsBetween)}x200`,
            },
            at,
            fires: [],
          },
        ],
      },
      {
        name: "BackupAbsent",
        expr: "absent(quintet_etcd_backup_last_success_timestamp_seconds)",
        for: `${String(absentMinutes)}m`, // on a cluster that is new, too, nothing is wrong until one was due
        severity: "critical",
        summary: "No node knows of any snapshot of etcd.",
        meaning: "There is nothing to restore from, or nobody can tell.",
        runbook: [
          "`kubectl -n etcd-backup get cronjob,jobs,pods`; is the CronJob suspended?",
          "Does node-exporter run on the control-plane nodes? `kubectl -n node-exporter get pods -o wide`.",
        ],
        fired: { by: "the nodes' figures of their snapshots are gone" },
        cases: [
          {
            when: "there is none",
            series: { 'up{job="node-exporter"}': "1x300" },
            at: `${String(2 * absentMinutes)}m`,
            fires: [{}],
          },
          {
            when: "there is one",
            series: { 'quintet_etcd_backup_last_success_timestamp_seconds{node="n1"}': "0x300" },
            at: `${String(2 * absentMinutes)}m`,
            fires: [],
          },
        ],
      },
      {
        name: "BackupFailed",
        expr: "quintet_etcd_backup_last_exit_code != 0 and on (node) quintet_etcd_backup_last_attempt_timestamp_seconds == on () group_left () max(quintet_etcd_backup_last_attempt_timestamp_seconds)",
        for: "1m",
        severity: "warning",
        summary: "The last try to save etcd, on {{ $labels.node }}, has ended with {{ $value }}.",
        meaning:
          "17 is a full disk, 18 a snapshot that is kept on its node and not in S3; docs/operations.md has the others.",
        runbook: ["`kubectl -n etcd-backup logs job/<newest>` is one sentence with what is to be done."],
        fired: { by: "the S3 service of the snapshots is stopped" },
        cases: [
          {
            when: "the newest try has failed",
            series: {
              'quintet_etcd_backup_last_exit_code{node="n1"}': "18x10",
              'quintet_etcd_backup_last_attempt_timestamp_seconds{node="n1"}': "200x10",
              'quintet_etcd_backup_last_exit_code{node="n2"}': "0x10",
              'quintet_etcd_backup_last_attempt_timestamp_seconds{node="n2"}': "100x10",
            },
            at: "5m",
            fires: [{ node: "n1" }],
          },
          {
            when: "one before it has failed",
            series: {
              'quintet_etcd_backup_last_exit_code{node="n1"}': "18x10",
              'quintet_etcd_backup_last_attempt_timestamp_seconds{node="n1"}': "100x10",
              'quintet_etcd_backup_last_exit_code{node="n2"}': "0x10",
              'quintet_etcd_backup_last_attempt_timestamp_seconds{node="n2"}': "200x10",
            },
            at: "5m",
            fires: [],
          },
        ],
      },
      {
        name: "BackupSlow",
        expr: `quintet_etcd_backup_duration_seconds > ${String(slow)}`,
        severity: "warning",
        summary: "The newest snapshot of etcd on {{ $labels.node }} took {{ $value | humanizeDuration }}.",
        meaning:
          "A gigabyte takes seconds. A Job that needs more than ten minutes, its upload among them, is ended, and there is no snapshot then.",
        runbook: [
          "`kubectl -n etcd-backup logs job/<newest>` has the seconds of each step.",
          "Does the disk of the node keep up (EtcdSlowFsync), and is somebody else busy there? `kubectl top node <node>`.",
        ],
        fired: { not: "the disk of a node here is that of the whole machine" },
        cases: [
          {
            when: "it takes minutes",
            series: { 'quintet_etcd_backup_duration_seconds{node="n1"}': "150x5" },
            at: "2m",
            fires: [{ node: "n1" }],
          },
          {
            when: "it takes a while",
            series: { 'quintet_etcd_backup_duration_seconds{node="n1"}': "40x5" },
            at: "2m",
            fires: [],
          },
        ],
      },
      {
        name: "BackupShrunk",
        // The newest of all nodes, since each keeps what its own last one had.
        expr: `max(quintet_etcd_backup_keys and on (node) ${newest}) < 0.5 * max(max_over_time(quintet_etcd_backup_keys[1d]))`,
        severity: "warning",
        summary: "The newest snapshot of etcd has {{ $value | humanize }} keys, less than half of a day ago.",
        meaning:
          "Somebody has deleted much, or etcd has lost it. The snapshots from before go in time, as the retention says.",
        runbook: [
          "`npm run drill` tells what was deleted from what has vanished.",
          "Was it not meant? Keep a snapshot from before: `etcd-backup fetch --name NAME`, and `npm run restore -- --namespace NAME`.",
        ],
        fired: { not: "it takes half of the cluster's objects" },
        cases: [
          {
            when: "half of the keys are gone",
            series: {
              'quintet_etcd_backup_keys{node="n1"}': "1000x20",
              'quintet_etcd_backup_last_success_timestamp_seconds{node="n1"}': "100x20",
              'quintet_etcd_backup_keys{node="n2"}': "990x10 400x10",
              'quintet_etcd_backup_last_success_timestamp_seconds{node="n2"}': "50x10 900x10",
            },
            at: "18m",
            fires: [{}],
          },
          {
            when: "the node that had few was not the last",
            series: {
              'quintet_etcd_backup_keys{node="n1"}': "1000x20",
              'quintet_etcd_backup_last_success_timestamp_seconds{node="n1"}': "900x20",
              'quintet_etcd_backup_keys{node="n2"}': "400x20",
              'quintet_etcd_backup_last_success_timestamp_seconds{node="n2"}': "100x20",
            },
            at: "18m",
            fires: [],
          },
        ],
      },
      {
        name: "DrillFailed",
        expr: "max(quintet_etcd_drill_ok) == 0",
        severity: "critical",
        summary: "The last drill was red: the snapshots of etcd do not bring this cluster back.",
        meaning: "A restore would fail or lose objects. Upgrades and restores are refused until a drill is green.",
        runbook: [
          "`npm run drill` says by name what is wrong: a byte, a key, another cluster, an object that is missing.",
          "Take a new snapshot, `kubectl -n etcd-backup create job --from=cronjob/etcd-backup by-hand`, and drill that one.",
        ],
        fired: { by: "the newest snapshot is damaged" },
        cases: [
          { when: "it was red", series: { 'quintet_etcd_drill_ok{node="n1"}': "0x5" }, at: "2m", fires: [{}] },
          { when: "it was green", series: { 'quintet_etcd_drill_ok{node="n1"}': "1x5" }, at: "2m", fires: [] },
        ],
      },
      {
        name: "DrillStale",
        expr: `time() - max(quintet_etcd_drill_last_run_timestamp_seconds) > ${String(drillMaxAge / 1000)}`,
        severity: "warning",
        summary: "The last drill was {{ $value | humanizeDuration }} ago.",
        meaning: "Nobody knows whether the snapshots since then bring the cluster back.",
        runbook: ["`npm run drill`, where the private key is; daily, by a timer of that machine."],
        fired: { not: "it takes a day" },
        cases: [
          {
            when: "it was nine days ago",
            series: { 'quintet_etcd_drill_last_run_timestamp_seconds{node="n1"}': `-${String(9 * 86_400)}x5` },
            at: "2m",
            fires: [{}],
          },
          {
            when: "it was a minute ago",
            series: { 'quintet_etcd_drill_last_run_timestamp_seconds{node="n1"}': "0x5" },
            at: "2m",
            fires: [],
          },
        ],
      },
      ...(s3
        ? [
            {
              name: "BackupNotAway",
              expr: `time() - max(quintet_etcd_backup_last_upload_timestamp_seconds) > ${String(patience)}`,
              severity: "critical" as const,
              summary: "The newest snapshot in S3 is {{ $value | humanizeDuration }} old.",
              meaning: "Newer ones lie on the nodes alone, and are lost with them.",
              runbook: [
                "`kubectl -n etcd-backup logs job/<newest>`: is the login denied or expired, or is S3 not reached?",
                "A new login: `npm run secret -- backupCredentials`, then `npm run up`. The next Job brings away what is missing.",
              ],
              fired: { by: "the schedule of snapshots is suspended" },
              cases: [
                {
                  when: "two that were due are not there",
                  series: { 'quintet_etcd_backup_last_upload_timestamp_seconds{node="n1"}': "0x200" },
                  at,
                  fires: [{}],
                },
                {
                  when: "the last one is",
                  series: {
                    'quintet_etcd_backup_last_upload_timestamp_seconds{node="n1"}': `${String(2 * secondsBetween)}x200`,
                  },
                  at,
                  fires: [],
                },
              ],
            },
          ]
        : []),
    ],
  };
}
