/** The API server is gone before a run and in the middle of one, and comes back. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { until } from "../../../embedded/run.ts";
import { longTest } from "../long.ts";
import {
  comesUp,
  complete,
  figures,
  keptIn,
  kubectl,
  kwokctl,
  objectsOf,
  Running,
  stackFolder,
  stackOf,
  timed,
  unchanged,
  waitsForDeployment,
} from "./context.ts";

const name = "unreachable";

async function backAgain(): Promise<void> {
  kwokctl("start", "cluster");
  await until(
    "the API server to be back",
    60_000,
    async () => (await kubectl("get", "--raw", "/readyz")) === "ok",
    200,
  );
  // The kwok that was stopped holds its nodes for 200 s, and the one that was started would leave them to it.
  await kubectl("delete", "leases", "--all", "-n", "kube-node-lease");
}

longTest("the API server goes in the middle of an up: it ends by a sentence, and the next up converges", async () => {
  const running = new Running(name, { slow: true });
  await waitsForDeployment(name);
  const start = performance.now();
  try {
    kwokctl("stop", "cluster");
    const { said, exitCode } = await timed(running.ended, "up without an API server");
    figures.push(`API server gone, to the end of up: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    assert.notEqual(exitCode, 0, said);
    assert.match(said, /The API server of .* does not answer/);
  } finally {
    await backAgain();
  }
  await comesUp(name);
  assert.deepEqual(await objectsOf(name), complete);
  await unchanged(name);
});

longTest("without an API server, refresh, up and destroy keep all of the state", async () => {
  const { file } = stackFolder(name);
  const before = keptIn(file).resources.map(({ urn }) => urn);
  try {
    kwokctl("stop", "cluster");
    for (const command of ["refresh", "up", "destroy"] as const) {
      const running = stackOf(name, { round: 2 }).capture(command, ["--yes"]);
      const { text, exitCode } = await timed(running, command);
      assert.notEqual(exitCode, 0, text);
      assert.match(text, /nothing in it counts as deleted/);
      assert.deepEqual(
        keptIn(file).resources.map(({ urn }) => urn),
        before,
        command,
      );
    }
  } finally {
    await backAgain();
  }
  assert.ok(readFileSync(file, "utf8").length > 0);
  await comesUp(name, { round: 2 });
  await unchanged(name, { round: 2 });
});
