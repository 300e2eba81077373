/** The files of OpenTelemetry's collectors, as data: what they read, what they make of it, and whose it is. No Pulumi here. */
import { loggingNamespace, loggingPorts, collectorNamespace, type LogOwner, platformOwner } from "./names.ts";
import { operators } from "./line-operators.ts";

/** Where each node keeps what its containers say, by the kubelet. */
export const podLogs = "/var/log/pods";

/** Where a collector remembers how far it has read. */
export const memory = "/var/lib/otelcol";

const lokiUrl = `http://loki.${loggingNamespace}.svc:${String(loggingPorts.loki)}/otlp`;

/** The lines of one namespace's containers. */
const linesOf = (namespace: string) => `${podLogs}/${namespace}_*/*/*.log`;

const extensions = {
  health_check: { endpoint: `0.0.0.0:${String(loggingPorts.health)}` },
  file_storage: { directory: memory },
};

/** What every collector says of itself. */
const telemetry = {
  logs: { level: "warn", encoding: "json" },
  metrics: {
    level: "normal",
    readers: [{ pull: { exporter: { prometheus: { host: "0.0.0.0", port: loggingPorts.figures } } } }],
  },
};

/** What keeps a collector within its memory, and Loki from a request for each line. */
const bounds = (limitMiB: number) => ({
  memory_limiter: { check_interval: "1s", limit_mib: Math.floor(0.8 * limitMiB), spike_limit_mib: 24 },
  batch: { timeout: "1s", send_batch_size: 1024 },
});

/** Each owner's way to Loki, under its own name; what cannot be sent is tried again for as long as a restart may take. */
const exporters = (owners: readonly LogOwner[]) =>
  Object.fromEntries(
    owners.map(({ name }) => [
      `otlp_http/${name}`,
      {
        endpoint: lokiUrl,
        headers: { "X-Scope-OrgID": name },
        retry_on_failure: { max_elapsed_time: "15m" },
        sending_queue: { queue_size: 200 },
      },
    ]),
  );

const othersOf = (owners: readonly LogOwner[]) =>
  owners.filter(({ name }) => name !== platformOwner).flatMap(({ namespaces }) => namespaces);

/** What a collector of a node does: it reads what the containers there say, each owner's by itself. */
export function nodeCollectorConfig(owners: readonly LogOwner[], limitMiB: number) {
  const receivers = owners.map(({ name, namespaces }) => [
    `file_log/${name}`,
    {
      ...(name === platformOwner
        ? {
            include: [`${podLogs}/*/*/*.log`],
            // What a collector says of itself would make it say more.
            exclude: [...othersOf(owners), collectorNamespace].map(linesOf),
          }
        : { include: namespaces.map(linesOf) }),
      include_file_path: true,
      include_file_name: false,
      start_at: "beginning",
      poll_interval: "1s",
      storage: "file_storage",
      retry_on_failure: { enabled: true },
      resource: { source: "pods", node: "${env:NODE_NAME}" },
      operators,
    },
  ]);
  const label = (key: string) => ({ tag_name: "app", key, from: "pod" });
  const processors = {
    ...bounds(limitMiB),
    k8s_attributes: {
      auth_type: "serviceAccount",
      filter: { node_from_env_var: "NODE_NAME" },
      pod_association: [{ sources: [{ from: "resource_attribute", name: "k8s.pod.uid" }] }],
      extract: { metadata: ["k8s.node.name"], labels: [label("app.kubernetes.io/name"), label("k8s-app")] },
    },
  };
  return {
    extensions,
    receivers: Object.fromEntries(receivers) as Record<string, object>,
    processors,
    exporters: exporters(owners),
    service: {
      extensions: Object.keys(extensions),
      telemetry,
      pipelines: Object.fromEntries(
        owners.map(({ name }) => [
          `logs/${name}`,
          {
            receivers: [`file_log/${name}`],
            processors: ["memory_limiter", "k8s_attributes", "batch"],
            exporters: [`otlp_http/${name}`],
          },
        ]),
      ),
    },
  };
}

/** What the collector of events does: it watches those of each owner's namespaces; a cluster's own are the platform's. */
export function eventCollectorConfig(owners: readonly LogOwner[], limitMiB: number) {
  const own = { health_check: extensions.health_check }; // it reads no files
  const others = othersOf(owners);
  const drop = others.map((namespace) => `attributes["k8s.namespace.name"] == "${namespace}"`);
  const beside = (key: string, from: string) => ({ key, from_attribute: from, action: "insert" });
  const processors = {
    ...bounds(limitMiB),
    ...(drop.length === 0 ? {} : { "filter/platform": { error_mode: "ignore", logs: { log_record: drop } } }),
    attributes: { actions: [beside("namespace", "k8s.namespace.name")] },
    groupbyattrs: { keys: ["namespace"] },
    resource: {
      attributes: [
        { key: "source", value: "events", action: "insert" },
        beside("node", "k8s.node.name"),
        beside("kind", "k8s.object.kind"),
        beside("name", "k8s.object.name"),
      ],
    },
  };
  return {
    extensions: own,
    receivers: Object.fromEntries(
      owners.map(({ name, namespaces }) => [
        `k8s_events/${name}`,
        { auth_type: "serviceAccount", ...(name === platformOwner ? {} : { namespaces: [...namespaces] }) },
      ]),
    ) as Record<string, object>,
    processors,
    exporters: exporters(owners),
    service: {
      extensions: Object.keys(own),
      telemetry,
      pipelines: Object.fromEntries(
        owners.map(({ name }) => [
          `logs/${name}`,
          {
            receivers: [`k8s_events/${name}`],
            processors: [
              "memory_limiter",
              ...(name === platformOwner && drop.length > 0 ? ["filter/platform"] : []),
              "attributes",
              "groupbyattrs",
              "resource",
              "batch",
            ],
            exporters: [`otlp_http/${name}`],
          },
        ]),
      ),
    },
  };
}
