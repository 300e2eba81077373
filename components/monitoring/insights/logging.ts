/** What the logging says of itself: whether lines arrive, and what of them is lost. */
import {
  collectorNamespace,
  eventCollectorRef,
  loggingLabels,
  loggingNamespace,
  loggingPorts,
  lokiRef,
  nodeCollectorRef,
} from "../../logging/names.ts";
import { logAlertsWithout } from "../../logging/notify-rules.ts";
import type { NotifyConfig } from "../../logging/notify-schema.ts";
import { grown } from "../grown.ts";
import type { Insight, Scrape } from "../insight.ts";

const collector = (job: string, namespace: string, labels: Readonly<Record<string, string>>, to: string): Scrape => ({
  job,
  targets: { kind: "pods", namespace, labels, port: loggingPorts.figures },
  keep: "otelcol_(receiver_(accepted|refused)_log_records_total|exporter_(sent|send_failed)_log_records_total|exporter_queue_(size|capacity)|process_memory_rss_bytes)",
  edge: { to, port: "metrics" },
});

/** Loki and the collectors, and what of events people are told. */
export const logs = ({ without }: Pick<NotifyConfig, "without">): Insight => ({
  of: "logging",
  panels: [
    {
      title: "Lines by whose they are",
      unit: "ops",
      queries: [
        { expr: "sum by (exporter) (rate(otelcol_exporter_sent_log_records_total[5m]))", legend: "{{exporter}}" },
      ],
    },
    {
      title: "Kept",
      unit: "Bps",
      queries: [{ expr: "sum by (tenant) (rate(loki_distributor_bytes_received_total[5m]))", legend: "{{tenant}}" }],
    },
    {
      title: "Streams",
      unit: "short",
      queries: [{ expr: "sum by (tenant) (loki_ingester_memory_streams)", legend: "{{tenant}}" }],
    },
    {
      title: "Lost or refused",
      unit: "short",
      shows: "number",
      queries: [
        {
          expr: `sum(${grown("otelcol_exporter_send_failed_log_records_total", 60)}) or vector(0)`,
          legend: "not brought",
        },
        { expr: `sum(${grown("loki_discarded_samples_total", 60)}) or vector(0)`, legend: "refused" },
      ],
    },
    {
      title: "Memory",
      unit: "bytes",
      queries: [
        { expr: 'process_resident_memory_bytes{job="loki"}', legend: "{{pod}}" },
        { expr: "otelcol_process_memory_rss_bytes", legend: "{{pod}}" },
      ],
    },
  ],
  scrapes: [
    {
      job: "loki",
      targets: { kind: "pods", namespace: loggingNamespace, labels: loggingLabels.loki, port: loggingPorts.loki },
      keep: "loki_(prometheus_(rule_evaluation_failures|notifications_dropped)_total|distributor_(bytes|lines)_received_total|ingester_memory_streams|discarded_samples_total|compactor_apply_retention_last_successful_run_timestamp_seconds)|process_(resident_memory_bytes|cpu_seconds_total)",
      edge: { to: lokiRef, port: "http" },
    },
    collector("log-collector", collectorNamespace, loggingLabels.nodes, nodeCollectorRef),
    collector("event-collector", loggingNamespace, loggingLabels.events, eventCollectorRef),
  ],
  alerts: [
    {
      name: "LokiDown",
      expr: 'sum(up{job="loki"}) == 0 or absent(up{job="loki"})',
      for: "5m",
      severity: "warning",
      summary: "Loki does not answer.",
      meaning:
        "No line and no event can be searched. Collectors keep trying for a quarter of an hour; then lines are lost.",
      runbook: [
        "`kubectl -n logging get pods`, `describe` and `logs statefulset/loki`: is it out of memory (`quintet:logging.resources`) or of room (`size`)?",
        "`kubectl logs` on the pods themselves has their lines meanwhile.",
      ],
      fired: { by: "Loki is scaled to zero" },
      cases: [
        { when: "it does not answer", series: { 'up{job="loki",pod="a"}': "0x10" }, at: "8m", fires: [{}] },
        { when: "it answers", series: { 'up{job="loki",pod="a"}': "1x10" }, at: "8m", fires: [] },
      ],
    },
    {
      name: "LogsNotBrought",
      expr: `sum by (job, exporter) (${grown("otelcol_exporter_send_failed_log_records_total", 10)}) > 0`,
      for: "5m",
      severity: "warning",
      summary: "{{ $labels.job }} has lost lines on their way to Loki by {{ $labels.exporter }}.",
      meaning: "Those lines are on their nodes alone, until their files are rotated away.",
      runbook: [
        "`kubectl -n log-collector logs daemonset/log-collector` says what Loki answered.",
        "429 is more than `quintet:logging.rateMiB`: which pod says so much? The panel of lines has it by owner.",
      ],
      fired: { by: "a container says a line that is longer than Loki takes" },
      cases: [
        {
          when: "requests to Loki fail for good",
          series: {
            'otelcol_exporter_send_failed_log_records_total{job="log-collector",exporter="otlp_http/shop",pod="a"}':
              "0+5x30",
          },
          at: "20m",
          fires: [{ job: "log-collector", exporter: "otlp_http/shop" }],
        },
        {
          when: "all of them arrive",
          series: {
            'otelcol_exporter_send_failed_log_records_total{job="log-collector",exporter="otlp_http/shop",pod="a"}':
              "0x30",
          },
          at: "20m",
          fires: [],
        },
      ],
    },
    {
      name: "LogsRefused",
      expr: `sum by (tenant, reason) (${grown('loki_discarded_samples_total{job="loki"}', 10)}) > 0`,
      for: "5m",
      severity: "warning",
      summary: "Loki refuses lines of {{ $labels.tenant }}: {{ $labels.reason }}.",
      meaning: "Those lines cannot be searched. The limits of one owner do not touch the others.",
      runbook: [
        "rate_limited: more than `quintet:logging.rateMiB` in a second; find the pod that says so much before you raise it.",
        "greater_than_max_sample_age: a node brought lines of last week, as after a long stop; nothing is to be done.",
      ],
      fired: { by: "a line is longer than Loki takes" },
      cases: [
        {
          when: "one owner says too much",
          series: { 'loki_discarded_samples_total{job="loki",tenant="shop",reason="rate_limited"}': "0+9x30" },
          at: "20m",
          fires: [{ tenant: "shop", reason: "rate_limited" }],
        },
        {
          when: "the first ones ever are refused, all at once",
          series: {
            'up{job="loki"}': "1x30",
            'loki_discarded_samples_total{job="loki",tenant="shop",reason="rate_limited"}': "_x10 9x20",
          },
          at: "18m",
          fires: [{ tenant: "shop", reason: "rate_limited" }],
        },
        {
          when: "some were refused once",
          series: { 'loki_discarded_samples_total{job="loki",tenant="shop",reason="rate_limited"}': "9x30" },
          at: "20m",
          fires: [],
        },
      ],
    },
    {
      name: "LogRulesFail",
      expr: ["loki_prometheus_rule_evaluation_failures_total", "loki_prometheus_notifications_dropped_total"]
        .map((name) => `sum(${grown(`${name}{job="loki"}`, 10)}) > 0`)
        .join(" or "),
      for: "15m",
      severity: "warning",
      summary: "Loki cannot work out its rules, or tell Alertmanager.",
      meaning: "Nobody is told of what they are for: images that do not come, pods that are evicted.",
      runbook: [
        "`kubectl -n logging logs statefulset/loki` says which of both, and why.",
        "An expression of your own (`quintet:logging.notify.rules`) may ask for more than Loki can read in time: name a namespace.",
      ],
      fired: { by: "a NetworkPolicy keeps Loki from Alertmanager" },
      cases: [
        {
          when: "a rule fails each time",
          series: {
            'loki_prometheus_rule_evaluation_failures_total{job="loki",user="platform"}': "0+1x40",
            'loki_prometheus_notifications_dropped_total{job="loki",user="platform"}': "0x40",
          },
          at: "30m",
          fires: [{}],
        },
        {
          when: "no rule has ever failed, and Alertmanager is away",
          series: { 'loki_prometheus_notifications_dropped_total{job="loki",user="platform"}': "0+1x40" },
          at: "30m",
          fires: [{}],
        },
        {
          when: "Alertmanager was away for a minute",
          series: {
            'loki_prometheus_rule_evaluation_failures_total{job="loki",user="platform"}': "0x40",
            'loki_prometheus_notifications_dropped_total{job="loki",user="platform"}': "0 0 0 4x37",
          },
          at: "16m",
          fires: [],
        },
      ],
    },
  ],
  logAlerts: logAlertsWithout(without),
});
