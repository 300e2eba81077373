/** What the monitoring says of itself. */
import { grown } from "../grown.ts";
import type { Insight } from "../insight.ts";
import { monitoringLabels, monitoringNamespace, monitoringPorts, prometheusRef } from "../names.ts";
import { remoteWriteAlerts } from "./remote-write.ts";

/**
 * The monitoring itself, which nobody else watches.
 *
 * @param remoteWrite whether what is measured is brought somewhere else, too
 */
export const monitoring = (remoteWrite: boolean): Insight => ({
  of: "monitoring",
  panels: [
    {
      title: "Targets that are down",
      unit: "short",
      shows: "number",
      queries: [{ expr: "count(up == 0) or vector(0)", legend: "targets" }],
    },
    {
      title: "Alerts",
      unit: "short",
      queries: [{ expr: 'sum by (alertname, severity) (ALERTS{alertstate="firing"})', legend: "{{alertname}}" }],
    },
    { title: "Series", unit: "short", queries: [{ expr: "prometheus_tsdb_head_series", legend: "{{pod}}" }] },
    {
      title: "Memory",
      unit: "bytes",
      queries: [{ expr: 'process_resident_memory_bytes{job=~"prometheus|alertmanager"}', legend: "{{pod}}" }],
    },
  ],
  scrapes: [
    {
      job: "prometheus",
      targets: {
        kind: "pods",
        namespace: monitoringNamespace,
        labels: monitoringLabels.prometheus,
        port: monitoringPorts.prometheus,
      },
      keep: "prometheus_(config_last_reload_successful|tsdb_head_series|tsdb_head_samples_appended_total|rule_evaluation_failures_total|notifications_(dropped|sent|errors)_total|target_scrape_pool_.*|remote_storage_(queue_highest(_sent)?_timestamp_seconds|samples_(failed|pending)_total|samples_pending|shards)|tsdb_storage_blocks_bytes)|process_(resident_memory_bytes|cpu_seconds_total)",
      edge: { to: prometheusRef, port: "web" },
    },
    {
      job: "alertmanager",
      targets: {
        kind: "pods",
        namespace: monitoringNamespace,
        labels: monitoringLabels.alertmanager,
        port: monitoringPorts.alertmanager,
      },
      keep: "alertmanager_(alerts|notifications(_failed)?_total|config_last_reload_successful|cluster_members)|process_resident_memory_bytes",
      edge: { to: `${monitoringNamespace}/alertmanager`, port: "web" },
    },
  ],
  alerts: [
    {
      name: "Watchdog",
      expr: "vector(1)",
      severity: "none",
      summary: "Always fires: whoever no longer gets it should look at Prometheus and Alertmanager.",
      meaning: "The sign of life of the whole way from a rule to the receiver.",
      runbook: ["It is missing? `kubectl -n monitoring get pods`, then the logs of both."],
      fired: { by: "none is needed: it always fires" },
      cases: [{ when: "always", series: { 'up{job="a"}': "1x5" }, at: "2m", fires: [{}] }],
    },
    {
      name: "TargetDown",
      expr: 'up{job!~"api-server|kubelet|etcd"} == 0',
      for: "5m",
      severity: "warning",
      summary: "{{ $labels.job }} on {{ $labels.instance }} cannot be scraped.",
      meaning: "It is down, or nobody would see if it were: alerts on its figures are silent.",
      runbook: [
        "`kubectl get --raw /api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/targets?state=active` says why, as `lastError`.",
        "Is its pod Ready? Does a NetworkPolicy let Prometheus in? Edges are in docs/connectivity.md.",
      ],
      fired: { by: "a pod does not listen where it is scraped" },
      cases: [
        {
          when: "one is down",
          series: { 'up{job="coredns",instance="a"}': "0x20" },
          at: "10m",
          fires: [{ job: "coredns", instance: "a" }],
        },
        { when: "all are up", series: { 'up{job="coredns",instance="a"}': "1x20" }, at: "10m", fires: [] },
      ],
    },
    {
      name: "RulesFail",
      expr: `${grown('prometheus_rule_evaluation_failures_total{job="prometheus"}', 5)} > 0`,
      for: "5m",
      severity: "warning",
      summary: "Prometheus cannot work out a rule.",
      meaning: "An alert of that rule would not fire.",
      runbook: [
        "`kubectl get --raw /api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/rules` has `lastError` at the rule.",
        "One of the group `own` is in `quintet:monitoring.rules`: what does it put together, and by which labels?",
      ],
      fired: { by: "a rule of a stack's own finds two pods for one" },
      cases: [
        {
          when: "failures go on",
          series: { 'prometheus_rule_evaluation_failures_total{job="prometheus",instance="a"}': "0+1x20" },
          at: "15m",
          fires: [{ job: "prometheus", instance: "a" }],
        },
        {
          when: "there were some once",
          series: { 'prometheus_rule_evaluation_failures_total{job="prometheus",instance="a"}': "3x20" },
          at: "15m",
          fires: [],
        },
      ],
    },
    {
      name: "NotificationsFail",
      expr: `${grown('alertmanager_notifications_failed_total{job="alertmanager"}', 5)} > 0`,
      for: "5m",
      severity: "critical",
      summary: "Alertmanager reaches nobody by {{ $labels.integration }}.",
      meaning: "Alerts fire, and nobody is told.",
      runbook: ["`kubectl -n monitoring logs -l app.kubernetes.io/name=alertmanager`: what did the receiver answer?"],
      fired: { by: "the webhook that people are told by is away" },
      cases: [
        {
          when: "failures go on",
          series: {
            'alertmanager_notifications_failed_total{job="alertmanager",instance="a",integration="webhook"}': "0+1x20",
          },
          at: "15m",
          fires: [{ job: "alertmanager", instance: "a", integration: "webhook" }],
        },
        {
          when: "there are none",
          series: {
            'alertmanager_notifications_failed_total{job="alertmanager",instance="a",integration="webhook"}': "0x20",
          },
          at: "15m",
          fires: [],
        },
      ],
    },
    ...(remoteWrite ? remoteWriteAlerts : []),
  ],
});
