/** What the logging adds to the connectivity graph, and whose lines are kept apart: no Pulumi here. */
import { lookups } from "../cluster/half.ts";
import type { Edge, Half, NamespaceRules } from "../connectivity-graph.ts";
import { alertmanagerRef } from "../monitoring/names.ts";
import { namespacesOf, type Tenants } from "../tenant-schema.ts";
import {
  collectorNamespace,
  eventCollectorRef,
  loggingLabels,
  loggingNamespace,
  loggingPorts,
  type LogOwner,
  lokiRef,
  nodeCollectorRef,
  platformOwner,
} from "./names.ts";

/** Whose lines are kept apart: the platform's, and each tenant's. */
export function logOwners(tenants: Tenants): LogOwner[] {
  const all = namespacesOf(tenants);
  const of = (tenant: string) => all.flatMap((one) => (one.tenant === tenant ? [one.namespace] : []));
  return [
    { name: platformOwner, namespaces: [] },
    ...Object.keys(tenants).map((name) => ({ name, namespaces: of(name) })),
  ].filter(({ name, namespaces }) => name === platformOwner || namespaces.length > 0);
}

/**
 * What the logging adds to the connectivity graph.
 *
 * @param notifies whether there is an Alertmanager that Loki tells
 */
export function loggingHalf(notifies: boolean, { closed }: NamespaceRules): Half {
  const { loki, nodes, events } = loggingLabels;
  const metrics = { metrics: { port: loggingPorts.figures } };
  return {
    of: "logging",
    namespaces: { [loggingNamespace]: { closed }, [collectorNamespace]: { closed } },
    workloads: [
      { namespace: loggingNamespace, name: "loki", labels: loki, ports: { http: { port: loggingPorts.loki } } },
      { namespace: loggingNamespace, name: "event-collector", labels: events, ports: metrics },
      { namespace: collectorNamespace, name: "log-collector", labels: nodes, ports: metrics },
    ],
    edges: [
      ...collects(nodeCollectorRef, "what containers say is kept", "pods are known by their labels"),
      ...collects(eventCollectorRef, "events are kept", "events are watched"),
      { from: "api-server", to: lokiRef, port: "http", why: "people search through the API server" },
      ...(notifies
        ? [
            { from: lokiRef, to: alertmanagerRef, port: "web", why: "people are told of events and lines" },
            ...lookups(lokiRef, "Alertmanager is resolved"),
          ]
        : []),
    ],
  };
}

const collects = (from: string, keeps: string, watches: string): Edge[] => [
  { from, to: lokiRef, port: "http", why: keeps },
  { from, to: "api-server", port: "https", why: watches },
  ...lookups(from, "Loki is resolved"),
];
