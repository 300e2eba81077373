/** There and back again with simulated nodes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readyNodes } from "../../../embedded/kubectl.ts";
import { credentials, plant } from "../planted.ts";
import { config, left, program, spec, stack, state } from "./context.ts";

test("npm run up -- --simulate: the same program on simulated nodes, and everything says so", async () => {
  await plant(credentials, "--stack", "e2e", "--config", config);
  const output = await program("scripts/up.ts", "--stack", "e2e", "--config", config, "--simulate");
  assert.match(output, /SIMULATED/);
  assert.deepEqual((await readyNodes(state)).sort(), spec.nodes.map((n) => n.name).sort());
  const { text, exitCode } = await stack().capture("up", ["--yes", "--expect-no-changes"]);
  assert.equal(exitCode, 0, text);
  await program("scripts/down.ts", "--stack", "e2e", "--config", config);
  assert.deepEqual(await left(), []);
});
