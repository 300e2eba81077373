/** What takes snapshots of etcd and brings them away, as plain manifests: no Pulumi here. */
import ipaddr from "ipaddr.js";
import type { ClusterFacts } from "./cluster/facts.ts";
import { lookups } from "./cluster/half.ts";
import type { Half, NamespaceRules } from "./connectivity-graph.ts";
import type { EtcdBackupConfig } from "./etcd-backup-schema.ts";
import { lockedDown } from "./pod-plan.ts";

/** Where the snapshots are taken: in a namespace of its own, since its pods read what nobody else may. */
export const etcdBackupNamespace = "etcd-backup";

/** The name of its objects, with which the Jobs of the schedule begin. */
export const etcdBackupName = "etcd-backup";

const labels = { "app.kubernetes.io/name": etcdBackupName };

/** Where kubeadm lets etcd listen for clients. */
const etcdPort = 2379;

/** What kubeadm keeps of the cluster's authorities and keys, without which a restored cluster knows nobody. */
const pki = "/etc/kubernetes/pki";

/** What decides the shape of the backups. */
export interface EtcdBackupSpec extends Omit<EtcdBackupConfig, "kind" | "image"> {
  readonly image: string;
  /** The release of the cluster, as each snapshot says it. */
  readonly kubernetesVersion: string;
}

/** Guaranteed, so that nothing of a busy node slows a snapshot down; the most memory is for the keys of a gigabyte. */
const amounts = { cpu: "500m", memory: "512Mi" };

/** Seconds for one Job: a snapshot of the largest etcd, and what bringing it away may take. */
const deadline = 600;

/** Every manifest of the backups; namespaces are added by who applies it. */
export function planEtcdBackup<Id>(spec: EtcdBackupSpec, clusterId: Id) {
  const { image, recipients, retention, local, s3, kubernetesVersion } = spec;
  const meta = { name: etcdBackupName, labels };
  const client = `${pki}/etcd/healthcheck-client`;
  const flags = {
    endpoint: `https://$(NODE_ADDRESS):${String(etcdPort)}`,
    cacert: `${pki}/etcd/ca.crt`,
    cert: `${client}.crt`,
    key: `${client}.key`,
    "cluster-id": "$(CLUSTER_ID)",
    member: "$(NODE_NAME)",
    "kubernetes-version": kubernetesVersion,
    reason: "$(JOB_NAME)",
    pki,
    directory: local.directory,
    metrics: `${local.directory}/metrics.prom`,
    "keep-last": String(retention.last),
    "keep-within": retention.within,
    ...(s3 === undefined
      ? {}
      : { "s3-endpoint": s3.endpoint, "s3-bucket": s3.bucket, "s3-region": s3.region, "s3-prefix": s3.prefix }),
  };
  const fields = {
    NODE_ADDRESS: "status.hostIP",
    NODE_NAME: "spec.nodeName",
    JOB_NAME: "metadata.labels['batch.kubernetes.io/job-name']",
  };
  const login = { AWS_ACCESS_KEY_ID: "accessKeyId", AWS_SECRET_ACCESS_KEY: "secretAccessKey" };
  return {
    serviceAccount: { metadata: meta, automountServiceAccountToken: false },
    rights: { cluster: [], namespace: [] },
    cronJob: {
      metadata: meta,
      spec: {
        schedule: spec.schedule,
        timeZone: "Etc/UTC",
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: 300,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          metadata: { labels },
          spec: {
            backoffLimit: 2,
            activeDeadlineSeconds: deadline,
            ttlSecondsAfterFinished: 86_400, // of those by hand, which no limit of the history counts
            // Neither is healed by one more snapshot at once: a full disk, and one that is kept here and not in S3.
            podFailurePolicy: {
              rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [17, 18] } }],
            },
            template: {
              metadata: { labels },
              spec: {
                serviceAccountName: etcdBackupName,
                automountServiceAccountToken: false,
                enableServiceLinks: false,
                restartPolicy: "Never",
                priorityClassName: "system-cluster-critical", // a missed backup is not noticed until it is needed
                nodeSelector: { "node-role.kubernetes.io/control-plane": "" },
                tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }],
                securityContext: { seccompProfile: { type: "RuntimeDefault" } },
                containers: [
                  {
                    name: etcdBackupName,
                    image,
                    args: [
                      "save",
                      ...Object.entries(flags).flatMap(([flag, value]) => (value === "" ? [] : [`--${flag}=${value}`])),
                      ...recipients.map((recipient) => `--recipient=${recipient}`),
                      "--json",
                    ],
                    env: [
                      ...Object.entries(fields).map(([name, fieldPath]) => ({
                        name,
                        valueFrom: { fieldRef: { fieldPath } },
                      })),
                      { name: "CLUSTER_ID", value: clusterId },
                      ...(s3 === undefined
                        ? []
                        : Object.entries(login).map(([name, key]) => ({
                            name,
                            valueFrom: { secretKeyRef: { name: etcdBackupName, key } },
                          }))),
                    ],
                    resources: { requests: amounts, limits: amounts },
                    // kubeadm's keys are root's and nobody else's; as their owner it needs no capability.
                    securityContext: { ...lockedDown, runAsUser: 0, runAsGroup: 0 },
                    volumeMounts: [
                      { name: "pki", mountPath: pki, readOnly: true },
                      { name: "snapshots", mountPath: local.directory },
                    ],
                  },
                ],
                volumes: [
                  { name: "pki", hostPath: { path: pki, type: "Directory" } },
                  { name: "snapshots", hostPath: { path: local.directory, type: "DirectoryOrCreate" } },
                ],
              },
            },
          },
        },
      },
    },
  };
}

/** The service of clouds that hands out keys to instances, which nobody here may ask. */
const metadataAddress = "169.254.169.254/32";

/** What the backups add to the connectivity graph: they call etcd and S3, and nobody calls them. */
export function etcdBackupHalf(
  { s3 }: Pick<EtcdBackupConfig, "s3">,
  { nodes, podCidr, serviceCidr }: Pick<ClusterFacts, "nodes" | "podCidr" | "serviceCidr">,
  { closed }: NamespaceRules,
): Half {
  const from = `${etcdBackupNamespace}/${etcdBackupName}`;
  const members = nodes.filter(({ role }) => role === "control-plane").map(({ address }) => `${address}/32`);
  const url = s3 === undefined ? undefined : new URL(s3.endpoint);
  const named = url !== undefined && !ipaddr.IPv4.isValid(url.hostname);
  const addresses = named
    ? { cidrs: ["0.0.0.0/0"], except: [podCidr, serviceCidr, metadataAddress] }
    : { cidrs: [`${url?.hostname ?? ""}/32`] };
  const defaultPort = url?.protocol === "http:" ? 80 : 443;
  return {
    of: "etcd-backup",
    namespaces: { [etcdBackupNamespace]: { closed } },
    workloads: [{ namespace: etcdBackupNamespace, name: etcdBackupName, labels }],
    peers: {
      etcd: { cidrs: members, ports: { client: { port: etcdPort } }, amongPods: true },
      ...(url === undefined
        ? {}
        : { s3: { ...addresses, ports: { s3: { port: url.port === "" ? defaultPort : Number(url.port) } } } }),
    },
    edges: [
      { from, to: "etcd", port: "client", why: "snapshots are taken" },
      ...(url === undefined ? [] : [{ from, to: "s3", port: "s3", why: "snapshots are brought away" }]),
      ...(named ? lookups(from, "the S3 service is resolved") : []),
    ],
  };
}
