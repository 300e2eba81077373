/** Prometheus' own files, as data: what it scrapes, what it works out, when it speaks, and whom it tells. No Pulumi here. */
import { ownAlertSays } from "../own-alerts.ts";
import type { Insight, Scrape, Severity, Told } from "./insight.ts";
import { monitoringLabels, monitoringNamespace, monitoringPorts } from "./names.ts";
import { remoteWriteEntry, replicaLabel, replicaVariable } from "./remote-write-plan.ts";
import type { RemoteWriteConfig } from "./remote-write-schema.ts";
import type { OwnRule } from "./rules-schema.ts";

/** Where a pod finds its token and the CA of the cluster. */
const account = "/var/run/secrets/kubernetes.io/serviceaccount";

/** What a job of prometheus.yml is made of, as far as it is written here. */
type Relabel = Readonly<Record<string, string | string[]>>;

/** What of prometheus.yml does not come from the insights. */
export interface PrometheusSettings {
  /** How often everything is scraped, like 30s. */
  readonly interval: string;
  /** What every series and alert carries beyond the cluster, as the environment. */
  readonly external: Readonly<Record<string, string>>;
  /** Where else it brings what it measures. @default nowhere */
  readonly remoteWrite?: RemoteWriteConfig | undefined;
}

/** prometheus.yml. */
export function prometheusConfig(
  insights: readonly Insight[],
  { interval, external, remoteWrite }: PrometheusSettings,
) {
  return {
    global: {
      scrape_interval: interval,
      scrape_timeout: timeoutFor(interval),
      evaluation_interval: interval,
      // At the far end, what two say must not be taken for one; Prometheus puts in the variable.
      external_labels: remoteWrite === undefined ? external : { ...external, [replicaLabel]: `\${${replicaVariable}}` },
    },
    rule_files: ["rules.json"],
    alerting: {
      // Both of two Prometheus must give the same alert the same labels, or it is two.
      alert_relabel_configs: [{ action: "labeldrop", regex: replicaLabel }],
      alertmanagers: [
        {
          kubernetes_sd_configs: podsOf(monitoringNamespace, monitoringLabels.alertmanager),
          relabel_configs: [...onePortOf(monitoringPorts.alertmanager)],
        },
      ],
    },
    ...(remoteWrite === undefined ? {} : { remote_write: [remoteWriteEntry(remoteWrite)] }),
    scrape_configs: insights.flatMap(({ scrapes }) => scrapes.map(jobOf)),
  };
}

/** As long as the interval, but no longer than what is healthy anyway. */
const timeoutFor = (interval: string) =>
  Number.parseInt(interval, 10) < 10 && interval.endsWith("s") ? interval : "10s";

function jobOf(scrape: Scrape) {
  const { job, path, params, tls, speaksOfOthers, keep, drop = {} } = scrape;
  return {
    job_name: job,
    ...(path === undefined ? {} : { metrics_path: path }),
    ...(speaksOfOthers === true ? { honor_labels: true } : {}),
    ...(params === undefined
      ? {}
      : { params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, [value]])) }),
    ...(tls === undefined
      ? {}
      : {
          scheme: "https",
          authorization: { credentials_file: `${account}/token` },
          tls_config: tls === "cluster-ca" ? { ca_file: `${account}/ca.crt` } : { insecure_skip_verify: true },
        }),
    ...discoveryOf(scrape),
    metric_relabel_configs: [
      { source_labels: ["__name__"], regex: keep, action: "keep" },
      ...Object.entries(drop).map(([labels, regex]) => ({ source_labels: labels.split(";"), regex, action: "drop" })),
      { regex: "container_id|id|uid|image_id|image_spec|endpoint_id|prober_.*", action: "labeldrop" },
    ],
  };
}

