import { spawnSync } from "node:child_process";
import { judgeLock } from "../../scripts/engine-lock.ts";
import { startedAt } from "../../scripts/leftovers.ts";

const lock = { pid: 4711, username: "ann", hostname: "here", timestamp: "2026-11-22T03:00:00.123456789Z" };
const judge = (changed: object | string, started: Date | "unknown" | undefined) =>
  judgeLock(
    "locks/1.json",
    typeof changed === "string" ? changed : JSON.stringify({ ...lock, ...changed }),
    { hostname: "here", startedAt: (pid) => (pid === lock.pid ? started : undefined) },
    "npm run unlock",
  );
const [before, after] = [new Date("2026-11-22T02:59:59Z"), new Date("2026-11-22T03:00:10Z")];

describe("a lock", () => {
  test.each([
    {
      of: "a process that is gone",
      changed: {},
      started: undefined,
      stale: true,
      says: /4711 of ann on here, since 2026-11-22T03.*runs no more: the lock is removed/,
    },
    {
      of: "a process whose number is another's now",
      changed: {},
      started: after,
      stale: true,
      says: /its number is another's now/,
    },
    {
      of: "a process that runs",
      changed: {},
      started: before,
      stale: false,
      says: /locked by process 4711 of ann on here, since .* kill -INT 4711$/,
    },
    {
      of: "a process that runs, where starts are not known",
      changed: {},
      started: "unknown" as const,
      stale: false,
      says: /kill -INT/,
    },
    {
      of: "another host, whatever runs here",
      changed: { hostname: "there" },
      started: undefined,
      stale: false,
      says: /on there, .*not to be seen from here.*: npm run unlock$/,
    },
    {
      of: "nobody that can be read",
      changed: "{",
      started: undefined,
      stale: false,
      says: /locks\/1\.json does not say whose it is.*npm run unlock$/,
    },
    {
      of: "a process without a number",
      changed: { pid: 0 },
      started: undefined,
      stale: false,
      says: /does not say whose/,
    },
  ])("of $of: stale is $stale", ({ changed, started, stale, says }) => {
    const verdict = judge(changed, started);
    expect(verdict.stale).toBe(stale);
    expect(verdict.says).toMatch(says);
  });
});

test("when a process began is what the wall clock says, and nothing of one that has ended", () => {
  const began = startedAt(process.pid);
  const expected = Date.now() - process.uptime() * 1000;
  expect(began).toBeInstanceOf(Date);
  expect(Math.abs(Number(began) - expected)).toBeLessThan(3_000);
  expect(startedAt(spawnSync("true").pid)).toBeUndefined();
});
