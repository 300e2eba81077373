/** What the files of OpenTelemetry's collectors have in common, as data. No Pulumi here. */
import { loggingNamespace, loggingPorts, type LogOwner, platformOwner } from "./names.ts";

/** What one collector does; all of it is done for each owner by itself. */
export interface CollectorJob<Processors extends object> {
  /** What it has beyond what tells whether it is well. */
  readonly extensions: Readonly<Record<string, object>>;
  /** The kind of what brings it something, and how that is set for an owner. */
  readonly receiver: readonly [kind: string, of: (owner: LogOwner) => object];
  /** What it makes of what comes, beyond the bounds of all collectors. */
  readonly processors: Processors;
  /** Which of them, in which order, between the bounds. */
  readonly steps: (owner: LogOwner) => readonly string[];
}

const lokiUrl = `http://loki.${loggingNamespace}.svc:${String(loggingPorts.loki)}/otlp`;

const health = { health_check: { endpoint: `0.0.0.0:${String(loggingPorts.health)}` } };

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

/** An owner's way to Loki, under its own name; what cannot be sent is tried again for as long as a restart may take. */
const exporterFor = ({ name }: LogOwner) => ({
  endpoint: lokiUrl,
  headers: { "X-Scope-OrgID": name },
  retry_on_failure: { max_elapsed_time: "15m" },
  sending_queue: { queue_size: 200 },
});

/** The file of a collector, which takes what belongs to each owner to Loki and keeps it apart on the way. */
export function collectorConfig<Processors extends object>(
  owners: readonly LogOwner[],
  limitMiB: number,
  { extensions: own, receiver: [kind, settings], processors, steps }: CollectorJob<Processors>,
) {
  const extensions = { ...health, ...own };
  const ofEach = <T>(prefix: string, of: (owner: LogOwner) => T) =>
    Object.fromEntries(owners.map((owner) => [`${prefix}/${owner.name}`, of(owner)]));
  return {
    extensions,
    receivers: ofEach(kind, settings),
    processors: { ...bounds(limitMiB), ...processors },
    exporters: ofEach("otlp_http", exporterFor),
    service: {
      extensions: Object.keys(extensions),
      telemetry,
      pipelines: ofEach("logs", (owner) => ({
        receivers: [`${kind}/${owner.name}`],
        processors: ["memory_limiter", ...steps(owner), "batch"],
        exporters: [`otlp_http/${owner.name}`],
      })),
    },
  };
}

/** The namespaces of everybody but the platform. */
export const othersOf = (owners: readonly LogOwner[]): string[] =>
  owners.filter(({ name }) => name !== platformOwner).flatMap(({ namespaces }) => namespaces);
