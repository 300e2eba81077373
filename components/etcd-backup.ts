/** Backups of etcd: encrypted on the control-plane node that takes them, kept there, and brought to S3. */
import { CronJob } from "@pulumi/kubernetes/batch/v1/cronJob.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import * as pulumi from "@pulumi/pulumi";
import { etcdBackupName, etcdBackupNamespace, type EtcdBackupSpec, planEtcdBackup } from "./etcd-backup-plan.ts";
import type { BackupCredentials } from "./etcd-backup-schema.ts";
import { grant } from "./grants.ts";
import { Namespace, type NamespaceArgs, placedIn } from "./namespace.ts";

/** Arguments of {@link EtcdBackup}. */
export interface EtcdBackupArgs extends EtcdBackupSpec, Pick<NamespaceArgs, "owner" | "kubernetesMinor" | "policies"> {
  /** What tells the cluster's snapshots from those of others: the uid of its namespace kube-system. */
  readonly clusterId: pulumi.Input<string>;
  /** The login for S3, used when there is a bucket. A secret. */
  readonly credentials: pulumi.Input<BackupCredentials | undefined>;
}

/** Backups of etcd. What is taken outlives it: it lies on the nodes and in S3. */
export class EtcdBackup extends pulumi.ComponentResource {
  public constructor(name: string, args: EtcdBackupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:EtcdBackup", name, {}, opts);
    const { owner, kubernetesMinor, policies, clusterId, credentials, ...spec } = args;
    const { cronJob, ...account } = planEtcdBackup(spec, clusterId);
    const wide = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const home = new Namespace(
      name,
      // Pods with folders of their node are what the level "privileged" is for; these drop every capability.
      { namespace: etcdBackupNamespace, owner, kubernetesMinor, policies, podSecurity: "privileged" },
      wide,
    );
    const { namespace } = home;
    const inside = { parent: this, deletedWith: home.resource };
    const placed = placedIn(namespace);
    const stringData = pulumi.secret(credentials).apply((login) => ({ ...login }));
    const login =
      spec.s3 === undefined
        ? []
        : [new Secret(`${name}-s3`, placed({ metadata: { name: etcdBackupName }, stringData }), inside)];
    new CronJob(`${name}-cron-job`, placed(cronJob), {
      ...inside,
      // Named by plain strings.
      dependsOn: [...grant(name, { ...account, namespace }, { wide, inside }), ...login],
    });
    this.registerOutputs({});
  }
}
