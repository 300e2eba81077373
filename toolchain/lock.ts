/** Locks between processes, as files that name their owner. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** How long to wait before looking at a held lock again, in milliseconds. */
const interval = 200;

interface Owner {
  readonly pid: number;
  /** Tells a process from a later one with the same number; empty where the system does not say. */
  readonly started: string;
}

/** What may be set for {@link withLock}. */
export interface LockOptions {
  /** Told once, with the owner's process number, when another holds the lock. */
  readonly onWait?: (pid: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs `work` while holding the lock `path`.
 *
 * A lock whose owner no longer runs is taken over at once, so nothing is to be cleaned up after a kill. The lock saves
 * double work only: what it guards is installed in one step and stays whole without it.
 *
 * @throws an AbortError when `signal` fires while waiting
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  { onWait = () => undefined, signal }: LockOptions = {},
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Owner);
  let waited = false;
  while (!(await create(path, mine))) {
    const held = await readFile(path, "utf8").catch(() => undefined);
    if (held === undefined) continue; // released in between
    const owner = parse(held);
    if (owner === undefined || !isRunning(owner.pid) || startOf(owner.pid) !== owner.started) {
      await removeStale(path, held);
      continue;
    }
    if (!waited) onWait(owner.pid);
    waited = true;
    await sleep(interval, undefined, signal === undefined ? {} : { signal });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** Writes the lock under a name of its own and links it into place, so that nobody ever reads half an owner. */
async function create(path: string, owner: string): Promise<boolean> {
  const own = `${path}.${randomUUID()}`;
  try {
    await writeFile(own, owner);
    await link(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/** Removes the lock if it still says `held`: between reading and removing it another process may have taken it over. */
async function removeStale(path: string, held: string): Promise<void> {
  const grave = `${path}.${randomUUID()}`;
  await rename(path, grave).catch(() => undefined);
  const buried = await readFile(grave, "utf8").catch(() => held);
  if (buried === held) await rm(grave, { force: true });
  else await rename(grave, path);
}

function parse(text: string): Owner | undefined {
  try {
    return JSON.parse(text) as Owner; // written by withLock
  } catch {
    return undefined;
  }
}

/** Whether there is a process with this number. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // there is, of another user
  }
}

/** When a process started, in the kernel's ticks since boot (field 22 of proc(5)'s stat); "" where there is no /proc. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
    // The second field is the command in parentheses and may hold spaces; the third is the first after the last one.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
