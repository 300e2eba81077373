/** Processes of engines: when one began, and what a dead one has left running. */
import { readdirSync, readFileSync } from "node:fs";
import { identify, kill } from "../embedded/run.ts";
import { isRunning } from "../toolchain/lock.ts";
import type { Here } from "./engine-lock.ts";

/** Ticks per second of field 22 of /proc/PID/stat: the kernel tells user space 100, whatever it counts by itself. */
const ticks = 100;

/** When the process with that number began, as far as this system says. */
export const startedAt: Here["startedAt"] = (pid) => {
  const id = identify(pid);
  const boot = /^btime (\d+)$/m.exec(readIf("/proc/stat"))?.[1];
  if (boot === undefined) return isRunning(pid) ? "unknown" : undefined;
  return id === undefined ? undefined : new Date((Number(boot) + Number(id.started) / ticks) * 1000);
};

/**
 * Ends what outlived the engine: plugins go on with what it asked of them, for minutes, and nobody would know how that
 * ended; policy packs wait for ever. Only processes of one backend are meant, which is one stack's own, and none of an
 * engine that runs.
 *
 * @returns the names of those that were ended
 */
export async function endLeftovers(backend: string): Promise<string[]> {
  const all = readIf("/proc/stat") === "" ? [] : readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const left = all.filter((pid) => {
    return readIf(`/proc/${pid}/environ`).split("\0").includes(`PULUMI_BACKEND_URL=${backend}`) && !belongs(pid);
  });
  const ended = left.map(async (pid) => {
    const [name, id] = [commandOf(pid), identify(Number(pid))];
    if (id !== undefined) await kill(id, "SIGKILL");
    return name;
  });
  return Promise.all(ended);
}

/** Whether a process is an engine, or one of a living engine's. */
function belongs(pid: string): boolean {
  if (identify(Number(pid)) === undefined) return false; // it has ended, and nobody has asked how
  if (commandOf(pid) === "pulumi") return true;
  const parent = /^PPid:\s+(\d+)$/m.exec(readIf(`/proc/${pid}/status`))?.[1];
  return parent !== undefined && parent !== "0" && belongs(parent);
}

const commandOf = (pid: string): string => readIf(`/proc/${pid}/comm`).trim();

function readIf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // the process has ended, is another user's, or the system is another one
  }
}
