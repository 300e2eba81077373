/** How Prometheus brings what it measures somewhere else, as data. No Pulumi here. */
import { type FarFiles, httpClient, secretFolder } from "./far-end.ts";
import { type RemoteWriteConfig, writeLogsIn } from "./remote-write-schema.ts";

/** The Secret with what it logs in with, and its key. */
export const remoteWriteSecret = { name: "prometheus-remote-write", key: "secret" } as const;

/** What the series of one Prometheus are told apart by from those of the other, at the far end. */
export const replicaLabel = "prometheus_replica";

/** The variable that a pod has its own name in. */
export const replicaVariable = "POD_NAME";

/** Where a pod has the CA of the far end, beside its own files. */
export const caFileName = "remote-write-ca.pem";

const folder = "/etc/prometheus-remote-write";
const files: FarFiles = { secret: `${folder}/${remoteWriteSecret.key}`, ca: caFileName };

/** One entry of prometheus.yml's `remote_write`. */
export function remoteWriteEntry({ url, keep, queue, ...end }: RemoteWriteConfig) {
  return {
    name: "remote",
    url,
    ...httpClient(end, files),
    ...(keep === undefined
      ? {}
      : { write_relabel_configs: [{ source_labels: ["__name__"], regex: keep, action: "keep" }] }),
    queue_config: {
      max_shards: queue.maxShards,
      capacity: queue.capacity,
      max_samples_per_send: queue.maxSamplesPerSend,
    },
  };
}

/** What a pod needs for it, beside its files. */
export function remoteWritePod(remote: RemoteWriteConfig | undefined) {
  return {
    env:
      remote === undefined ? [] : [{ name: replicaVariable, valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
    ...secretFolder(writeLogsIn(remote), remoteWriteSecret.name, folder),
  };
}
