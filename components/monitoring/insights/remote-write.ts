/** When what is measured does not get where it is brought. */
import { grown } from "../grown.ts";
import type { Alert } from "../insight.ts";

const lag = [
  'max by (pod) (max_over_time(prometheus_remote_storage_queue_highest_timestamp_seconds{job="prometheus"}[5m]))',
  'max by (pod) (max_over_time(prometheus_remote_storage_queue_highest_sent_timestamp_seconds{job="prometheus"}[5m]))',
].join(" - ");

const runbook = [
  "`kubectl -n monitoring logs statefulset/prometheus` has what the far end answers: nobody there, 401 for the secret, 400 for samples that it does not take.",
];

/** The alerts on remote write. */
export const remoteWriteAlerts: readonly Alert[] = [
  {
    name: "RemoteWriteBehind",
    expr: `${lag} > 120`,
    for: "5m",
    severity: "warning",
    summary: "What {{ $labels.pod }} measures is {{ $value | humanizeDuration }} late where it is brought.",
    meaning:
      "Whoever looks there sees the past. Prometheus keeps two hours for it; after that there is a hole that nobody fills.",
    runbook: [
      ...runbook,
      "It answers, and is slow? Raise `quintet:monitoring.remoteWrite.queue.maxShards`, or bring less (`keep`).",
    ],
    fired: { by: "who it is brought to goes away" },
    cases: [
      {
        when: "the far end takes nothing",
        series: {
          'prometheus_remote_storage_queue_highest_timestamp_seconds{job="prometheus",pod="a"}': "0+60x30",
          'prometheus_remote_storage_queue_highest_sent_timestamp_seconds{job="prometheus",pod="a"}': "0x30",
        },
        at: "15m",
        fires: [{ pod: "a" }],
      },
      {
        when: "it takes what there is",
        series: {
          'prometheus_remote_storage_queue_highest_timestamp_seconds{job="prometheus",pod="a"}': "60+60x30",
          'prometheus_remote_storage_queue_highest_sent_timestamp_seconds{job="prometheus",pod="a"}': "0+60x30",
        },
        at: "15m",
        fires: [],
      },
    ],
  },
  {
    name: "RemoteWriteLoses",
    expr: `sum by (pod) (${grown('prometheus_remote_storage_samples_failed_total{job="prometheus"}', 5)}) > 0`,
    for: "5m",
    severity: "warning",
    summary: "Some of what {{ $labels.pod }} measures is refused where it is brought.",
    meaning: "It is not tried again: there are holes at the far end, though not here.",
    runbook,
    fired: { by: "who it is brought to answers 400" },
    cases: [
      {
        when: "samples are refused again and again",
        series: { 'prometheus_remote_storage_samples_failed_total{job="prometheus",pod="a"}': "0+9x30" },
        at: "15m",
        fires: [{ pod: "a" }],
      },
      {
        when: "some were refused once",
        series: { 'prometheus_remote_storage_samples_failed_total{job="prometheus",pod="a"}': "9x30" },
        at: "15m",
        fires: [],
      },
    ],
  },
];
