import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../toolchain/lock.ts";
import { makeFolder, removeFolders } from "./fixture.ts";

afterEach(removeFolders);

let path: string;
beforeEach(() => {
  path = join(makeFolder(), "locks", "hammer.lock");
});

function leave(content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

test("only one holds it, and afterwards nothing is left", async () => {
  let [inside, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, ++inside);
    await sleep(10);
    inside -= 1;
  };
  await Promise.all([withLock(path, work), withLock(path, work), withLock(path, work)]);
  expect(most).toBe(1);
  expect(readdirSync(dirname(path))).toEqual([]);
});

test("it is released when the work fails", async () => {
  await expect(withLock(path, () => Promise.reject(new Error("it broke")))).rejects.toThrow("it broke");
  expect(existsSync(path)).toBe(false);
});

/** Takes the lock until it is let go. */
async function take(): Promise<() => Promise<void>> {
  const [taken, free] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  const held = withLock(path, async () => {
    taken.resolve(undefined);
    await free.promise;
  });
  await taken.promise;
  return () => {
    free.resolve(undefined);
    return held;
  };
}

test("who waits is told once for whom", async () => {
  const letGo = await take();
  const told = Promise.withResolvers<undefined>();
  const waited: number[] = [];
  const onWait = (pid: number) => {
    waited.push(pid);
    told.resolve(undefined);
  };
  const waiting = withLock(path, () => sleep(1), { onWait });
  await told.promise;
  await sleep(500); // it looks again meanwhile
  await letGo();
  await waiting;
  expect(waited).toEqual([process.pid]);
});

test("waiting can be stopped", async () => {
  const stop = new AbortController();
  const letGo = await take();
  const waiting = withLock(path, () => sleep(1), { signal: stop.signal });
  stop.abort();
  await expect(waiting).rejects.toThrow(/abort/i);
  await letGo();
});

const dead = () => spawnSync("true").pid;

test.each([
  ["a dead process", () => JSON.stringify({ pid: dead(), started: "1" })],
  ["an earlier process with the number of a running one", () => JSON.stringify({ pid: process.pid, started: "1" })],
  ["a crash of the machine, which leaves an empty file", () => ""],
])("a lock of %s is taken over", async (_name, content) => {
  leave(content());
  const start = performance.now();
  await expect(withLock(path, () => Promise.resolve("done"))).resolves.toBe("done");
  expect(performance.now() - start).toBeLessThan(1000);
});

test("of many that find a stale lock one takes over at a time", async () => {
  leave(JSON.stringify({ pid: dead(), started: "1" }));
  let [inside, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, ++inside);
    await sleep(5);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 5 }, () => withLock(path, work)));
  expect(most).toBe(1);
});
