/**
 * Compares the objects of a snapshot with those of the live cluster, one by one.
 *
 * An object's resourceVersion is etcd's revision of its last write. So a snapshot of revision R must have exactly what the
 * live cluster has at resourceVersions up to R; all else has happened since, and has left a trace.
 */

/** One object, without its content: clusters have more of them than fit into memory. */
export interface Entry {
  /** Group and plural of its kind, as `apps/deployments`; `/pods` in the group without a name. */
  readonly resource: string;
  /** Empty for what is in no namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: number;
  /** RFC 3339. */
  readonly created: string;
  /** Whether it was being deleted. */
  readonly deleting: boolean;
  /** The uids of those that it belongs to. */
  readonly owners: readonly string[];
  /** SHA-256 of its content in the version in which both sides serve it. */
  readonly digest: string;
}

/** What became of the objects of one resource since a revision, as the API server remembers it. */
export type History =
  /** The uids of what was deleted since. */
  | { readonly kind: "whole"; readonly deleted: ReadonlySet<string> }
  /** It goes no longer back so far. */
  | { readonly kind: "forgotten" };

/** What is compared. */
export interface Comparison {
  readonly snapshot: readonly Entry[];
  readonly live: readonly Entry[];
  /** The snapshot's own. */
  readonly revision: number;
  /** When the snapshot was taken (RFC 3339). */
  readonly takenAt: string;
  /** Resources that are served otherwise than then, so that equal objects may read differently: their uids still count. */
  readonly redefined: ReadonlySet<string>;
  /** Resources that nobody serves any more, since their definition was deleted. */
  readonly unserved: ReadonlySet<string>;
  /** By resource, for those of {@link unexplained}. @default none is known */
  readonly histories?: ReadonlyMap<string, History>;
}

/** How an object was found. The last three are faults. */
export type Finding =
  | "equal"
  /** Written since. */
  | "changed"
  | "created"
  /** Deleted since, with a reason that is seen. */
  | "deleted"
  /** Not there any more, and the API server does not remember that far. */
  | "unproven"
  /** The live cluster had it when the snapshot was taken, and the snapshot has not. */
  | "missing"
  /** Both have it at the same version, or the live one is older, and they are not the same. */
  | "differs"
  /** The snapshot has it, the live cluster has not, and it was never deleted. */
  | "vanished";

/** The findings that turn a drill red. */
export const faults = ["missing", "differs", "vanished"] as const satisfies readonly Finding[];

/** What was found, by numbers, and by name where somebody has to look. */
export interface Compared {
  readonly counts: Readonly<Record<Finding, number>>;
  /** Names, the first of each finding that is not right. */
  readonly examples: Readonly<Partial<Record<Finding, readonly string[]>>>;
}

/** Clocks of API servers may be apart by as much, in milliseconds. */
const skew = 10_000;
const shown = 20;

/** What goes by itself: events after an hour, leases of components that are replaced. */
const expiring = new Set(["/events", "events.k8s.io/events", "coordination.k8s.io/leases"]);

/** The resources of objects that are gone without a reason in the objects themselves: their histories are to be asked. */
export function unexplained(given: Omit<Comparison, "histories">): Set<string> {
  const look = lookups(given);
  return new Set(
    given.snapshot
      .filter((entry) => !look.live.has(nameOf(entry)) && !isExplained(entry, look))
      .map(({ resource }) => resource),
  );
}

/** Compares both sides. */
export function compare(given: Comparison): Compared {
  const look = lookups(given);
  const found = new Map<Finding, string[]>();
  const note = (finding: Finding, entry: Entry) => {
    const names = found.get(finding) ?? [];
    names.push(nameOf(entry));
    found.set(finding, names);
  };
  for (const entry of given.snapshot) note(ofSnapshot(entry, given, look), entry);
  for (const entry of given.live) {
    if (!look.snapshot.has(nameOf(entry))) note(isSince(entry, given) ? "created" : "missing", entry);
  }
  const all: readonly Finding[] = ["equal", "changed", "created", "deleted", "unproven", ...faults];
  return {
    counts: Object.fromEntries(all.map((one) => [one, found.get(one)?.length ?? 0])) as Record<Finding, number>, // all of them
    examples: Object.fromEntries(
      (["unproven", ...faults] as const).flatMap((one) => {
        const names = found.get(one);
        return names === undefined ? [] : [[one, names.sort().slice(0, shown)]];
      }),
    ),
  };
}

interface Lookups {
  readonly snapshot: ReadonlyMap<string, Entry>;
  readonly live: ReadonlyMap<string, Entry>;
  readonly uids: ReadonlyMap<string, Entry>;
  readonly unserved: ReadonlySet<string>;
  readonly revision: number;
}

function lookups({ snapshot, live, revision, unserved }: Omit<Comparison, "histories">): Lookups {
  const byName = (entries: readonly Entry[]) => new Map(entries.map((entry) => [nameOf(entry), entry]));
  return {
    snapshot: byName(snapshot),
    live: byName(live),
    uids: new Map(live.map((entry) => [entry.uid, entry])),
    unserved,
    revision,
  };
}

function ofSnapshot(entry: Entry, given: Comparison, look: Lookups): Finding {
  const live = look.live.get(nameOf(entry));
  if (live === undefined) return ofGone(entry, given, look);
  if (live.uid !== entry.uid) return isSince(live, given) ? "changed" : "differs";
  if (live.resourceVersion > given.revision) return "changed";
  if (live.resourceVersion !== entry.resourceVersion) return "differs";
  return live.digest === entry.digest || given.redefined.has(entry.resource) ? "equal" : "differs";
}

function ofGone(entry: Entry, { histories }: Comparison, look: Lookups): Finding {
  if (isExplained(entry, look)) return "deleted";
  const history = histories?.get(entry.resource);
  if (history?.kind !== "whole") return "unproven";
  return history.deleted.has(entry.uid) ? "deleted" : "vanished";
}

/** Whether the objects themselves show why one is gone. */
function isExplained(entry: Entry, { live, uids, revision, unserved }: Lookups): boolean {
  if (entry.deleting || expiring.has(entry.resource) || unserved.has(entry.resource)) return true;
  // A controller deletes what it made: when the owner goes, or is written, as at every roll-out.
  if (entry.owners.some((owner) => (uids.get(owner)?.resourceVersion ?? Infinity) > revision)) return true;
  if (entry.namespace === "") return false;
  const namespace = live.get(nameOf({ resource: "/namespaces", namespace: "", name: entry.namespace }));
  return namespace === undefined || namespace.resourceVersion > revision;
}

/** Whether an object that the snapshot lacks came after it. */
function isSince({ resourceVersion, created }: Entry, { revision, takenAt }: Comparison): boolean {
  return resourceVersion > revision && Date.parse(created) >= Date.parse(takenAt) - skew;
}

/** What an object is called among all of them, as `apps/deployments backend/backend`. */
export function nameOf({ resource, namespace, name }: Pick<Entry, "resource" | "namespace" | "name">): string {
  return `${resource} ${namespace === "" ? "" : `${namespace}/`}${name}`;
}
