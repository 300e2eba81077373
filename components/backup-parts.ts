/** The resources of a backup, whatever it is of: a namespace, an account, a login, and the schedule after them. */
import { CronJob } from "@pulumi/kubernetes/batch/v1/cronJob.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { BackupCredentials } from "./etcd-backup-schema.ts";
import { grant, type Grant } from "./grants.ts";
import { Namespace, type NamespaceArgs, placedIn } from "./namespace.ts";

/** What every backup is told beside its own shape. */
export interface Saved extends Pick<NamespaceArgs, "owner" | "kubernetesMinor" | "policies"> {
  /** What tells the cluster's snapshots from those of others: the uid of its namespace kube-system. */
  readonly clusterId: pulumi.Input<string>;
  /** The login for S3, used when there is a bucket. A secret. */
  readonly credentials: pulumi.Input<BackupCredentials | undefined>;
}

/** What {@link createBackup} makes. */
export interface BackupParts {
  readonly home: NamespaceArgs;
  readonly plan: Omit<Grant, "namespace"> & {
    readonly cronJob: {
      metadata: { name: string; labels: Record<string, string> };
      spec: types.input.batch.v1.CronJobSpec;
    };
  };
  /** @default nothing is brought away */
  readonly login?: pulumi.Input<BackupCredentials | undefined>;
}

/** Makes them as children of a component. */
export function createBackup(
  name: string,
  { home: own, plan: { cronJob, ...account }, login }: BackupParts,
  { parent, opts }: { readonly parent: pulumi.Resource; readonly opts: pulumi.ComponentResourceOptions | undefined },
): void {
  const wide = { parent, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
  const home = new Namespace(name, own, wide);
  const { namespace } = home;
  const inside = { parent, deletedWith: home.resource };
  const placed = placedIn(namespace);
  const secrets =
    login === undefined
      ? []
      : [
          new Secret(
            `${name}-s3`,
            placed({
              metadata: { name: cronJob.metadata.name },
              stringData: pulumi.secret(login).apply((given) => ({ ...given })),
            }),
            inside,
          ),
        ];
  new CronJob(`${name}-cron-job`, placed(cronJob), {
    ...inside,
    // Named by plain strings.
    dependsOn: [...grant(name, { ...account, namespace }, { wide, inside }), ...secrets],
  });
}
