/** The engine is killed after each resource, and interrupted in the middle of one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../../embedded/run.ts";
import { long, longTest } from "../long.ts";
import {
  comesUp,
  complete,
  cutOff,
  figures,
  goesDown,
  keptIn,
  lockOf,
  objectsOf,
  Running,
  stackFolder,
  unchanged,
  up,
  waitsForDeployment,
} from "./context.ts";

/** The stack, its provider, and what the provider makes. */
const points = complete.length + 2;

/** When the engine is killed: as soon as the state says that a resource was begun, or that it is there. */
type Moment = "begun" | "made";

/** Runs `up` until that many resources are there, or the next one is begun, and kills the engine. */
async function killAt(name: string, count: number, moment: Moment): Promise<string> {
  const { file } = stackFolder(name);
  const running = up(name);
  let last = keptIn(file);
  const reached = () => {
    last = keptIn(file);
    const enough = last.resources.length >= (moment === "made" ? count : count - 1);
    return Promise.resolve(enough && (moment === "made" || last.pending.length > 0));
  };
  await until(`resource ${String(count)} of ${name} to be ${moment}`, 60_000, reached, 2);
  const lock = lockOf(name);
  if (lock === undefined) assert.equal(count, points, "the engine has ended before it was killed");
  else await cutOff(lock.pid);
  const { text, exitCode } = await running;
  if (lock !== undefined) assert.notEqual(exitCode, 0, text);
  return last.pending.map(({ type, resource }) => `${type} ${resource.urn.split("::").at(-1) ?? ""}`).join(", ");
}

test("killed at each resource of the smallest stack, the next up makes it whole, with no duplicate and no orphan", async () => {
  let converged = 0;
  let taken = 0;
  const moments = Array.from({ length: points }, (_, index) => index + 1).flatMap((count) => {
    // The stack itself and its provider are nothing in the cluster, and begin with nothing pending.
    const both: readonly Moment[] = count > 2 ? ["begun", "made"] : ["made"];
    if (long) return both.map((moment) => ({ count, moment }));
    return count % 3 === 0 ? [{ count, moment: both[count % both.length] ?? "made" }] : [];
  });
  for (const { count, moment } of moments) {
    const name = `${moment}-${String(count)}`;
    const pending = await killAt(name, count, moment);
    const said = await comesUp(name);
    assert.deepEqual(await objectsOf(name), complete, `${name}, killed while ${pending}\n${said}`);
    assert.deepEqual(keptIn(stackFolder(name).file).pending, []);
    await unchanged(name);
    // The field managers of a run that was killed would refuse this.
    await comesUp(name, { round: 2 });
    assert.deepEqual(await objectsOf(name), complete, name);
    converged += 1;
    taken += /is there, and is taken over/.test(said) ? 1 : 0;
    console.log(`  ${name}: killed while ${pending === "" ? "nothing was pending" : pending}; whole again`);
  }
  assert.ok(taken > 0, "no creation that had reached the cluster was cut off");
  figures.push(
    `killed at ${String(moments.length)} points, whole again after ${String(converged)}; objects taken over: ${String(taken)}`,
  );
});

longTest("SIGINT in the middle: what is under way is recorded, and the next up goes on", async () => {
  const running = new Running("interrupted", { slow: true });
  await waitsForDeployment("interrupted");
  const start = performance.now();
  running.interrupt();
  const { said, exitCode } = await running.ended;
  const seconds = (performance.now() - start) / 1000;
  figures.push(`SIGINT to the engine's end: ${seconds.toFixed(1)} s`);
  assert.notEqual(exitCode, 0, said);
  assert.match(said, /Stopping: what is under way ends first/);
  assert.ok(seconds < 60, said);
  assert.equal(lockOf("interrupted"), undefined, "the lock is left");
  await comesUp("interrupted");
  assert.deepEqual(await objectsOf("interrupted"), complete);
  await unchanged("interrupted");
  await goesDown("interrupted");
});
