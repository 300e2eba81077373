/** The drill: a snapshot is restored, all of it is read, and compared with the live cluster. */
import { basename, join } from "node:path";
import { Api } from "./api.ts";
import { compare, type Compared, type Entry, faults as faultFindings, type History, unexplained } from "./compare.ts";
import { type Inside, readExport, type Telling, tellOther } from "./inside.ts";
import { crds, historyOf, inventory, type Resource, resourcesAt, resourcesOf } from "./inventory.ts";
import { databaseIn, Scratch } from "./scratch.ts";
import {
  contentOf,
  type DatabaseManifest,
  type Manifest,
  type ObjectsManifest,
  openBundle,
  Refused,
} from "./snapshot.ts";
import { type DrillResult, duration, type Fault, type Reason } from "./verdict.ts";

/** What a drill is told. */
export interface DrillOptions {
  /** The bundle on this machine. */
  readonly bundle: string;
  readonly identity: string;
  readonly clusterId: string;
  /** The kubeconfig of the live cluster. @default it is not compared, and the drill is red for that */
  readonly live?: string;
  /** How old a snapshot may be, in milliseconds. @default any age */
  readonly maxAge?: number;
  /** When the newest snapshot was taken, if that is another one (RFC 3339). @default this one is the newest */
  readonly newest?: string;
  readonly serviceCidr?: string;
  /** A folder that nobody else may read, to work in. */
  readonly folder: string;
}

/** Runs a drill; whatever is wrong is in its result. */
export async function drill(options: DrillOptions): Promise<DrillResult> {
  const start = performance.now();
  const found: Fault[] = [];
  const fault = (reason: Reason, says: string) => found.push({ reason, says });
  const result = (more: Partial<DrillResult> = {}): DrillResult => ({
    format: 1,
    ok: found.length === 0,
    at: new Date().toISOString(),
    clusterId: options.clusterId,
    faults: found,
    ...more,
  });

  const opened = await opening(options).catch((error: unknown) => error as Error);
  if (opened instanceof Error) {
    fault(opened instanceof Refused ? opened.reason : "failed", opened.message);
    return result();
  }
  const { manifest } = opened;
  const { takenAt, revision, reason } = manifest;
  const rpo = (Date.now() - Date.parse(options.newest ?? takenAt)) / 1000;
  const told = { snapshot: { name: basename(options.bundle), takenAt, revision, reason }, rpo };
  if (options.maxAge !== undefined && rpo * 1000 > options.maxAge) {
    fault("stale", `The newest snapshot is ${duration(rpo)} old; ${duration(options.maxAge / 1000)} are allowed.`);
  }

  const read = await readOpened(opened, options, fault).catch((error: unknown) => error as Error);
  if (read instanceof Error) {
    fault("does-not-start", read.message);
    return result(told);
  }
  const { inside } = read;
  const rto = (read.ready - start) / 1000;
  const numbers = { ...told, rto, keys: inside.keys, objects: inside.entries.length };
  if (options.live === undefined) {
    fault("not-compared", "No live cluster was given to compare with.");
    return result(numbers);
  }
  try {
    const compared = await compareWithLive(inside, manifest, options.live);
    for (const finding of faultFindings) {
      const count = compared.counts[finding];
      if (count > 0) fault(finding, `${String(count)} objects: ${compared.examples[finding]?.join("; ") ?? ""}`);
    }
    return result({ ...numbers, compared });
  } catch (error) {
    fault("not-compared", (error as Error).message);
    return result(numbers);
  }
}

async function opening({ bundle, identity, clusterId, folder }: DrillOptions) {
  const into = join(folder, "opened");
  return { into, manifest: await openBundle({ bundle, identity, clusterId, into }) };
}

