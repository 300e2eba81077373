/** There and back again with simulated nodes, and what the rules cost a preview of the whole platform. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readyNodes } from "../../../embedded/kubectl.ts";
import { type AttachedPack, policyPacks, root, Stack } from "../../../scripts/stack.ts";
import { longTest } from "../long.ts";
import { credentials, plant } from "../planted.ts";
import { config, figures, left, program, spec, stack, state } from "./context.ts";

longTest("npm run up -- --simulate: the same program on simulated nodes, and everything says so", async () => {
  await plant(credentials, "--stack", "e2e", "--config", config);
  const output = await program("scripts/up.ts", "--stack", "e2e", "--config", config, "--simulate");
  assert.match(output, /SIMULATED/);
  assert.deepEqual((await readyNodes(state)).sort(), spec.nodes.map((n) => n.name).sort());
  const { text, exitCode } = await stack().capture("up", ["--yes", "--expect-no-changes"]);
  assert.equal(exitCode, 0, text);
});

/** How long a preview takes that finds nothing to do, in seconds. */
async function previewed(packs: readonly AttachedPack[]): Promise<number> {
  const start = performance.now();
  const { text, exitCode } = await new Stack({ stack: "e2e", config, packs }).capture("preview", [
    "--expect-no-changes",
  ]);
  assert.equal(exitCode, 0, text);
  return (performance.now() - start) / 1000;
}

/** How long a pack takes to start as the engine starts it, in seconds. */
async function started(pack: string): Promise<number> {
  const start = performance.now();
  const runner = join(root, "node_modules/@pulumi/pulumi/cmd/run-plugin");
  const args = [runner, join(root, "policies", pack), "127.0.0.1:0"];
  const server = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "ignore"] });
  try {
    await once(createInterface(server.stdout), "line"); // the port where it serves
    return (performance.now() - start) / 1000;
  } finally {
    server.kill();
  }
}

// Here, where no node takes the cores that a preview wants.
longTest("what the rules cost a preview is no more than it was", async () => {
  const seconds: Record<"without" | "start" | "all", number[]> = { without: [], start: [], all: [] };
  for (let round = 0; round < 5; round += 1) {
    seconds.without.push(await previewed([]));
    seconds.start.push(await started("platform"));
    seconds.all.push(await previewed(policyPacks()));
  }
  const median = (of: readonly number[]) => of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)] ?? Number.NaN;
  const [without, start, all] = [median(seconds.without), median(seconds.start), median(seconds.all)];
  const ratio = (all - start) / without;
  figures.push(
    `a preview of the platform: ${without.toFixed(1)} s without rules, ${all.toFixed(1)} s with all of them, ` +
      `of which the pack's start takes ${start.toFixed(1)} s: ${ratio.toFixed(3)} times as long beside it (wanted: 1.08)`,
  );
  // Rounds differ by a tenth on a busy machine: this tells when it gets worse.
  assert.ok(ratio <= 1.15, `${ratio.toFixed(3)} times as long`);
});

longTest("down leaves nothing of the simulated cluster", async () => {
  await program("scripts/down.ts", "--stack", "e2e", "--config", config);
  assert.deepEqual(await left(), []);
});
