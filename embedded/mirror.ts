/** The image mirror: a process of this machine that serves images to the nodes under their upstream names. */
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import path from "node:path";
import type { Owner } from "./owner.ts";
import type { ClusterSpec } from "./spec.ts";
import { identify, kill, until } from "./run.ts";
import { cacheDir } from "../toolchain/index.ts";
import type { ClusterState } from "./state.ts";

/** The TCP port of the mirror on this machine's address in the nodes' network. */
export const mirrorPort = 5000;

const startDeadline = 10_000;

/**
 * Starts the mirror, unless it runs.
 *
 * @param layout folder of the OCI layout to serve
 * @param upstream whether it may fetch what the layout lacks from the registry that an image names
 */
export async function startMirror(
  spec: ClusterSpec,
  state: ClusterState,
  layout: string,
  upstream: boolean,
  owner: Owner,
): Promise<void> {
  if (state.process("mirror") !== undefined) {
    return;
  }
  const address = `${spec.hostAddress}:${String(mirrorPort)}`;
  const log = openSync(state.file("mirror.log"), "a");
  const program = path.join(cacheDir(), "bin", "mirror");
  const args = ["serve", "-layout", layout, "-listen", address, ...(upstream ? ["-upstream"] : [])];
  const child = spawn(program, args, { detached: true, stdio: ["ignore", log, log], uid: owner.uid, gid: owner.gid });
  child.unref();
  const id = child.pid === undefined ? undefined : identify(child.pid);
  if (id === undefined) {
    throw new Error(`The image mirror cannot be started; see ${state.file("mirror.log")}.`);
  }
  state.keepProcess("mirror", id);
  await until(
    `the image mirror at ${address} (see ${state.file("mirror.log")})`,
    startDeadline,
    async () => (await fetch(`http://${address}/v2/`)).ok,
    50,
  );
}

/** Ends the mirror, if it runs. */
export async function stopMirror(state: ClusterState): Promise<void> {
  const id = state.process("mirror");
  if (id !== undefined) {
    await kill(id, "SIGTERM");
  }
}
