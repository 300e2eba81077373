/** Two runs at once, a preview meanwhile, and a lock that nobody holds any more. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { longTest } from "../long.ts";
import {
  comesUp,
  complete,
  cutOff,
  lockOf,
  objectsOf,
  Running,
  stackOf,
  unchanged,
  up,
  waitsForDeployment,
} from "./context.ts";

const name = "locked"; // each slow run changes its Deployment: one that has not changed is not waited for

longTest("a second up is refused by who is at work, and a preview is not", async () => {
  const first = new Running(name, { slow: true });
  await waitsForDeployment(name);
  const pid = String(lockOf(name)?.pid);
  const here = hostname().replaceAll(".", "\\.");
  const says = new RegExp(`locked by process ${pid} of \\S+ on ${here}, since \\d{4}-.*kill -INT ${pid}`);
  await assert.rejects(up(name), says);
  const { text, exitCode } = await stackOf(name).capture("preview", []);
  assert.equal(exitCode, 0, text);
  assert.match(text, /is under way, or was cut off/);
  assert.ok(lockOf(name) !== undefined, "the first has lost its lock");
  first.interrupt();
  assert.notEqual((await first.ended).exitCode, 0);
});

longTest("the lock of an engine that was killed is removed, and said", async () => {
  const killed = new Running(name, { slow: true, round: 2 });
  await waitsForDeployment(name);
  const lock = lockOf(name);
  assert.ok(lock !== undefined);
  await cutOff(lock.pid);
  await killed.ended;
  assert.ok(existsSync(lock.file), "there is no lock to take up");
  const said = await comesUp(name);
  assert.match(said, new RegExp(`locked by process ${String(lock.pid)} .* runs no more: the lock is removed`));
  assert.deepEqual(await objectsOf(name), complete);
  await unchanged(name);
});

longTest("a lock of another host is never removed unasked", async () => {
  const killed = new Running(name, { slow: true, round: 3 });
  await waitsForDeployment(name);
  const lock = lockOf(name);
  assert.ok(lock !== undefined);
  await cutOff(lock.pid);
  await killed.ended;
  const elsewhere = { ...(JSON.parse(readFileSync(lock.file, "utf8")) as object), hostname: "elsewhere" };
  writeFileSync(lock.file, JSON.stringify(elsewhere));
  await assert.rejects(up(name), /on elsewhere, since .* npm run unlock -- --stack faults-locked/);
  assert.ok(existsSync(lock.file));
  assert.equal(await stackOf(name).unlock(), 0);
  await comesUp(name);
  await unchanged(name);
});
