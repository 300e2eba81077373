/** What every backup of this platform has in common, wherever it comes from: its Job, its login, and its way to S3. */
import { lookups, roleEdge } from "./cluster/half.ts";
import type { Edge, Peer, Ranges } from "./connectivity-graph.ts";
import { type EtcdBackupConfig, takesKey } from "./etcd-backup-schema.ts";
import { addressIn, urlPeer } from "./outside.ts";

/** What is told to tools/etcd-backup of whatever it saves. */
export type Saving = Pick<EtcdBackupConfig, "recipients" | "retention" | "s3">;

/** Flags that are not empty, as arguments. */
export const argsOf = (flags: Readonly<Record<string, string>>): string[] =>
  Object.entries(flags).flatMap(([flag, value]) => (value === "" ? [] : [`--${flag}=${value}`]));

/** For whom, how much of it stays, and where to, as flags. */
export const savingFlags = ({ retention, s3 }: Saving): Readonly<Record<string, string>> => ({
  "keep-last": String(retention.last),
  "keep-within": retention.within,
  ...(s3 === undefined
    ? {}
    : { "s3-endpoint": s3.endpoint, "s3-bucket": s3.bucket, "s3-region": s3.region, "s3-prefix": s3.prefix }),
});

/** Who may open it, as flags that are given more than once. */
export const recipientArgs = ({ recipients }: Saving): string[] =>
  recipients.map((recipient) => `--recipient=${recipient}`);

/** Why it is saved, for `--reason`: whoever makes a Job out of a CronJob chooses its name and nothing else. */
export const jobNameField = "metadata.labels['batch.kubernetes.io/job-name']";

/** Fields of its own pod, as variables of a container. */
export const fieldVariables = (fields: Readonly<Record<string, string>>) =>
  Object.entries(fields).map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } }));

const login = { AWS_ACCESS_KEY_ID: "accessKeyId", AWS_SECRET_ACCESS_KEY: "secretAccessKey" };

/** The key for S3 out of a Secret, as variables of a container; none where there is none. */
export const loginVariables = (secret: string, s3: Saving["s3"]) =>
  takesKey(s3)
    ? Object.entries(login).map(([name, key]) => ({ name, valueFrom: { secretKeyRef: { name: secret, key } } }))
    : [];

/** Seconds for one Job: the largest cluster, and what bringing it away may take. */
const deadline = 600;

/**
 * The CronJob around a pod that saves something.
 *
 * @param final the exit codes that one more try at once does not heal
 */
export const backupCronJob = <Pod>({
  name,
  labels,
  schedule,
  final,
  pod,
}: {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly schedule: string;
  readonly final: readonly number[];
  readonly pod: Pod;
}) => ({
  metadata: { name, labels },
  spec: {
    schedule,
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
        podFailurePolicy: {
          rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [...final] } }],
        },
        template: { metadata: { labels }, spec: pod },
      },
    },
  },
});

/** The peer `s3` with whoever calls it, and what it needs to find it; nothing where nothing is brought away. */
export function storeHalf(
  from: string,
  { s3 }: Pick<Saving, "s3">,
  ranges: Ranges,
): { readonly peers: Readonly<Record<string, Peer>>; readonly edges: readonly Edge[] } {
  if (s3 === undefined) return { peers: {}, edges: [] };
  return {
    peers: { s3: urlPeer(s3.endpoint, "s3", ranges) },
    edges: [
      { from, to: "s3", port: "s3", why: "snapshots are brought away" },
      ...(takesKey(s3) ? [] : [roleEdge(from)]),
      ...(addressIn(s3.endpoint) === undefined ? lookups(from, "the S3 service is resolved") : []),
    ],
  };
}
