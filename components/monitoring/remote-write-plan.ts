/** How Prometheus brings what it measures somewhere else, as data. No Pulumi here. */
import type { RemoteWriteConfig } from "./remote-write-schema.ts";

/** The Secret with what it logs in with, and its key. */
export const remoteWriteSecret = { name: "prometheus-remote-write", key: "secret" } as const;

/** What the series of one Prometheus are told apart by from those of the other, at the far end. */
export const replicaLabel = "prometheus_replica";

/** The variable that a pod has its own name in. */
export const replicaVariable = "POD_NAME";

/** Where a pod has the CA of the far end, beside its own files. */
export const caFileName = "remote-write-ca.pem";

const secretFolder = "/etc/prometheus-remote-write";
const secretFile = `${secretFolder}/${remoteWriteSecret.key}`;

/** One entry of prometheus.yml's `remote_write`. Only files that Prometheus reads again by itself are named. */
export function remoteWriteEntry({ url, authentication, tls, keep, queue }: RemoteWriteConfig) {
  const { ca, serverName } = tls;
  return {
    name: "remote",
    url,
    ...(authentication.kind === "basic"
      ? { basic_auth: { username: authentication.username, password_file: secretFile } }
      : {}),
    ...(authentication.kind === "bearer" ? { authorization: { credentials_file: secretFile } } : {}),
    ...(ca === undefined && serverName === undefined
      ? {}
      : {
          tls_config: {
            ...(ca === undefined ? {} : { ca_file: caFileName }),
            ...(serverName === undefined ? {} : { server_name: serverName }),
          },
        }),
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
  const logsIn = remote !== undefined && remote.authentication.kind !== "none";
  return {
    env:
      remote === undefined ? [] : [{ name: replicaVariable, valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
    mounts: logsIn ? [{ name: "remote-write", mountPath: secretFolder, readOnly: true }] : [],
    volumes: logsIn ? [{ name: "remote-write", secret: { secretName: remoteWriteSecret.name } }] : [],
  };
}