function discoveryOf({ job, targets, speaksOfOthers }: Scrape) {
  switch (targets.kind) {
    case "pods":
      return {
        kubernetes_sd_configs: podsOf(targets.namespace, targets.labels),
        relabel_configs: [
          // A pod that has ended answers nobody, and is nobody's fault.
          { source_labels: ["__meta_kubernetes_pod_phase"], regex: "Succeeded|Failed", action: "drop" },
          ...onePortOf(targets.port),
          ...(speaksOfOthers === true
            ? [{ target_label: "instance", replacement: job }]
            : [
                copied("__meta_kubernetes_namespace", "namespace"),
                copied("__meta_kubernetes_pod_name", "pod"),
                copied("__meta_kubernetes_pod_name", "instance"),
                copied("__meta_kubernetes_pod_node_name", "node"),
              ]),
        ],
      };
    case "nodes":
      return {
        kubernetes_sd_configs: [{ role: "node" }],
        relabel_configs: [
          ...(targets.controlPlane === true
            ? [
                {
                  source_labels: ["__meta_kubernetes_node_labelpresent_node_role_kubernetes_io_control_plane"],
                  regex: "true",
                  action: "keep",
                },
              ]
            : []),
          {
            source_labels: ["__meta_kubernetes_node_address_InternalIP"],
            regex: "(.+)",
            target_label: "__address__",
            replacement: `$1:${String(targets.port)}`,
          },
          copied("__meta_kubernetes_node_name", "node"),
          copied("__meta_kubernetes_node_name", "instance"),
        ],
      };
    case "api-servers":
      return {
        kubernetes_sd_configs: [{ role: "endpointslice", namespaces: { names: ["default"] } }],
        relabel_configs: [
          {
            source_labels: ["__meta_kubernetes_service_name", "__meta_kubernetes_endpointslice_port_name"],
            regex: "kubernetes;https",
            action: "keep",
          },
        ],
      };
  }
}

const copied = (from: string, to: string): Relabel => ({ source_labels: [from], target_label: to });

const podsOf = (namespace: string, labels: Readonly<Record<string, string>>) => {
  const label = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  return [
    {
      role: "pod",
      namespaces: { names: [namespace] },
      ...(label === "" ? {} : { selectors: [{ role: "pod", label }] }),
    },
  ];
};

/** A pod is found once for each port of each container; all become one, whose labels are the same. */
const onePortOf = (port: number): Relabel[] => [
  {
    source_labels: ["__meta_kubernetes_pod_ip"],
    regex: "(.+)",
    target_label: "__address__",
    replacement: `$1:${String(port)}`,
  },
];

/**
 * The rules, one group for each part, and one for those of the stack's own.
 *
 * @param runbooks what the names of alerts are put after, for their runbooks
 */
export function rulesFile(insights: readonly Insight[], runbooks: string, own: Readonly<Record<string, OwnRule>> = {}) {
  const rules = Object.entries(own).map(([alert, rule]) => ({
    alert,
    expr: rule.expr,
    for: rule.for,
    ...ownAlertSays(rule),
  }));
  return {
    groups: [...platformGroups(insights, runbooks), ...(rules.length === 0 ? [] : [{ name: "own", rules }])],
  };
}

const platformGroups = (insights: readonly Insight[], runbooks: string) =>
  insights
    .filter(({ alerts, recordings = [] }) => alerts.length + recordings.length > 0)
    .map(({ of, alerts, recordings = [] }) => ({
      name: of,
      rules: [
        ...recordings.map(({ name, expr, labels }) => ({
          record: name,
          expr,
          ...(labels === undefined ? {} : { labels }),
        })),
        ...alerts.map((alert) => ruleOf(alert, runbooks)),
      ],
    }));

/** An alert as a rule, as Prometheus and Loki both read it. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: Severity };
  readonly annotations: Readonly<Record<"summary" | "description" | "runbook_url", string>>;
}

/** The rule of an alert of the platform's own. */
export const ruleOf = (alert: Told, runbooks: string): AlertRule => ({
  alert: alert.name,
  expr: alert.expr,
  ...(alert.for === undefined ? {} : { for: alert.for }),
  labels: { severity: alert.severity },
  annotations: {
    summary: alert.summary,
    description: alert.meaning,
    runbook_url: `${runbooks}#${anchorOf(alert)}`,
  },
});

/** The place of an alert in the page of all alerts. */
export const anchorOf = ({ name }: Pick<Told, "name">): string => name.toLowerCase();

/** promtool's unit tests of the alerts of one part, over its rules without their annotations, which are in `file`. */
export function ruleTests({ alerts }: Insight, file: string) {
  return {
    rule_files: [file],
    evaluation_interval: "1m",
    tests: alerts.flatMap((alert) =>
      alert.cases.map(({ when, series, at, fires }) => ({
        name: `${alert.name}: ${when}`,
        interval: "1m",
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        alert_rule_test: [
          {
            eval_time: at,
            alertname: alert.name,
            exp_alerts: fires.map((labels) => ({ exp_labels: { severity: alert.severity, ...labels } })),
          },
        ],
      })),
    ),
  };
}
