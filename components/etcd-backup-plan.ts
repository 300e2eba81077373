/** What takes snapshots of etcd and brings them away, as plain manifests: no Pulumi here. */
import {
  argsOf,
  backupCronJob,
  fieldVariables,
  jobNameField,
  loginVariables,
  recipientArgs,
  savingFlags,
  storeHalf,
} from "./backup-job.ts";
import type { ClusterFacts } from "./cluster/facts.ts";
import type { Half, NamespaceRules } from "./connectivity-graph.ts";
import type { EtcdBackupConfig } from "./etcd-backup-schema.ts";
import type { EtcdHome } from "./etcd-home.ts";
import { lockedDown } from "./pod-plan.ts";

/** Where the snapshots are taken: in a namespace of its own, since its pods read what nobody else may. */
export const etcdBackupNamespace = "etcd-backup";

/** The name of its objects, with which the Jobs of the schedule begin. */
export const etcdBackupName = "etcd-backup";

const labels = { "app.kubernetes.io/name": etcdBackupName };

/** Where kubeadm and k3s let etcd listen for clients, at the address of its node. */
const etcdPort = 2379;

/** What decides the shape of the backups. */
export interface EtcdBackupSpec extends Omit<EtcdBackupConfig, "kind" | "image"> {
  readonly image: string;
  /** The release of the cluster, as each snapshot says it. */
  readonly kubernetesVersion: string;
  /** Where the nodes keep etcd. */
  readonly home: EtcdHome;
}

/** Guaranteed, so that nothing of a busy node slows a snapshot down; the most memory is for the keys of a gigabyte. */
const amounts = { cpu: "500m", memory: "512Mi" };

const controlPlane = "node-role.kubernetes.io/control-plane";

/** On nodes that have the label, whatever its value: k3s gives it one, and kubeadm none. */
const onControlPlane = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: controlPlane, operator: "Exists" }] }],
    },
  },
};

const volumeOf = (kept: string) => (kept === "" ? "pki" : `pki-${kept}`);

/** Every manifest of the backups; namespaces are added by who applies it. */
export function planEtcdBackup<Id>(spec: EtcdBackupSpec, clusterId: Id) {
  const { image, schedule, local, s3, kubernetesVersion, home } = spec;
  const { authority, client, data } = home;
  const kept = Object.entries(home.kept).map(([name, { path, type }]) => ({ name, path, type }));
  const flags = {
    endpoint: `https://$(NODE_ADDRESS):${String(etcdPort)}`,
    cacert: authority,
    cert: `${client}.crt`,
    key: `${client}.key`,
    "cluster-id": "$(CLUSTER_ID)",
    member: "$(NODE_NAME)",
    "kubernetes-version": kubernetesVersion,
    reason: "$(JOB_NAME)",
    "data-dir": data,
    directory: local.directory,
    metrics: `${local.directory}/metrics.prom`,
    ...savingFlags(spec),
  };
  const keptArgs = kept.map(({ name, path }) => `--pki=${name === "" ? path : `${path}:${name}`}`);
  const fields = { NODE_ADDRESS: "status.hostIP", NODE_NAME: "spec.nodeName", JOB_NAME: jobNameField };
  return {
    serviceAccount: { metadata: { name: etcdBackupName, labels }, automountServiceAccountToken: false },
    rights: { cluster: [], namespace: [] },
    cronJob: backupCronJob({
      name: etcdBackupName,
      labels,
      schedule,
      final: [17, 18], // a full disk, and a snapshot that is kept here and not in S3
      pod: {
        serviceAccountName: etcdBackupName,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        restartPolicy: "Never",
        priorityClassName: "system-cluster-critical", // a missed backup is not noticed until it is needed
        affinity: onControlPlane,
        tolerations: [{ key: controlPlane, operator: "Exists" }],
        securityContext: { seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            name: etcdBackupName,
            image,
            args: ["save", ...argsOf(flags), ...keptArgs, ...recipientArgs(spec), "--json"],
            env: [
              ...fieldVariables(fields),
              { name: "CLUSTER_ID", value: clusterId },
              ...loginVariables(etcdBackupName, s3),
            ],
            resources: { requests: amounts, limits: amounts },
            // The cluster's keys and etcd's data are root's and nobody else's; as their owner it needs no capability.
            securityContext: { ...lockedDown, runAsUser: 0, runAsGroup: 0 },
            volumeMounts: [
              ...kept.map(({ name, path }) => ({ name: volumeOf(name), mountPath: path, readOnly: true })),
              { name: "data", mountPath: data, readOnly: true },
              { name: "snapshots", mountPath: local.directory },
            ],
          },
        ],
        volumes: [
          ...kept.map(({ name, path, type }) => ({ name: volumeOf(name), hostPath: { path, type } })),
          { name: "data", hostPath: { path: data, type: "Directory" } },
          { name: "snapshots", hostPath: { path: local.directory, type: "DirectoryOrCreate" } },
        ],
      },
    }),
  };
}

/** What the backups add to the connectivity graph: they call etcd and S3, and nobody calls them. */
export function etcdBackupHalf(
  config: Pick<EtcdBackupConfig, "s3">,
  facts: Pick<ClusterFacts, "nodes" | "podCidr" | "serviceCidr">,
  { closed }: NamespaceRules,
): Half {
  const from = `${etcdBackupNamespace}/${etcdBackupName}`;
  const members = facts.nodes.filter(({ role }) => role === "control-plane").map(({ address }) => `${address}/32`);
  const { peers, edges } = storeHalf(from, config, facts);
  return {
    of: "etcd-backup",
    namespaces: { [etcdBackupNamespace]: { closed } },
    workloads: [{ namespace: etcdBackupNamespace, name: etcdBackupName, labels }],
    peers: { etcd: { cidrs: members, ports: { client: { port: etcdPort } }, amongPods: true }, ...peers },
    edges: [{ from, to: "etcd", port: "client", why: "snapshots are taken" }, ...edges],
  };
}
