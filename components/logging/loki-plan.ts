/** Loki, as plain manifests: no Pulumi here. */
import { httpProbe, lockedDown, softLimit, spreadInPlace, unprivileged } from "../pod-plan.ts";
import { claimed, hashedName, inPlace, unwaited } from "../workload-plan.ts";
import { loggingLabels, loggingPorts } from "./names.ts";
import { logRulesFile, rulerConfig, rulesFileName, type RulerSpec, rulesMounts } from "./ruler-plan.ts";
import type { LokiConfig } from "./schema.ts";

/** What decides the shape of Loki. */
export interface LokiSpec extends Pick<
  LokiConfig,
  "retentionDays" | "size" | "rateMiB" | "storageClass" | "resources"
> {
  readonly image: string;
  /** Whether the nodes stand in more than one rack. */
  readonly racks: boolean;
  /** What it looks at by itself, and whom it tells. @default nobody is told */
  readonly ruler?: RulerSpec | undefined;
}

const name = "loki";
const labels = loggingLabels.loki;

/** The user of upstream's image. */
const user = 10001;

const folder = "/loki";

/** What streams are told apart by; whatever else is known of a line is beside it, and can be asked for. */
export const indexed = ["source", "namespace", "pod", "container", "node", "app"] as const;

/**
 * Loki's own file (grafana.com/docs/loki, configuration): one program with all parts, which keeps its files itself.
 * Nobody asks it without saying whose lines are meant (`X-Scope-OrgID`).
 */
export function lokiConfig({ retentionDays, rateMiB, ruler }: Pick<LokiSpec, "retentionDays" | "rateMiB" | "ruler">) {
  return {
    auth_enabled: true,
    server: {
      http_listen_port: loggingPorts.loki,
      grpc_listen_address: "127.0.0.1",
      grpc_listen_port: loggingPorts.lokiPeers,
      log_level: "warn",
      log_format: "json",
    },
    common: {
      path_prefix: folder,
      replication_factor: 1,
      instance_addr: "127.0.0.1",
      ring: { kvstore: { store: "inmemory" } },
      storage: { filesystem: { chunks_directory: `${folder}/chunks`, rules_directory: `${folder}/rules` } },
    },
    schema_config: {
      configs: [
        // Lines older than this were never kept; a later schema is another entry with a day that is still to come.
        {
          from: "2026-01-01",
          store: "tsdb",
          object_store: "filesystem",
          schema: "v13",
          index: { prefix: "index_", period: "24h" },
        },
      ],
    },
    ingester: {
      lifecycler: { min_ready_duration: "0s", final_sleep: "0s" },
      wal: { flush_on_shutdown: true, replay_memory_ceiling: "64MB" },
      chunk_idle_period: "15m",
    },
    compactor: {
      working_directory: `${folder}/compactor`,
      retention_enabled: true,
      delete_request_store: "filesystem",
    },
    ...(ruler === undefined ? {} : { ruler: rulerConfig(ruler, `${folder}/scratch`) }),
    querier: { multi_tenant_queries_enabled: true },
    limits_config: {
      retention_period: `${String(24 * retentionDays)}h`,
      ingestion_rate_mb: rateMiB,
      ingestion_burst_size_mb: 2 * rateMiB,
      discover_service_name: [],
      discover_log_levels: false, // severities come from the lines themselves
      otlp_config: {
        resource_attributes: {
          ignore_defaults: true,
          attributes_config: [{ action: "index_label", attributes: [...indexed] }],
        },
      },
    },
    analytics: { reporting_enabled: false },
  };
}

/** Every manifest of Loki; namespaces are added by who applies it. */
export function planLoki(spec: LokiSpec) {
  const { image, size, storageClass, resources, racks, ruler } = spec;
  const metadata = { name, labels };
  const files = {
    "loki.json": JSON.stringify(lokiConfig(spec), undefined, 1),
    ...(ruler === undefined ? {} : { [rulesFileName]: JSON.stringify(logRulesFile(ruler), undefined, 1) }),
  };
  // It reads its files once: others are another ConfigMap, with which the pod is rolled.
  const configName = hashedName(name, Object.values(files).join("\n"));
  const pod = {
    ...unprivileged(name, { user, token: false }),
    topologySpreadConstraints: spreadInPlace(labels, racks),
    terminationGracePeriodSeconds: 60, // it packs what it has in memory
    containers: [
      {
        name,
        image,
        args: ["-config.file=/etc/loki/loki.json"],
        env: [{ name: "GOMEMLIMIT", value: String(softLimit(resources.memory)) }],
        ports: [{ name: "http", containerPort: loggingPorts.loki }],
        resources: { requests: resources, limits: resources },
        startupProbe: httpProbe("/ready", "http", 2, 150), // it reads its log again
        readinessProbe: httpProbe("/ready", "http", 5, 3),
        livenessProbe: httpProbe("/loki/api/v1/status/buildinfo", "http", 15, 4),
        securityContext: lockedDown,
        volumeMounts: [
          { name: "config", mountPath: "/etc/loki", readOnly: true },
          { name: "data", mountPath: folder },
          ...(ruler === undefined ? [] : rulesMounts(ruler, "config")),
        ],
      },
    ],
    volumes: [
      { name: "config", configMap: { name: configName } },
      ...(storageClass === undefined ? [{ name: "data", emptyDir: { sizeLimit: size } }] : []),
    ],
  };
  const claims: Partial<ReturnType<typeof claimed>> = storageClass === undefined ? {} : claimed(storageClass, size);
  return {
    serviceAccount: { metadata, automountServiceAccountToken: false },
    rights: { cluster: [], namespace: [] },
    configMap: { metadata: { name: configName, labels }, data: files },
    service: {
      metadata: unwaited(metadata),
      spec: { selector: labels, ports: [{ name: "http", port: loggingPorts.loki, targetPort: "http" }] },
    },
    ...inPlace(name, labels, 1, pod, claims),
  };
}
