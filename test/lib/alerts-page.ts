/** docs/alerts.md, as it follows from the alerts. */
import { join } from "node:path";
import type { Insight, Told } from "../../components/monitoring/insight.ts";
import { objectBackups } from "../../components/monitoring/insights/object-backups.ts";
import { anchorOf } from "../../components/monitoring/prometheus-files.ts";
import { remoteWriteSchema } from "../../components/monitoring/remote-write-schema.ts";
import { platformInsights } from "../../components/platform-insights.ts";
import { tableOf } from "./markdown.ts";
import { root, stackConfig } from "./stacks.ts";

/** The page's file. */
export const alertsPageFile = join(root, "docs", "alerts.md");

/** What the parts of the dev stack say of themselves: it has every part but one that brings figures elsewhere. */
export function devInsights(): Insight[] {
  const { cluster, ...config } = stackConfig("dev");
  const remoteWrite = remoteWriteSchema.parse({ url: "https://metrics.example/api/v1/write" });
  const monitoring = config.monitoring.kind === "none" ? config.monitoring : { ...config.monitoring, remoteWrite };
  return platformInsights({ ...config, monitoring, facts: cluster.facts });
}

/** And what those parts say that no dev stack has beside them: objects are backed up where etcd is somebody else's. */
export const allInsights = (): Insight[] => [...devInsights(), objectBackups(900)];

const head = `# Alerts

<!-- Made of components/monitoring/insights by \`npm run golden\`. -->

Every alert with what it means and what to type, and how it is known to fire: each is a rule with unit tests of its own,
which promtool runs in \`npm run test:e2e\`, or Loki for those over events (it fires in the cases that are named, and stays
silent in the others). What a fault can cause on the embedded cluster is fired by that fault in \`npm run test:long\`, seen in
Alertmanager, and seen to clear; where none does, the table says why.

Ask Alertmanager and Prometheus on the command line, as anybody may who may reach Services through the API server:

\`\`\`sh
kubectl get --raw /api/v1/namespaces/monitoring/services/alertmanager:9093/proxy/api/v2/alerts
kubectl get --raw '/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query?query=up==0'
kubectl -n monitoring port-forward service/prometheus 9090
\`\`\`

On the embedded cluster, \`npm run cluster -- kubectl\` is that kubectl. Its five nodes share one machine, so the figures of
processors, memory and disks (\`node_*\`) are that machine's, five times over.
`;

/** How a stack adds alerts, and out of what: the series that each job keeps. */
function own(insights: readonly Insight[]): string {
  const jobs = insights.flatMap(({ scrapes }) => scrapes.map(({ job, keep }) => `- \`${job}\`: \`${keep}\``));
  return `## Alerts of your own

\`quintet:monitoring.rules\` has them by their names; each element of what \`expr\` gives is an alert. Whoever is told is told of
them as of the platform's own, and \`npm run status\` shows them. An expression that Prometheus would not take, or that asks
for what is not kept, is refused before anything is changed. Alerts over log lines and events are \`quintet:logging.notify.rules\`.

\`\`\`yaml
quintet:monitoring:
  kind: prometheus
  rules:
    ShopPodsWait:
      expr: sum by (pod) (kube_pod_status_ready{namespace="shop-web",condition="false"}) > 0
      for: 10m # 5m, unless said
      severity: critical # warning, unless said
      summary: The pod {{ $labels.pod }} waits.
      description: Customers wait with it.
      runbook: https://wiki.example/shop/waiting
\`\`\`

What there is to ask for, by the \`job\` that it is labelled with:

${jobs.join("\n")}`;
}

/** The whole page. */
export function alertsPage(insights: readonly Insight[]): string {
  const all = insights.flatMap(({ of, alerts, logAlerts = [] }) => [
    ...alerts.map((alert) => ({ of, alert, language: "promql" })),
    ...logAlerts.map((alert) => ({ of, alert, language: "logql" })),
  ]);
  const table = tableOf([
    ["alert", "of", "severity", "unit tests", "fired by a fault"],
    ...all.map(({ of, alert }) => [
      `[${alert.name}](#${anchorOf(alert)})`,
      of,
      alert.severity,
      String(alert.cases.length),
      "by" in alert.fired ? alert.fired.by : `– (${alert.fired.not})`,
    ]),
  ]);
  return `${[head.trimEnd(), table, own(insights), ...all.map(({ alert, language }) => sectionOf(alert, language))].join("\n\n")}\n`;
}

function sectionOf({ name, severity, summary, meaning, runbook, expr, for: held }: Told, language: string): string {
  return [
    `## ${name}`,
    `${severity}${held === undefined ? "" : `, after ${held}`}: ${summary}`,
    meaning,
    runbook.map((step, index) => `${String(index + 1)}. ${step}`).join("\n"),
    `\`\`\`${language}\n${expr}\n\`\`\``,
  ].join("\n\n");
}
