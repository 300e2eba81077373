/**
 * Where the backups of an embedded cluster go, and what opens them: an S3 service of this machine with its files beside
 * the clusters' own, so that they are there when a cluster is not any more.
 */
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cacheDir, toolPath } from "../toolchain/index.ts";
import type { Owner } from "./owner.ts";
import { run } from "./run.ts";
import { startService, stopService } from "./service.ts";
import type { ClusterSpec } from "./spec.ts";
import type { ClusterState } from "./state.ts";

/** The TCP port of the S3 service on this machine's address in the nodes' network. */
export const s3Port = 5001;

/** What the platform is told about the backups of its cluster; none of it is secret. */
export interface BackupFacts {
  /** The public key of age that they are encrypted to. */
  readonly recipient: string;
  readonly s3: { readonly endpoint: string; readonly bucket: string; readonly region: string };
}

/** Who may use the S3 service. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const bucket = "etcd-backups";
const region = "us-east-1";

/** The backups of one cluster name; everything in it stays when the cluster is removed. */
export class BackupStore {
  readonly dir: string;
  /** The private key of age that opens them: for whoever restores, and never in the cluster. */
  readonly identity: string;
  /** The {@link S3Credentials}. */
  readonly credentialsFile: string;

  constructor(clusterName: string, parent = path.join(cacheDir(), "backups")) {
    this.dir = path.join(parent, clusterName);
    this.identity = path.join(this.dir, "identity.txt");
    this.credentialsFile = path.join(this.dir, "credentials.json");
  }

  /** The credentials, or undefined where there has been no cluster of that name. */
  credentials(): S3Credentials | undefined {
    return existsSync(this.credentialsFile)
      ? (JSON.parse(readFileSync(this.credentialsFile, "utf8")) as S3Credentials) // prepare wrote it
      : undefined;
  }

  /** The files of its bucket, which are there when the service does not run. */
  get objects(): string {
    return this.file("data", bucket);
  }

  /** What the platform is told. */
  async facts(spec: ClusterSpec): Promise<BackupFacts> {
    const recipient = (await run(toolPath("age-keygen"), ["-y", this.identity])).trim();
    return { recipient, s3: { endpoint: endpointOf(spec), bucket, region } };
  }

  /** Makes what is missing: folders, key and credentials, each once. */
  async prepare({ uid, gid }: Owner): Promise<S3Credentials> {
    for (const folder of [path.dirname(this.dir), this.dir, this.file("data", bucket), this.file("metadata")]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    if (!existsSync(this.identity)) {
      await run(toolPath("age-keygen"), ["-o", this.identity]);
    }
    const made = {
      accessKeyId: randomBytes(10).toString("hex").toUpperCase(),
      secretAccessKey: randomBytes(30).toString("base64url"),
    };
    const credentials = this.credentials() ?? made;
    if (credentials === made) {
      writeFileSync(this.credentialsFile, JSON.stringify(made), { mode: 0o600 });
    }
    for (const own of [".", "data", path.join("data", bucket), "metadata", "identity.txt", "credentials.json"]) {
      chownSync(this.file(own), uid, gid);
    }
    return credentials;
  }

  /** A path below the store's folder. */
  file(...parts: string[]): string {
    return path.join(this.dir, ...parts);
  }
}

const endpointOf = ({ hostAddress }: Pick<ClusterSpec, "hostAddress">) => `http://${hostAddress}:${String(s3Port)}`;

/** Starts the S3 service of a cluster, unless it runs. */
export async function startS3(spec: ClusterSpec, state: ClusterState, owner: Owner): Promise<void> {
  const store = new BackupStore(spec.name);
  const { accessKeyId, secretAccessKey } = await store.prepare(owner);
  await startService(s3Service(store, endpointOf(spec), { accessKeyId, secretAccessKey }), state, owner);
}

/** The S3 service at a URL, with a bucket for each folder of the store's data. */
export const s3Service = (store: BackupStore, endpoint: string, credentials: S3Credentials) => {
  const own = ["--port", new URL(endpoint).host, "--region", region, "--quiet", "--health", "/healthz"];
  // Beside the files, since not every file system has extended attributes.
  const files = ["posix", "--sidecar", store.file("metadata"), store.file("data")];
  return {
    name: "s3",
    what: `the S3 service at ${endpoint}`,
    command: [toolPath("versitygw"), ...own, ...files] as const,
    env: { ROOT_ACCESS_KEY_ID: credentials.accessKeyId, ROOT_SECRET_ACCESS_KEY: credentials.secretAccessKey },
    ready: `${endpoint}/healthz`,
  } as const;
};

/** Ends the S3 service, if it runs. */
export const stopS3 = (state: ClusterState): Promise<void> => stopService("s3", state);
