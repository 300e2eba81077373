/** Where tools lie: `<cache>/tools/<tool>/<key>/<tool>`, complete or not there at all. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statfsSync } from "node:fs";
import { mkdir, mkdtemp, open, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Tool, type ToolName, catalog } from "./catalog.ts";

/** A machine's kind in Go's words. */
export interface Platform {
  readonly os: string;
  readonly arch: string;
}

/** What a run works with. Tests bring their own. */
export interface Toolbox {
  /** Everything that is kept outside the checkout. */
  readonly cache: string;
  /** The folder of the Go modules. */
  readonly modules: string;
  readonly platform: Platform;
  readonly catalog: readonly Tool[];
}

/** `$QUINTET_CACHE`, or `~/.cache/quintet`. */
export const cacheDir = (): string => process.env["QUINTET_CACHE"] ?? join(homedir(), ".cache", "quintet");

/** The project's own toolbox on this machine. */
export const defaultToolbox = (): Toolbox => ({
  cache: cacheDir(),
  modules: join(import.meta.dirname, "..", "tools"),
  platform: { os: process.platform, arch: process.arch === "x64" ? "amd64" : process.arch },
  catalog,
});

/**
 * Names one exact build of a tool: its entry in the catalogue, the platform, and every file of its module but tests.
 *
 * Whether it was downloaded or built makes no difference, and neither does the Go release: both give the same version.
 */
export function toolKey(tool: Tool, box: Toolbox): string {
  const folder = join(box.modules, tool.module);
  const hash = createHash("sha256").update(JSON.stringify([tool, box.platform]));
  for (const file of moduleFiles(folder)) hash.update(`\0${file}\0`).update(readFileSync(join(folder, file)));
  return hash.digest("hex").slice(0, 16);
}

/** The files that decide what is built, as sorted paths inside the module's folder. */
export function moduleFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(\.go|^go\.(mod|sum))$/.test(entry.name) && !entry.name.endsWith("_test.go"))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Where the binary of a tool is, or will be. */
export const binaryOf = (tool: Tool, box: Toolbox): string =>
  join(box.cache, "tools", tool.name, toolKey(tool, box), tool.name);

/** True when the tool is in the cache: what is there is whole, see {@link install}. */
export const isCached = (tool: Tool, box: Toolbox): boolean => existsSync(binaryOf(tool, box));

/**
 * The path of a tool that `ensureTools` has brought.
 *
 * @throws when it is not in the cache: the message says what to run
 */
export function toolPath(name: ToolName, box: Toolbox = defaultToolbox()): string {
  const path = binaryOf(findTool(name, box), box);
  if (existsSync(path)) return path;
  throw new Error(`${name} is not in ${box.cache} in the version this checkout wants. Run: npm run setup`);
}

/** The catalogue's entry of that name. */
export function findTool(name: string, box: Toolbox): Tool {
  const tool = box.catalog.find((candidate) => candidate.name === name);
  if (tool === undefined) {
    throw new Error(`There is no tool "${name}". There are: ${box.catalog.map((known) => known.name).join(", ")}.`);
  }
  return tool;
}

/** A folder in which a tool is made: `work` is thrown away, `binary` is what becomes the tool. */
export interface Staging {
  readonly work: string;
  readonly binary: string;
}

/**
 * Lets `make` write the binary into a folder beside its final place and moves it there in one step, so that a kill or a
 * full disk at any moment leaves either the whole tool or none.
 *
 * The caller holds the tool's lock: folders of earlier runs that were killed are removed.
 */
export async function install<T>(tool: Tool, box: Toolbox, make: (staging: Staging) => Promise<T>): Promise<T> {
  const home = join(box.cache, "tools", tool.name);
  await mkdir(home, { recursive: true });
  for (const name of await readdir(home)) {
    if (name.startsWith(".staging-")) await rm(join(home, name), { recursive: true, force: true });
  }
  const staging = await mkdtemp(join(home, ".staging-"));
  const [work, out] = [join(staging, "work"), join(staging, "out")];
  try {
    await mkdir(work);
    await mkdir(out);
    const binary = join(out, tool.name);
    const result = await make({ work, binary });
    await sync(binary, async (file) => {
      await file.chmod(0o755);
    });
    await sync(out);
    await rename(out, join(home, toolKey(tool, box))).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error; // another run has done it: the same tool
    });
    await sync(home);
    return result;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function sync(path: string, before?: (file: Awaited<ReturnType<typeof open>>) => Promise<void>): Promise<void> {
  const file = await open(path);
  try {
    await before?.(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Free space for this user on the disk of `path`, in bytes. */
export function freeSpace(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
