/** Go itself, for what the modules in tools/ say of themselves and of others. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { defaultToolbox } from "../../toolchain/cache.ts";
import { findGo } from "../../toolchain/go.ts";

export const modules = join(import.meta.dirname, "../../tools");

/** How tools are built, so that what has been compiled for them is taken. */
export const asBuilt = ["-mod=readonly", "-trimpath", "-gcflags=all=-dwarf=false"] as const;

/** Go's call in a folder, which fails with all that it said. */
export async function goCaller(): Promise<(args: readonly string[], cwd: string, env?: NodeJS.ProcessEnv) => string> {
  const go = await findGo(defaultToolbox(), AbortSignal.timeout(60_000));
  const fixed = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" };
  return (args, cwd, env = {}) => {
    const { status, stdout, stderr } = spawnSync(go, args, { cwd, env: { ...fixed, ...env }, encoding: "utf8" });
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    return stdout.trim();
  };
}
