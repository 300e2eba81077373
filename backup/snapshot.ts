/** What a snapshot says of itself, and tools/etcd-backup, which alone opens one. */
import { openSync, closeSync, readSync, fstatSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { toolPath } from "../toolchain/index.ts";

const common = z.object({
  /** The uid of namespace kube-system (docs/decisions/0004-a-cluster-is-its-id.md). */
  clusterId: z.string().min(1),
  /** RFC 3339. */
  takenAt: z.iso.datetime({ offset: true }),
  /** etcd's last revision in it: every write up to this one is in it, and none after. */
  revision: z.int().min(1),
  /** How many keys, or objects, were there at that revision. */
  totalKeys: z.int().min(0),
  /** Bytes of the database, or of the file of objects. */
  dbSize: z.int().min(1),
  sha256: z.string(),
  kubernetesVersion: z.string(),
  reason: z.enum(["schedule", "before-upgrade", "before-restore", "by-hand"]),
  recipients: z.array(z.string()),
});

const ofDatabase = common.extend({
  format: z.literal(1),
  etcdClusterId: z.string(),
  /** The node whose etcd it was taken from. */
  member: z.string(),
  etcdVersion: z.string(),
});

const ofObjects = common.extend({
  format: z.literal(2),
  /** The resources that the API server had, and that are not in it, by `Entry.resource`. */
  leftOut: z.array(z.string()).default([]),
});

/** The manifest of a bundle, of etcd's database or of objects: the counterpart of `manifest` in tools/etcd-backup/manifest.go. */
export const manifestSchema = z.discriminatedUnion("format", [ofDatabase, ofObjects]);

/** What a snapshot says of itself. */
export type Manifest = z.infer<typeof manifestSchema>;

/** What a snapshot of etcd says of itself. */
export type DatabaseManifest = z.infer<typeof ofDatabase>;

/** What an export of objects says of itself. */
export type ObjectsManifest = z.infer<typeof ofObjects>;

/** The file of an opened bundle that all is about. */
export const contentOf = ({ format }: Pick<Manifest, "format">): string =>
  format === 1 ? "etcd.db" : "objects.jsonl.gz";

/** Why a snapshot is not opened, by the exit code of tools/etcd-backup. */
export const refusals = {
  10: "wrong-key",
  11: "changed",
  12: "another-cluster",
  13: "wrong-database",
  14: "unknown-format",
  15: "not-found",
  16: "s3-denied",
  17: "disk-full",
} as const;

/** A reason by its name. `truncated` is a special case of `changed`, see {@link isCutOff}. */
export type Refusal = (typeof refusals)[keyof typeof refusals] | "truncated" | "failed";

/** A snapshot that cannot be used. Its message is a sentence. */
export class Refused extends Error {
  readonly reason: Refusal;

  constructor(reason: Refusal, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Where snapshots are. Credentials for S3 go through the environment, never through arguments. */
export type Source =
  | { readonly kind: "directory"; readonly directory: string }
  | {
      readonly kind: "s3";
      /** The flags of the tool, as `--s3-endpoint`. */
      readonly flags: readonly string[];
      readonly accessKey: string;
      readonly secretKey: string;
    };

/** Runs the tool, and gives the JSON that it prints. @throws Refused */
export async function backupTool(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const tool = toolPath("etcd-backup");
  const { stdout, stderr, exitCode, failed } = await execa(tool, args, { reject: false, stdin: "ignore", env });
  if (!failed) return JSON.parse(stdout) as unknown;
  const reason = refusals[exitCode as keyof typeof refusals] as Refusal | undefined; // any other code is none of these
  throw new Refused(reason ?? "failed", stderr.trim() === "" ? `etcd-backup ended with ${String(exitCode)}.` : stderr);
}

const credentials = (source: Source): Record<string, string> =>
  source.kind === "directory" ? {} : { AWS_ACCESS_KEY_ID: source.accessKey, AWS_SECRET_ACCESS_KEY: source.secretKey };

const listSchema = z.array(manifestSchema.and(z.object({ name: z.string() })));

/** A snapshot that is somewhere, by its bundle's name. */
export type Listed = z.infer<typeof listSchema>[number];

/** The snapshots of a cluster that are whole, newest first. @throws Refused */
export async function listSnapshots(source: Source, clusterId: string): Promise<Listed[]> {
  const where = source.kind === "directory" ? ["--directory", source.directory] : source.flags;
  const listed = await backupTool(["list", "--json", "--cluster-id", clusterId, ...where], credentials(source));
  return listSchema.parse(listed ?? []);
}

/** Where the bundle of a snapshot is on this machine; it is brought from S3 into the folder. @throws Refused */
export async function bundleOf(source: Source, clusterId: string, name: string, folder: string): Promise<string> {
  if (source.kind === "directory") return join(source.directory, clusterId, name);
  const output = join(folder, name);
  const args = ["fetch", "--json", "--cluster-id", clusterId, "--name", name, "--output", output, ...source.flags];
  await backupTool(args, credentials(source));
  return output;
}

/** What {@link openBundle} is told. */
export interface Opening {
  readonly bundle: string;
  /** The file with the private key of age. */
  readonly identity: string;
  /** The cluster that it must be of. */
  readonly clusterId: string;
  /** A folder that is not there yet: {@link contentOf} is put into it, and pki beside a database. */
  readonly into: string;
}

/**
 * Decrypts a bundle, once everything about it has been verified.
 *
 * @throws Refused with the reason by its name; nothing is left behind then
 */
export async function openBundle({ bundle, identity, clusterId, into }: Opening): Promise<Manifest> {
  const flags = { bundle, identity, "cluster-id": clusterId, directory: into };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  try {
    return manifestSchema.parse(await backupTool(["open", "--json", ...args]));
  } catch (error) {
    if (!(error instanceof Refused) || error.reason !== "changed" || !isCutOff(bundleLayout(bundle))) throw error;
    throw new Refused("truncated", `${bundle} is cut off: no whole bundle has its length. ${error.message}`);
  }
}

/** The lengths of an age file, in bytes. */
export interface Layout {
  readonly size: number;
  /** Up to and with the line of its MAC; undefined when that is missing. */
  readonly header: number | undefined;
}

const chunk = { plain: 65_536, sealed: 65_552 }; // age-encryption.org/v1, "Payload"
const nonce = 16;
const tarBlock = 512;

/**
 * Whether a file's length alone shows that its end is missing: what age carries is an archive of whole blocks, so all but
 * one in 512 lengths are impossible. Nothing is said of the others.
 */
export function isCutOff({ size, header }: Layout): boolean {
  if (header === undefined) return true;
  const payload = size - header - nonce;
  const whole = Math.floor(payload / chunk.sealed);
  const rest = payload - whole * chunk.sealed;
  if (payload <= 0 || (rest > 0 && rest <= chunk.sealed - chunk.plain)) return true;
  const last = rest === 0 ? 0 : rest - (chunk.sealed - chunk.plain);
  return (whole * chunk.plain + last) % tarBlock !== 0;
}

function bundleLayout(file: string): Layout {
  const descriptor = openSync(file, "r");
  try {
    const start = Buffer.alloc(16_384); // a header of a hundred recipients
    const text = start.subarray(0, readSync(descriptor, start, 0, start.length, 0)).toString("latin1");
    const mac = /^--- [^\n]{43}\n/m.exec(text);
    return {
      size: fstatSync(descriptor).size,
      header: mac === null ? undefined : mac.index + mac[0].length,
    };
  } finally {
    closeSync(descriptor);
  }
}
