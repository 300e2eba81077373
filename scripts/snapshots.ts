/** Which cluster's snapshots a command is about, where they are, and what opens them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import type { Source } from "../backup/snapshot.ts";
import { BackupStore } from "../embedded/backups.ts";
import { existing } from "../embedded/cluster.ts";
import { clusterIdOf } from "../embedded/kubeconfig.ts";
import { localSnapshots } from "../embedded/restore.ts";
import { controlPlane, type ClusterSpec } from "../embedded/spec.ts";
import { ClusterState } from "../embedded/state.ts";
import type { ToolName } from "../toolchain/index.ts";

/** What opens a snapshot and brings it to life. */
export const snapshotTools = [
  "etcd",
  "etcdctl",
  "etcdutl",
  "kube-apiserver",
  "kubectl",
  "etcd-backup",
  "age-keygen",
] as const satisfies readonly ToolName[];

/** What {@link snapshotOptions} adds. */
export interface SnapshotFlags {
  readonly snapshot: string;
  readonly name: string;
  readonly identity?: string;
  readonly directory?: string;
  readonly kubeconfig?: string;
  readonly clusterId?: string;
  readonly s3Endpoint?: string;
  readonly s3Bucket?: string;
  readonly s3Region?: string;
  readonly s3Prefix?: string;
}

/** The options that say which cluster, where its snapshots are, and what opens them. */
export function snapshotOptions(command: Command): Command {
  return command
    .option("--name <name>", "the embedded cluster", "quintet")
    .option("--identity <file>", "the private key of age (default: the one made for the embedded cluster)")
    .option("--directory <folder>", "where snapshots are (default: those of the embedded cluster, on nodes and in S3)")
    .option("--s3-endpoint <url>", "where they are instead; the login is AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    .option("--s3-bucket <bucket>")
    .option("--s3-region <region>")
    .option("--s3-prefix <prefix>")
    .option("--kubeconfig <file>", "a cluster that is not embedded; it wants --cluster-id, too")
    .option("--cluster-id <uid>", "the uid of its namespace kube-system");
}

/** A cluster with its snapshots. */
export interface Target {
  readonly clusterId: string;
  readonly kubeconfig: string;
  readonly identity: string;
  readonly sources: readonly Source[];
  readonly serviceCidr: { readonly serviceCidr?: string };
  /** Files on the nodes in which a drill leaves its figures for whoever watches the cluster. */
  readonly exported: readonly string[];
  /** Of an embedded one. */
  readonly state?: ClusterState;
  readonly spec?: ClusterSpec;
}

/**
 * The cluster that is meant.
 *
 * @param gone whether an embedded cluster has been removed, and only its backups are left
 * @throws with what is missing
 */
export function target(flags: SnapshotFlags, gone = false): Target {
  const { kubeconfig, clusterId, identity } = flags;
  if (kubeconfig !== undefined) {
    if (clusterId === undefined || identity === undefined) {
      throw new Error("--kubeconfig is of a cluster that is not embedded: say --cluster-id and --identity, too.");
    }
    const sources = givenSources(flags);
    if (sources.length === 0)
      throw new Error("Say where its snapshots are: --directory, or --s3-endpoint and --s3-bucket.");
    return { clusterId, kubeconfig, identity, sources, serviceCidr: {}, exported: [] };
  }
  if (gone) return remainder(flags);
  const spec = existing(flags.name);
  const state = new ClusterState(flags.name);
  const id = clusterId ?? (spec === undefined ? undefined : clusterIdOf(readFileSync(state.kubeconfig, "utf8")));
  if (spec === undefined || id === undefined) {
    throw new Error(`There is no embedded cluster ${flags.name}. Name another with --name, or a --kubeconfig.`);
  }
  const store = new BackupStore(spec.name);
  const given = givenSources(flags);
  const onNodes = controlPlane(spec).map(({ name }) => join(state.nodeRoot(name), localSnapshots));
  const own = [store.objects, ...onNodes];
  return {
    clusterId: id,
    kubeconfig: state.kubeconfig,
    identity: identity ?? store.identity,
    sources: given.length > 0 ? given : own.map((directory) => ({ kind: "directory", directory })),
    serviceCidr: { serviceCidr: spec.serviceCidr },
    exported: onNodes.filter((folder) => existsSync(folder)).map((folder) => join(folder, "drill.prom")),
    state,
    spec,
  };
}

/** What is left of an embedded cluster when it is gone. */
function remainder(flags: SnapshotFlags): Target {
  if (existing(flags.name) !== undefined) {
    throw new Error(
      `Cluster ${flags.name} is there. Remove it first, with its nodes: npm run cluster -- down --name ${flags.name}`,
    );
  }
  const store = new BackupStore(flags.name);
  const given = givenSources(flags);
  const ids = existsSync(store.objects) ? readdirSync(store.objects) : [];
  const [only] = ids;
  const clusterId = flags.clusterId ?? (ids.length === 1 ? only : undefined);
  if (clusterId === undefined) {
    throw new Error(
      `Say which cluster comes back with --cluster-id: ${ids.length === 0 ? `there is none in ${store.objects}` : ids.join(", ")}.`,
    );
  }
  return {
    clusterId,
    kubeconfig: "",
    identity: flags.identity ?? store.identity,
    sources: given.length > 0 ? given : [{ kind: "directory", directory: store.objects }],
    serviceCidr: {},
    exported: [],
  };
}

function givenSources({ directory, s3Endpoint, s3Bucket, s3Region, s3Prefix }: SnapshotFlags): Source[] {
  const flags = { endpoint: s3Endpoint, bucket: s3Bucket, region: s3Region, prefix: s3Prefix };
  const s3 = Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--s3-${name}`, value]));
  return [
    ...(directory === undefined ? [] : [{ kind: "directory", directory } as const]),
    ...(s3Endpoint === undefined
      ? []
      : [
          {
            kind: "s3",
            flags: s3,
            accessKey: process.env["AWS_ACCESS_KEY_ID"] ?? "",
            secretKey: process.env["AWS_SECRET_ACCESS_KEY"] ?? "",
          } as const,
        ]),
  ];
}
