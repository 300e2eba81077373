/** The image mirror: a process of this machine that serves images to the nodes under their upstream names. */
import { toolPath } from "../toolchain/index.ts";
import type { Owner } from "./owner.ts";
import { startService, stopService } from "./service.ts";
import type { ClusterSpec } from "./spec.ts";
import type { ClusterState } from "./state.ts";

/** The TCP port of the mirror on this machine's address in the nodes' network. */
export const mirrorPort = 5000;

/** What it was started with, in the cluster's state. */
const kept = "mirror.json";

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
  const address = `${spec.hostAddress}:${String(mirrorPort)}`;
  const args = ["serve", "-layout", layout, "-listen", address, ...(upstream ? ["-upstream"] : [])];
  const service = {
    name: "mirror",
    what: `the image mirror at ${address}`,
    command: [toolPath("mirror"), ...args],
    ready: `http://${address}/v2/`,
  } as const;
  if (state.process(service.name) === undefined) state.write(kept, { upstream });
  await startService(service, state, owner);
}

/** Lets the mirror serve another layout, as it served the one before. */
export async function replaceMirror(
  spec: ClusterSpec,
  state: ClusterState,
  layout: string,
  owner: Owner,
): Promise<void> {
  const { upstream } = (state.read(kept) ?? { upstream: false }) as { upstream: boolean }; // startMirror wrote it
  await stopMirror(state);
  await startMirror(spec, state, layout, upstream, owner);
}

/** Ends the mirror, if it runs. */
export const stopMirror = (state: ClusterState): Promise<void> => stopService("mirror", state);
