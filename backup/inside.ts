/** What a snapshot holds, without the content of its objects; and how it is read where that content is a file of objects. */
import type { Entry } from "./compare.ts";
import { entryOf, type Resource } from "./inventory.ts";
import { exportReader } from "./reader.ts";
import type { ObjectsManifest } from "./snapshot.ts";
import type { Reason } from "./verdict.ts";

/** What a snapshot holds. */
export interface Inside {
  readonly entries: readonly Entry[];
  readonly resources: ReadonlyMap<string, readonly Resource[]>;
  /** Of etcd; objects in an export. */
  readonly keys: number;
}

/** Who is told of what is wrong. */
export type Telling = (reason: Reason, says: string) => void;

/** Reads every object of an export, and tells what is not as its manifest says. */
export async function readExport(
  file: string,
  { totalKeys, clusterId }: Pick<ObjectsManifest, "totalKeys" | "clusterId">,
  fault: Telling,
): Promise<Inside> {
  const entries: Entry[] = [];
  const resources = new Map<string, readonly Resource[]>();
  await exportReader(file).read(
    (resource) => resources.set(resource.id, [resource]).has(resource.id),
    ({ id }, object) => entries.push(entryOf(id, object)),
  );
  if (entries.length !== totalKeys) {
    fault("keys", `There are ${String(entries.length)} objects in it, and ${String(totalKeys)} in its manifest.`);
  }
  tellOther(entries, clusterId, fault);
  return { entries, resources, keys: entries.length };
}

/** Tells of objects that are those of another cluster. */
export function tellOther(entries: readonly Entry[], clusterId: string, fault: Telling): void {
  const uid = entries.find(({ resource, name }) => resource === "/namespaces" && name === "kube-system")?.uid;
  if (uid === clusterId) return;
  fault("another-cluster", `Its namespace kube-system has the uid ${uid ?? "of nobody"}, and not ${clusterId}.`);
}
