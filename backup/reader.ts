/** The objects of a snapshot, whatever it is of: etcd's database, or an export. */
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Api } from "./api.ts";
import { eachObject, type KubeObject, type Resource, resourcesAt } from "./inventory.ts";
import { databaseIn, Scratch } from "./scratch.ts";
import { contentOf, type Manifest } from "./snapshot.ts";

/** What is done with an object. */
export type Visit = (resource: Resource, object: KubeObject) => void;

/** Who reads objects out of a snapshot. */
export interface Reader {
  /**
   * Calls back with every object of the wanted resources.
   *
   * @param namespace whose objects are enough; others may come all the same
   */
  read(wants: (resource: Resource) => boolean, visit: Visit, namespace?: string): Promise<void>;
}

/** Reads what an API server on the database of a snapshot has at its revision. */
export const apiReader = (api: Api, revision: number): Reader => ({
  async read(wants, visit, namespace) {
    for (const [preferred] of (await resourcesAt(api, revision)).values()) {
      if (preferred === undefined || !wants(preferred)) continue;
      const where = preferred.namespaced && namespace !== undefined ? { namespace } : {};
      await eachObject(
        api,
        preferred,
        (object) => {
          visit(preferred, object);
        },
        { revision, ...where },
      );
    }
  },
});

/** One line of the file of objects: `objectLine` in tools/etcd-backup/objects.go. */
interface Line {
  readonly resource?: Resource;
  readonly object?: KubeObject;
}

/** Reads the file of objects of an export. */
export const exportReader = (file: string): Reader => ({
  async read(wants, visit) {
    let resource: Resource | undefined;
    let wanted = false;
    const take = (text: string) => {
      if (text === "" || (!wanted && text.startsWith('{"object":'))) return;
      const line = JSON.parse(text) as Line; // tools/etcd-backup has written and verified it
      if (line.resource !== undefined) {
        resource = line.resource;
        wanted = wants(resource);
      } else if (resource !== undefined && line.object !== undefined) visit(resource, line.object);
    };
    await pipeline(createReadStream(file), createGunzip(), async (source: AsyncIterable<Buffer>) => {
      const decoder = new TextDecoder();
      let rest = "";
      for await (const chunk of source) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) take(line);
      }
      take(rest);
    });
  },
});

/** A bundle that has been opened. */
export interface OpenedBundle {
  readonly manifest: Manifest;
  /** The folder with what was in it. */
  readonly into: string;
  /** A folder that nobody else may read, to work in. */
  readonly folder: string;
}

/** Works with what reads the objects of an opened bundle; that of a database is brought to life for it. */
export async function withReader<T>(
  { manifest, into, folder }: OpenedBundle,
  serviceCidr: { readonly serviceCidr?: string },
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  if (manifest.format === 2) return work(exportReader(join(into, contentOf(manifest))));
  await using scratch = await Scratch.start({ folder: join(folder, "scratch"), ...databaseIn(into), ...serviceCidr });
  using api = await Api.open(scratch.kubeconfig);
  return await work(apiReader(api, manifest.revision));
}
