/** Root where it must be, and only there: who asked for the cluster, and how a command becomes root. */
import { spawnSync } from "node:child_process";
import { cacheDir } from "../toolchain/index.ts";

/** A user of this machine by number. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Whether this process is root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The user who asked: the one behind sudo, else the one who runs this process. */
export function owner(env: NodeJS.ProcessEnv = process.env): Owner {
  const number = (text: string | undefined, otherwise: number) => (text === undefined ? otherwise : Number(text));
  return {
    uid: number(env["SUDO_UID"], process.getuid?.() ?? 0),
    gid: number(env["SUDO_GID"], process.getgid?.() ?? 0),
  };
}

/** Whether this process can become root: it is, or there is sudo and somebody or something to answer it. */
export function canBecomeRoot(): boolean {
  if (isRoot()) {
    return true;
  }
  const silent = spawnSync("sudo", ["-n", "true"], { stdio: "ignore" });
  return silent.status === 0 || (silent.error === undefined && process.stdin.isTTY);
}

/**
 * Runs a program in the place of this one: its terminal is this one's, and its exit code is to be.
 *
 * @throws when it cannot be started
 */
export function inPlace([file, ...args]: readonly [command: string, ...args: string[]]): number {
  const { status, error } = spawnSync(file, args, { stdio: "inherit" });
  if (error !== undefined) throw error;
  return status ?? 1;
}

/** The command that runs a TypeScript file of this project as root, with this user's cache. */
export function asRoot(file: string, args: readonly string[]): readonly [command: string, ...args: string[]] {
  const program = [process.execPath, file, ...args] as const;
  if (isRoot()) {
    return program;
  }
  const kept = ["CI", "TERM", "NO_COLOR"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [`${name}=${value}`];
  });
  const why = "[sudo] Quintet makes network namespaces, mounts and cgroups for the nodes; password for %u: ";
  return ["sudo", "-p", why, "--", "env", `QUINTET_CACHE=${cacheDir()}`, ...kept, ...program];
}
