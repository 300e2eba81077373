/** What an embedded cluster is served with by this machine: processes that outlive the command that starts them. */
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import type { Owner } from "./owner.ts";
import { identify, kill, until } from "./run.ts";
import type { ClusterState } from "./state.ts";

/** One process. */
export interface Service {
  /** Its name in the cluster's state, and that of its log. */
  readonly name: string;
  /** What it is, as in "the image mirror at 172.20.20.254:5000". */
  readonly what: string;
  /** The program and its arguments, which everybody on this machine can read. */
  readonly command: readonly [program: string, ...args: string[]];
  /** Variables that it gets beside those of this process. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** An address that answers 2xx once it serves. */
  readonly ready: string;
}

const startDeadline = 10_000;

/** Starts a service as the user who asked for the cluster, unless it runs, and waits until it answers. */
export async function startService(
  { name, what, command: [program, ...args], env, ready }: Service,
  state: ClusterState,
  { uid, gid }: Owner,
): Promise<void> {
  if (state.process(name) !== undefined) {
    return;
  }
  const file = state.file(`${name}.log`);
  const log = openSync(file, "a");
  const child = spawn(program, args, {
    detached: true,
    stdio: ["ignore", log, log],
    uid,
    gid,
    env: { ...process.env, ...env },
  });
  child.unref();
  const id = child.pid === undefined ? undefined : identify(child.pid);
  if (id === undefined) {
    throw new Error(`There is no way to start ${what}; see ${file}.`);
  }
  state.keepProcess(name, id);
  await until(`${what} (see ${file})`, startDeadline, async () => (await fetch(ready)).ok, 50);
}

/** Ends a service, if it runs. */
export async function stopService(name: string, state: ClusterState): Promise<void> {
  const id = state.process(name);
  if (id !== undefined) {
    await kill(id, "SIGTERM");
  }
}
