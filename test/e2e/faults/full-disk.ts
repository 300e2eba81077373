/** What state-files.ts runs on a disk of its own: the state's disk gets full in the middle of `up`. */
import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { judgeState } from "../../../scripts/state-copies.ts";
import { comesUp, complete, objectsOf, stackFolder, unchanged, up } from "./context.ts";

const name = "disk";
const { dir, file } = stackFolder(name);
const filler = join(dir, "filler");

/** Leaves so many bytes: a lock has room in them, and a state has not. */
function fill(left: number): void {
  const { bavail, bsize } = statfsSync(dir);
  const fd = openSync(filler, "w");
  writeSync(fd, Buffer.alloc(Math.max(0, bavail * bsize - left), 1));
  closeSync(fd);
}

await comesUp(name);
const before = judgeState(readFileSync(file, "utf8"));
fill(16_384);
const start = performance.now();
const { text, exitCode } = await up(name, { round: 2 });
const seconds = (performance.now() - start) / 1000;
assert.notEqual(exitCode, 0, text);
assert.match(text, /The disk with .* is full/, text);
const after = judgeState(readFileSync(file, "utf8"));
assert.ok(!("damage" in after) && !("damage" in before), JSON.stringify(after));
assert.equal(after.resources, before.resources);
rmSync(filler);
await comesUp(name, { round: 2 });
assert.deepEqual(await objectsOf(name), complete);
await unchanged(name, { round: 2 });
console.log(`up on the full disk ended after ${seconds.toFixed(1)} s`);
