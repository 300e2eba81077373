/** What a stack backs up: etcd where it is ours, else the objects in it. */
import type * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig } from "../config.ts";
import { versions } from "../versions.ts";
import type { Saved } from "./backup-parts.ts";
import type { ClusterFacts } from "./cluster/facts.ts";
import { EtcdBackup } from "./etcd-backup.ts";
import { etcdHomeOf } from "./etcd-home.ts";
import { ObjectBackup } from "./object-backup.ts";

/** What {@link createBackups} is told. */
export interface BackupsParts extends Omit<Saved, "credentials"> {
  readonly config: Pick<PlatformConfig, "backup" | "backupCredentials">;
  readonly facts: Pick<ClusterFacts, "kubernetesVersion" | "etcdHome">;
}

/** Makes what backs the cluster up; nothing where nothing is wanted. */
export function createBackups(
  { config, facts, ...owned }: BackupsParts,
  options: pulumi.ComponentResourceOptions,
): void {
  const { backup, backupCredentials: credentials } = config;
  if (backup.kind === "none") return;
  const { image = versions.images.etcdBackup } = backup;
  const saved = { ...owned, credentials };
  if (backup.kind === "etcd") {
    const { kubernetesVersion } = facts;
    const home = etcdHomeOf(facts);
    new EtcdBackup("etcd-backup", { ...saved, ...backup, image, kubernetesVersion, home }, options);
  } else {
    new ObjectBackup("object-backup", { ...saved, ...backup, image }, options);
  }
}
