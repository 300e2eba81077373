/** Backups of etcd: encrypted on the control-plane node that takes them, kept there, and brought to S3. */
import * as pulumi from "@pulumi/pulumi";
import { createBackup, type Saved } from "./backup-parts.ts";
import { etcdBackupNamespace, type EtcdBackupSpec, planEtcdBackup } from "./etcd-backup-plan.ts";
import { takesKey } from "./etcd-backup-schema.ts";

/** Arguments of {@link EtcdBackup}. */
export interface EtcdBackupArgs extends EtcdBackupSpec, Saved {}

/** Backups of etcd. What is taken outlives it: it lies on the nodes and in S3. */
export class EtcdBackup extends pulumi.ComponentResource {
  public constructor(name: string, args: EtcdBackupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:EtcdBackup", name, {}, opts);
    const { owner, kubernetesMinor, policies, clusterId, credentials, ...spec } = args;
    // Pods with folders of their node are what the level "privileged" is for; these drop every capability.
    const podSecurity = "privileged" as const;
    const home = { namespace: etcdBackupNamespace, owner, kubernetesMinor, policies, podSecurity };
    const login = takesKey(spec.s3) ? { login: credentials } : {};
    createBackup(name, { home, plan: planEtcdBackup(spec, clusterId), ...login }, { parent: this, opts });
    this.registerOutputs({});
  }
}
