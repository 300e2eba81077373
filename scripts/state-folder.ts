/** The folder in which the engine keeps one stack's state, its copies and its locks. */
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { judgeLock } from "./engine-lock.ts";
import { endLeftovers, startedAt } from "./leftovers.ts";
import { type Copy, judgeState, type Judged, mend } from "./state-copies.ts";

/** What is known of a stack that keeps its state on this machine. */
export interface StateFolder {
  readonly stack: string;
  /** The folder that the backend's URL names. */
  readonly dir: string;
  /** The state. */
  readonly file: string;
}

const npm = (command: string, stack: string, ...args: string[]) =>
  `npm run ${[command, "--", "--stack", stack, ...args].join(" ")}`;

/** Whether the state is whole, and what it holds. */
export const judged = ({ file }: StateFolder): Judged =>
  judgeState(existsSync(file) ? readFileSync(file, "utf8") : undefined);

/** All copies of the state that the engine has made: the one before its last write, and one after each run. */
export function copiesOf({ dir, file }: StateFolder): Copy[] {
  const made = ["history", "backups"].flatMap((name) => filesBelow(join(dir, ".pulumi", name)));
  const files = [`${file}.bak`, ...made.filter((path) => /\.checkpoint\.json$|backups.*\.json$/.test(path))];
  return files.filter(existsSync).map((path) => ({
    file: path,
    at: statSync(path).mtime,
    afterRun: !path.endsWith(".bak"),
    judged: judgeState(readFileSync(path, "utf8")),
  }));
}

/**
 * Removes the locks of engines that are gone, with what they left running.
 *
 * @returns whether there was one: the last run was cut off
 * @throws in a sentence when somebody holds the stack, or may hold it
 */
export async function releaseStale(folder: StateFolder, say: (line: string) => void): Promise<boolean> {
  const files = filesBelow(join(folder.dir, ".pulumi", "locks")).filter((file) => file.endsWith(".json"));
  const here = { hostname: hostname(), startedAt };
  const locks = files.map((file) => ({
    file,
    ...judgeLock(file, readFileSync(file, "utf8"), here, npm("unlock", folder.stack)),
  }));
  const held = locks.filter(({ stale }) => !stale);
  if (held.length > 0) throw new Error(held.map(({ says }) => says).join("\n"));
  for (const { file, says } of locks) {
    rmSync(file, { force: true });
    say(says);
  }
  if (locks.length === 0) return false;
  const left = await endLeftovers(`file://${folder.dir}`);
  if (left.length > 0) say(`It had left running, and that is ended now: ${left.join(", ")}.`);
  return true;
}

/**
 * Sees to it that the state can be read, and brings a copy back where that loses nothing.
 *
 * @throws in a sentence when a human has to choose
 */
export function mendState(folder: StateFolder, cutOff: boolean, say: (line: string) => void): void {
  const now = judged(folder);
  const copies = copiesOf(folder);
  // A stack that never ran has no state; one that did run has at least the copy of that run.
  const fresh = !existsSync(folder.file) && !copies.some(({ afterRun }) => afterRun);
  if (!("damage" in now) || fresh) return;
  const restore = npm("state", folder.stack, "--restore", "newest");
  const { restore: copy, says } = mend(folder.file, now.damage, copies, cutOff, restore);
  if (copy === undefined) throw new Error(says);
  putBack(folder, copy.file);
  say(says);
}

/** Puts a copy in the state's place, and the damaged one aside. */
export function putBack({ file }: StateFolder, copy: string): void {
  const part = `${file}.part`;
  copyFileSync(copy, part);
  if (existsSync(file)) renameSync(file, `${file}.damaged-${String(Math.round(statSync(file).mtimeMs))}`);
  renameSync(part, file);
}

function filesBelow(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}
