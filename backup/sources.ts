/** Which snapshot is meant, and how to get at it. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { bundleOf, type Listed, listSnapshots, Refused, type Source } from "./snapshot.ts";

/** A snapshot on this machine. */
export interface Found {
  /** The file of its bundle. */
  readonly bundle: string;
  /** When the newest one of all was taken (RFC 3339); undefined where a file was named and nothing else is known. */
  readonly newest?: string;
}

/**
 * Finds a snapshot of a cluster, and brings it here where it has to be brought.
 *
 * @param wanted `latest`, a bundle's name, or a file
 * @param folder where a bundle out of S3 goes
 * @throws Refused `not-found`, or with what kept the only source from being read
 */
export async function findSnapshot(
  wanted: string,
  sources: readonly Source[],
  clusterId: string,
  folder: string,
): Promise<Found> {
  if (wanted !== "latest" && existsSync(wanted)) return { bundle: wanted };
  const problems: Refused[] = [];
  const listed = await Promise.all(
    sources.map(async (source) => {
      const own = await listSnapshots(source, clusterId).catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error;
        problems.push(error); // another source may have it
        return [];
      });
      return own.map((one) => ({ source, one }));
    }),
  );
  const all = newestFirst(listed.flat());
  const [newest] = all;
  const found = wanted === "latest" ? newest : all.find(({ one }) => one.name === basename(wanted));
  if (found === undefined || newest === undefined) {
    const [first] = problems;
    if (first !== undefined) throw first;
    const what = wanted === "latest" ? "snapshot" : `snapshot ${wanted}`;
    throw new Refused("not-found", `There is no ${what} of cluster ${clusterId} in ${sources.map(nameOf).join(", ")}.`);
  }
  const bundle = await bundleOf(found.source, clusterId, found.one.name, folder);
  return { bundle, newest: newest.one.takenAt };
}

function newestFirst<T extends { readonly one: Listed }>(all: readonly T[]): T[] {
  return [...all].sort(
    (a, b) => Date.parse(b.one.takenAt) - Date.parse(a.one.takenAt) || b.one.revision - a.one.revision,
  );
}

const nameOf = (source: Source): string => (source.kind === "directory" ? source.directory : source.flags.join(" "));
