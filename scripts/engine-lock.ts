/** The engine's locks on a stack: who holds them, and whether anybody still does. */
import { z } from "zod";

/** A lock as the engine writes it (backend/diy/lock.go). */
const lockSchema = z.object({
  pid: z.number().int().positive(),
  username: z.string(),
  hostname: z.string(),
  timestamp: z.iso.datetime({ offset: true }),
});

/** What this machine knows. */
export interface Here {
  readonly hostname: string;
  /** When the process with that number began; undefined when there is none, "unknown" where the system does not say. */
  readonly startedAt: (pid: number) => Date | "unknown" | undefined;
}

/** Whether a lock is still somebody's, and in a sentence whose. */
export interface Verdict {
  readonly stale: boolean;
  readonly says: string;
}

/** The kernel counts starts in ticks, and its clock and the wall's differ a little. */
const tolerance = 2_000;

/**
 * Judges a lock: it is stale when its process ran on this machine and is gone, and somebody's in every other case.
 *
 * @param unlock what to type to remove it nevertheless
 */
export function judgeLock(file: string, text: string, here: Here, unlock: string): Verdict {
  const lock = lockSchema.safeParse(parsed(text));
  if (!lock.success) {
    const says = `The lock ${file} does not say whose it is. When nobody is at work on this stack: ${unlock}`;
    return { stale: false, says };
  }
  const { pid, username, hostname, timestamp } = lock.data;
  const who = `process ${String(pid)} of ${username} on ${hostname}, since ${timestamp}`;
  if (hostname !== here.hostname) {
    const elsewhere = `Whether it still runs is not to be seen from ${here.hostname}. When it does not: ${unlock}`;
    return { stale: false, says: `The stack is locked by ${who}. ${elsewhere}` };
  }
  const started = here.startedAt(pid);
  const another = started instanceof Date && started.getTime() > Date.parse(timestamp) + tolerance;
  if (started === undefined || another) {
    const gone = another ? "ended, and its number is another's now" : "runs no more";
    return { stale: true, says: `The stack was locked by ${who}, which ${gone}: the lock is removed.` };
  }
  return {
    stale: false,
    says: `The stack is locked by ${who}. Wait until it ends, or end it: kill -INT ${String(pid)}`,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it
  }
}
