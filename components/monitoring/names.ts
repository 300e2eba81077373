/** What the parts of the monitoring know each other by: no Pulumi here. */

/** Where Prometheus, Alertmanager and kube-state-metrics run. */
export const monitoringNamespace = "monitoring";

/** Where the node-exporters run: in a namespace of their own, since they see files of their nodes. */
export const nodeExporterNamespace = "node-exporter";

/** Where blackbox-exporter runs: in a namespace of its own, which comes after everything that it asks. */
export const blackboxNamespace = "blackbox";

/** Each program with the port that it listens on. */
export const monitoringPorts = {
  prometheus: 9090,
  alertmanager: 9093,
  kubeStateMetrics: 8080,
  nodeExporter: 9100,
  grafana: 3000,
  blackbox: 9115,
} as const;

/** Where Alertmanagers tell each other what they have sent. */
export const clusterPort = 9094;

const named = (name: string) => ({ "app.kubernetes.io/name": name });

/** What tells the pods of each program from all others. */
export const monitoringLabels = {
  prometheus: named("prometheus"),
  alertmanager: named("alertmanager"),
  kubeStateMetrics: named("kube-state-metrics"),
  nodeExporter: named("node-exporter"),
  grafana: named("grafana"),
  blackbox: named("blackbox-exporter"),
} as const;

/** How edges write Prometheus. */
export const prometheusRef = `${monitoringNamespace}/prometheus`;

/** How edges write Alertmanager. */
export const alertmanagerRef = `${monitoringNamespace}/alertmanager`;
