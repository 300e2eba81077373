/** Where Grafana looks, and how one leads to the other, as data. No Pulumi here. */
import { loggingNamespace, loggingPorts } from "../logging/names.ts";
import { jaegerPorts, tracingNamespace } from "../tracing/names.ts";
import { source } from "./dashboards.ts";
import { monitoringNamespace, monitoringPorts } from "./names.ts";

/** What there is to look at beside figures. */
export interface Seen {
  /** Whose lines and events there are; its people see all of them. @default none are kept */
  readonly logs?: readonly string[] | undefined;
  /** Whether requests are followed. */
  readonly traces: boolean;
}

const uids = { loki: "loki", jaeger: "jaeger" } as const;

const common = { access: "proxy", editable: false } as const;

const url = (name: string, namespace: string, port: number) => `http://${name}.${namespace}.svc:${String(port)}`;

const loki = (owners: readonly string[], traces: boolean) => ({
  ...common,
  name: "Loki",
  uid: uids.loki,
  type: "loki",
  url: url("loki", loggingNamespace, loggingPorts.loki),
  jsonData: {
    httpHeaderName1: "X-Scope-OrgID",
    // What stands beside a line is a label to Grafana. A single dollar would be a variable of the file itself.
    derivedFields: traces
      ? [
          {
            name: "Trace",
            matcherType: "label",
            matcherRegex: "trace_id",
            datasourceUid: uids.jaeger,
            url: "$${__value.raw}",
            urlDisplayLabel: "the whole request",
          },
        ]
      : [],
  },
  secureJsonData: { httpHeaderValue1: owners.join("|") },
});

const jaeger = (logs: boolean) => ({
  ...common,
  name: "Jaeger",
  uid: uids.jaeger,
  type: "jaeger",
  url: url("jaeger", tracingNamespace, jaegerPorts.query),
  jsonData: {
    nodeGraph: { enabled: true },
    ...(logs
      ? {
          tracesToLogsV2: {
            datasourceUid: uids.loki,
            // A line is written after what it tells of; clocks differ a little.
            spanStartTimeShift: "-1m",
            spanEndTimeShift: "1m",
            customQuery: true,
            query: '{source="pods"} | trace_id="$${__trace.traceId}"',
          },
        }
      : {}),
  },
});

/** The file of data sources (grafana.com, provisioning). */
export const sourcesFile = ({ logs, traces }: Seen) => ({
  apiVersion: 1,
  datasources: [
    {
      ...common,
      name: "Prometheus",
      uid: source.uid,
      type: source.type,
      isDefault: true,
      url: url("prometheus", monitoringNamespace, monitoringPorts.prometheus),
    },
    ...(logs === undefined ? [] : [loki(logs, traces)]),
    ...(traces ? [jaeger(logs !== undefined)] : []),
  ],
});
