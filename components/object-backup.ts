/** Backups of objects where etcd is somebody else's: read from the API, encrypted in the pod that reads them, and brought to S3. */
import * as pulumi from "@pulumi/pulumi";
import { createBackup, type Saved } from "./backup-parts.ts";
import { takesKey } from "./etcd-backup-schema.ts";
import { objectBackupNamespace, type ObjectBackupSpec, planObjectBackup } from "./object-backup-plan.ts";

/** Arguments of {@link ObjectBackup}. */
export interface ObjectBackupArgs extends ObjectBackupSpec, Saved {}

/** Backups of objects. What is taken outlives it: it lies in S3. */
export class ObjectBackup extends pulumi.ComponentResource {
  public constructor(name: string, args: ObjectBackupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:ObjectBackup", name, {}, opts);
    const { owner, kubernetesMinor, policies, clusterId, credentials, ...spec } = args;
    const home = { namespace: objectBackupNamespace, owner, kubernetesMinor, policies };
    const login = takesKey(spec.s3) ? { login: credentials } : {};
    createBackup(name, { home, plan: planObjectBackup(spec, clusterId), ...login }, { parent: this, opts });
    this.registerOutputs({});
  }
}
