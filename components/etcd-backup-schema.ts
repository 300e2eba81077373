/** The configuration of backups: of what, how often, for whose keys, and where to. */
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { parseDuration } from "../duration.ts";
import { section } from "../problems.ts";
import { type ClusterFacts, type Contradiction, overlap } from "./cluster/facts.ts";
import { cron } from "./cron.ts";
import { image } from "./registries-images.ts";

const count = "must be a whole number of snapshots from 1 to 1000";

/** A public key of age, which encrypts and opens nothing. */
export const ageRecipient = z
  .string()
  .regex(
    /^age1[02-9ac-hj-np-z]{58}$/,
    "must be an age public key: age1 and 58 characters; what begins with AGE-SECRET-KEY is the private one, and must not be here",
  );

/** A bucket of an S3 service. */
export const s3Bucket = section({
  endpoint: z.url({
    protocol: /^https?$/,
    error: "must be the URL of an S3 service like https://s3.eu-central-1.amazonaws.com",
  }),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of a bucket"),
  region: z.string().min(1, "must be the region of the bucket").default("us-east-1"),
});

/** What every backup says of itself. */
const shape = {
  /** When it is taken, as five fields of cron in UTC. */
  schedule: cron.default("*/15 * * * *"),
  /**
   * The public halves of the age keys that open the backups, one of which is enough; their private halves stay off the
   * cluster and off the stack. @default on an embedded cluster, the one that this machine has made for it
   */
  recipients: z
    .array(ageRecipient)
    .min(1, "names nobody who could open a backup")
    .refine((list) => new Set(list).size === list.length, "must not name anything twice")
    .optional(),
  /** What stays, wherever they are kept: the last few, and all of the last while. The newest always does. */
  retention: section({
    last: z.int(count).min(1, count).max(1000, count).default(96),
    within: z
      .string()
      .refine((text) => parseDuration(text) !== undefined, 'must be a length of time like "24h"')
      .default("24h"),
  }).prefault({}),
  /** Where they are brought to. @default on an embedded cluster, the S3 service of this machine; elsewhere nowhere */
  s3: section({
    ...s3Bucket.shape,
    /** What the names of objects begin with. */
    prefix: z
      .string()
      .regex(/^([\w.-]+(\/[\w.-]+)*)?$/, "must be names with slashes between them, and none at an end")
      .default(""),
    /**
     * What a pod comes in with: a key, which is `quintet:backupCredentials`, or a role of AWS' that the platform makes for
     * this bucket alone. @default on EKS a role, elsewhere a key
     */
    login: z.enum(["key", "role"], 'must be "key" or "role"').optional(),
  }).optional(),
  /** The image of tools/etcd-backup, which nobody publishes. @default the one of an embedded cluster's mirror */
  image: image.optional(),
};

const etcd = section({
  kind: z.literal("etcd"),
  ...shape,
  /** Where each control-plane node keeps those that it has taken. */
  local: section({
    directory: z
      .string()
      .regex(/^(\/[\w.@+-]+)+$/, "must be an absolute path of letters, digits and . _ @ + - between its slashes")
      .default("/var/lib/quintet/etcd-backup"),
  }).prefault({}),
});

/** For clusters whose etcd is somebody else's: every object, read from the API, and kept in S3 alone. */
const objects = section({ kind: z.literal("objects"), ...shape });

const none = section({ kind: z.literal("none") });

/** The shape of `quintet:backup`. */
export const backupSchema = z
  .discriminatedUnion("kind", [etcd, objects, none], 'expected an object with kind "etcd", "objects" or "none"')
  .prefault({ kind: "none" });

type Written = z.infer<typeof backupSchema>;
type WrittenOf<Kind extends Written["kind"]> = Extract<Written, { kind: Kind }>;

interface ForSomebody {
  readonly recipients: readonly string[];
}

/** How etcd is backed up, with every default in its place. */
export interface EtcdBackupConfig extends Omit<WrittenOf<"etcd">, "recipients">, ForSomebody {}

/** How objects are backed up, with every default in its place. */
export interface ObjectBackupConfig extends Omit<WrittenOf<"objects">, "recipients">, ForSomebody {}

/** What is backed up. */
export type BackupConfig = EtcdBackupConfig | ObjectBackupConfig | z.infer<typeof none>;

/** What others have to know of the backups. */
export type BackupKind =
  | { readonly kind: "none" }
  | Pick<EtcdBackupConfig, "kind" | "s3" | "schedule">
  | Pick<ObjectBackupConfig, "kind" | "s3" | "schedule">;

/** Puts the defaults of the cluster in; simulated nodes have no etcd of their own, so nothing of them is backed up. */
export function backupOf(
  written: Written,
  { mode, backups, podRoles }: Pick<ClusterFacts, "mode" | "backups" | "podRoles">,
): BackupConfig {
  if (written.kind === "none" || mode === "simulated") return { kind: "none" };
  const { recipients = backups === undefined ? [] : [backups.recipient], s3, ...own } = written;
  const login = podRoles === true ? ("role" as const) : ("key" as const);
  const bucket = s3 ?? (backups === undefined ? undefined : { ...backups.s3, prefix: "" });
  return { ...own, recipients, ...(bucket === undefined ? {} : { s3: { login, ...bucket } }) };
}

/** Whether there is a bucket that pods come to with a key. */
export const takesKey = (s3: EtcdBackupConfig["s3"]): boolean => s3 !== undefined && s3.login !== "role";

