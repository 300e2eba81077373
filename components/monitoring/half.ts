/** What the monitoring adds to the connectivity graph: Prometheus calls whatever it scrapes, and nobody else does. */
import type { ClusterFacts } from "../cluster/facts.ts";
import { lookups } from "../cluster/half.ts";
import type { Edge, Half, NamespaceRules } from "../connectivity-graph.ts";
import { lokiRef } from "../logging/names.ts";
import { urlPeer } from "../outside.ts";
import { jaegerRef } from "../tracing/names.ts";
import type { Insight } from "./insight.ts";
import { receiverPeer } from "./receiver-plan.ts";
import {
  alertmanagerRef,
  clusterPort,
  monitoringLabels,
  monitoringNamespace,
  monitoringPorts,
  nodeExporterNamespace,
  prometheusRef,
} from "./names.ts";
import type { PrometheusConfig } from "./schema.ts";

const grafanaRef = `${monitoringNamespace}/grafana`;
const stateRef = `${monitoringNamespace}/kube-state-metrics`;

/** The peer of the control plane's own ports, which only some clusters let anybody ask. */
export const controlPlanePeer = "control-plane";

/** The ports of it, by the names that edges use. */
export const controlPlanePorts = { "etcd-metrics": 2381, scheduler: 10259, controllers: 10257 } as const;

/**
 * What monitoring adds to the connectivity graph, scrapes of all insights included.
 *
 * @param seen what Grafana looks at beside figures
 */
export function monitoringHalf(
  {
    alertmanager,
    grafana,
    replicas,
    remoteWrite,
  }: Pick<PrometheusConfig, "alertmanager" | "grafana" | "replicas" | "remoteWrite">,
  insights: readonly Insight[],
  facts: Pick<ClusterFacts, "nodes" | "podCidr" | "serviceCidr">,
  { closed }: NamespaceRules,
  seen: { readonly logs: boolean; readonly traces: boolean },
): Half {
  const namespace = monitoringNamespace;
  const servers = facts.nodes.filter(({ role }) => role === "control-plane").map(({ address }) => `${address}/32`);
  const receiver = receiverPeer(alertmanager.receiver, facts);
  const remote = remoteWrite === undefined ? undefined : urlPeer(remoteWrite.url, "write", facts);
  const scraped = new Map(
    insights.flatMap(({ of, scrapes }) =>
      // A single one asks itself, and nothing stands between.
      scrapes
        .filter(({ edge }) => replicas > 1 || edge.to !== prometheusRef)
        .map(({ edge }): [string, Edge] => [
          `${edge.to} ${edge.port}`,
          { from: prometheusRef, ...edge, why: `the figures of ${of} are scraped` },
        ]),
    ),
  );
  const controlPlane = [...scraped.values()].some(({ to }) => to === controlPlanePeer);
  return {
    of: "monitoring",
    namespaces: { [namespace]: { closed }, [nodeExporterNamespace]: { closed } },
    workloads: [
      {
        namespace,
        name: "prometheus",
        labels: monitoringLabels.prometheus,
        ports: { web: { port: monitoringPorts.prometheus } },
      },
      {
        namespace,
        name: "alertmanager",
        labels: monitoringLabels.alertmanager,
        ports: {
          web: { port: monitoringPorts.alertmanager },
          "cluster-tcp": { port: clusterPort },
          "cluster-udp": { port: clusterPort, protocol: "UDP" },
        },
      },
      {
        namespace,
        name: "kube-state-metrics",
        labels: monitoringLabels.kubeStateMetrics,
        ports: { metrics: { port: monitoringPorts.kubeStateMetrics } },
      },
      ...(grafana.kind === "none"
        ? []
        : [
            {
              namespace,
              name: "grafana",
              labels: monitoringLabels.grafana,
              ports: { web: { port: monitoringPorts.grafana } },
            },
          ]),
      {
        namespace: nodeExporterNamespace,
        name: "node-exporter",
        labels: monitoringLabels.nodeExporter,
        ports: { metrics: { port: monitoringPorts.nodeExporter } },
      },
    ],
    peers: {
      ...(controlPlane
        ? {
            [controlPlanePeer]: {
              cidrs: servers,
              ports: Object.fromEntries(Object.entries(controlPlanePorts).map(([name, port]) => [name, { port }])),
              amongPods: true,
            },
          }
        : {}),
      ...(receiver === undefined ? {} : { "alert-receiver": receiver }),
      ...(remote === undefined ? {} : { "remote-write": remote }),
    },
    edges: [
      ...scraped.values(),
      ...(scraped.has("api-server https")
        ? []
        : [{ from: prometheusRef, to: "api-server", port: "https", why: "targets are found" }]),
      { from: stateRef, to: "api-server", port: "https", why: "objects are counted" },
      ...(grafana.kind === "none"
        ? []
        : [
            { from: grafanaRef, to: prometheusRef, port: "web", why: "dashboards ask for what is measured" },
            ...(seen.logs
              ? [{ from: grafanaRef, to: lokiRef, port: "http", why: "people search lines and events" }]
              : []),
            ...(seen.traces
              ? [{ from: grafanaRef, to: jaegerRef, port: "query", why: "people look at requests" }]
              : []),
            { from: "api-server", to: grafanaRef, port: "web", why: "people open it through the API server" },
            ...lookups(grafanaRef, "those it asks are resolved"),
          ]),
      { from: "api-server", to: prometheusRef, port: "web", why: "people ask it through the API server" },
      { from: "api-server", to: alertmanagerRef, port: "web", why: "people ask it through the API server" },
      ...(scraped.has(`${alertmanagerRef} web`)
        ? []
        : [{ from: prometheusRef, to: alertmanagerRef, port: "web", why: "alerts are handed over" }]),
      ...(alertmanager.replicas === 1
        ? []
        : [
            ...["cluster-tcp", "cluster-udp"].map((port) => ({
              from: alertmanagerRef,
              to: alertmanagerRef,
              port,
              why: "nobody is told twice",
            })),
            ...lookups(alertmanagerRef, "Alertmanagers find each other"),
          ]),
      ...(remote === undefined
        ? []
        : [
            { from: prometheusRef, to: "remote-write", port: "write", why: "what is measured is brought there" },
            ...lookups(prometheusRef, "where it is brought is resolved"),
          ]),
      ...(receiver === undefined
        ? []
        : [
            ...Object.keys(receiver.ports ?? {}).map((port) => ({
              from: alertmanagerRef,
              to: "alert-receiver",
              port,
              why: "somebody is told of alerts",
            })),
            ...(alertmanager.replicas === 1 ? lookups(alertmanagerRef, "the receiver of alerts is resolved") : []),
          ]),
    ],
  };
}