/** Reads all of what was opened, and says when it was ready to give anything back. */
async function readOpened(
  { into, manifest }: Awaited<ReturnType<typeof opening>>,
  options: Pick<DrillOptions, "folder" | "serviceCidr">,
  fault: Telling,
): Promise<{ readonly inside: Inside; readonly ready: number }> {
  if (manifest.format === 2) {
    const inside = await readExport(join(into, contentOf(manifest)), manifest, fault);
    return { inside, ready: performance.now() };
  }
  const { serviceCidr } = options;
  await using scratch = await Scratch.start({
    folder: join(options.folder, "scratch"),
    ...databaseIn(into),
    ...(serviceCidr === undefined ? {} : { serviceCidr }),
  });
  const ready = performance.now();
  using api = await Api.open(scratch.kubeconfig);
  return { inside: await readSnapshot(api, scratch, manifest, fault), ready };
}

/** Reads every key of a snapshot through the API server on it, and tells what cannot be. */
export async function readSnapshot(
  api: Api,
  scratch: Scratch,
  { revision, totalKeys, clusterId }: Pick<DatabaseManifest, "revision" | "totalKeys" | "clusterId">,
  fault: Telling,
): Promise<Inside> {
  const keys = await scratch.keys(revision);
  if (keys.length !== totalKeys) {
    fault("keys", `There are ${String(keys.length)} keys in the database, and ${String(totalKeys)} in its manifest.`);
  }
  const resources = await resourcesAt(api, revision);
  const entries: Entry[] = [];
  for (const [id, [preferred]] of resources) {
    if (preferred === undefined) continue;
    try {
      entries.push(...(await inventory(api, [preferred], { revision })));
    } catch (error) {
      fault("undecoded", `The objects of ${id} cannot be read: ${(error as Error).message}`);
    }
  }
  const decoded = new Set(entries.map(({ resourceVersion }) => resourceVersion));
  const left = keys.filter((key) => !decoded.has(key.revision) && !isBookkeeping(key.key));
  if (left.length > 0) {
    const names = left.slice(0, 20).map(({ key }) => key);
    fault("undecoded", `${String(left.length)} keys belong to no kind that is served: ${names.join(", ")}`);
  }
  tellOther(entries, clusterId, fault);
  return { entries, resources, keys: keys.length };
}

/** What API servers keep in etcd for themselves, and show as no object. */
const bookkeeping = [
  "compact_rev_key",
  "/registry/health",
  "/registry/masterleases/",
  "/registry/peerserverleases/",
  "/registry/ranges/",
  // Of k3s: its authorities, encrypted with the token, and where its servers are.
  "/bootstrap/",
  "k3s/",
];

/** Whether a key is none of an object. */
export const isBookkeeping = (key: string): boolean => bookkeeping.some((start) => key.startsWith(start));

/** Compares what was in a snapshot with a cluster. */
export async function compareWithLive(
  inside: Inside,
  { revision, takenAt, ...more }: Pick<Manifest, "revision" | "takenAt"> & Partial<Pick<ObjectsManifest, "leftOut">>,
  kubeconfig: string,
): Promise<Compared> {
  using live = await Api.open(kubeconfig);
  const there = await resourcesOf(live);
  const choice = new Map<string, Resource>();
  const redefined = new Set<string>();
  for (const [id, versions] of there) {
    if (more.leftOut?.includes(id) === true) continue;
    const [first] = inside.resources.get(id) ?? [];
    const same = versions.find(({ path }) => path === first?.path);
    if (first !== undefined && same === undefined) redefined.add(id);
    const use = same ?? versions[0];
    if (use !== undefined) choice.set(id, use);
  }
  const entries = await inventory(live, choice.values());
  const [then, now] = [inside.entries, entries].map(
    (all) => new Map(all.filter(({ resource }) => resource === crds).map((one) => [one.name, one])),
  );
  for (const [name, one] of then ?? []) {
    const [plural = "", ...group] = name.split(".");
    if (now?.get(name)?.resourceVersion !== one.resourceVersion) redefined.add(`${group.join(".")}/${plural}`);
  }
  const unserved = new Set([...inside.resources.keys()].filter((id) => !there.has(id)));
  const given = { snapshot: inside.entries, live: entries, revision, takenAt, redefined, unserved };
  const histories = new Map<string, History>();
  for (const id of unexplained(given)) {
    const resource = choice.get(id);
    if (resource !== undefined) histories.set(id, await historyOf(live, resource, revision));
  }
  return compare({ ...given, histories });
}