/** The bucket that pods come to with a role. */
export const roleBucketOf = (backup: BackupConfig) =>
  backup.kind === "objects" && !takesKey(backup.s3) ? backup.s3 : undefined;

/** The login for S3. */
export interface BackupCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const credentialsSchema = z.strictObject({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) });

/** The value of `quintet:backupCredentials`; `undefined` when it is not of its form, since a message must not quote it. */
export function readBackupCredentials(text: string): BackupCredentials | undefined {
  try {
    return credentialsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const form = 'write it as {"accessKeyId": "…", "secretAccessKey": "…"}';

/**
 * What the credentials lack for the bucket, as the rest of a sentence that begins with `quintet:backupCredentials`.
 * Simulated nodes leave those alone that real ones will want again.
 */
export function backupCredentialsProblem(
  text: string,
  backup: BackupConfig,
  { mode }: Pick<ClusterFacts, "mode">,
): string | undefined {
  if (mode === "simulated") return undefined;
  const wanted = backup.kind !== "none" && takesKey(backup.s3);
  if (text === "") {
    return wanted ? `is missing, and quintet:backup brings snapshots to S3: ${form}` : undefined;
  }
  if (!wanted && roleBucketOf(backup) !== undefined) {
    return "is a login for S3, where pods come in with a role: remove it, or set quintet:backup.s3.login to key";
  }
  if (!wanted) return "is a login for S3, and quintet:backup brings nothing there: remove it, or name a bucket";
  return readBackupCredentials(text) === undefined ? `is not JSON of the right form, ${form}` : undefined;
}

/** What a kind of backup cannot be of, as the rest of a sentence that begins with its path. */
function misplaced(
  backup: Exclude<BackupConfig, { kind: "none" }>,
  { kind, guest }: { readonly kind: string; readonly guest?: boolean },
  { ownsEtcd }: Pick<ClusterFacts, "ownsEtcd">,
): string | undefined {
  const is = `is ${backup.kind}, but`;
  if (guest === true) return `${is} a guest leaves what a cluster has once to the other stack: say none`;
  if (backup.kind === "objects") return undefined;
  if (kind === "eks") {
    return `${is} AWS owns the etcd of an EKS cluster, keeps copies of it, and lets nobody else take or restore one: say objects, which are read from the API`;
  }
  return ownsEtcd
    ? undefined
    : `${is} by quintet:cluster.facts.ownsEtcd it is somebody else's: say objects, which are read from the API`;
}

/**
 * What of the backups cannot be had on a cluster in an environment, by its path under `quintet:`.
 *
 * @param backup what {@link backupOf} gives
 */
export function backupProblems(
  backup: BackupConfig,
  around: {
    readonly environment: string;
    readonly cluster: { readonly kind: string; readonly guest?: boolean };
    readonly facts: Pick<ClusterFacts, "ownsEtcd" | "podCidr" | "serviceCidr" | "imageSource" | "podRoles">;
  },
): Contradiction[] {
  if (backup.kind === "none") return [];
  const { cluster, facts, environment } = around;
  const wrong = misplaced(backup, cluster, facts);
  if (wrong !== undefined) return [[["backup", "kind"], wrong]];
  const found: Contradiction[] = [];
  if (backup.recipients.length === 0) {
    found.push([
      ["backup", "recipients"],
      "is missing: a backup is encrypted before it leaves its node, so make a key pair with age-keygen and name its public key",
    ]);
  }
  if (backup.image === undefined && facts.imageSource === "registry") {
    found.push([
      ["backup", "image"],
      "is missing, and nobody publishes one: build tools/etcd-backup into an image, push it where the nodes pull from, and name it",
    ]);
  }
  if (backup.kind === "objects" && backup.s3 === undefined) {
    found.push([
      ["backup", "s3"],
      "is missing: objects are kept nowhere else, so name a bucket outside of the cluster",
    ]);
  }
  return [...found, ...(backup.s3 === undefined ? [] : s3Problems(backup.s3, environment, facts))];
}

function s3Problems(
  { endpoint, login }: Pick<NonNullable<EtcdBackupConfig["s3"]>, "endpoint" | "login">,
  environment: string,
  { podCidr, serviceCidr, podRoles }: Pick<ClusterFacts, "podCidr" | "serviceCidr" | "podRoles">,
): Contradiction[] {
  const { protocol, hostname, pathname } = new URL(endpoint);
  const path = ["backup", "s3", "endpoint"];
  const found: Contradiction[] = [];
  if (protocol === "http:" && (environment === "staging" || environment === "prod")) {
    found.push([path, `is without TLS, which environment ${environment} must not be: write https`]);
  }
  if (login === "role" && podRoles !== true) {
    found.push([
      ["backup", "s3", "login"],
      "is role, and no pod of this cluster gets one from AWS: that is EKS with the add-on eks-pod-identity-agent; say key",
    ]);
  } else if (login === "role" && !/^s3[.-][a-z0-9-]+\.amazonaws\.com$/.test(hostname)) {
    found.push([
      path,
      `is ${hostname}, which no role of AWS' opens: write it like https://s3.eu-central-1.amazonaws.com, or set login to key`,
    ]);
  }
  if (pathname !== "/") found.push([path, `has a path after its host: the bucket is quintet:backup.s3.bucket`]);
  const inside = ipaddr.IPv4.isValid(hostname)
    ? overlap(`${hostname}/32`, podCidr) || overlap(`${hostname}/32`, serviceCidr)
    : /\.svc(\.|$)/.test(hostname);
  if (inside) {
    found.push([path, "lies in the cluster that it is to save, and would be lost with it: name one outside"]);
  }
  return found;
}
