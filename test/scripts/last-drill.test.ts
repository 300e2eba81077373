import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepDrill, lastDrill } from "../../scripts/last-drill.ts";

const drilled = (ok: boolean) => ({ format: 1, ok, at: "2026-11-23T01:00:00Z", clusterId: "one", faults: [] }) as const;

let cache = "";
const before = process.env["QUINTET_CACHE"];

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "quintet-last-drill-"));
  process.env["QUINTET_CACHE"] = cache;
});

afterEach(() => {
  rmSync(cache, { recursive: true });
  if (before === undefined) delete process.env["QUINTET_CACHE"];
  else process.env["QUINTET_CACHE"] = before;
});

test("an environment that was never drilled has none", () => {
  expect(lastDrill("staging")).toBeUndefined();
});

test("each environment has its own, and the last one counts", () => {
  keepDrill("staging", drilled(true));
  keepDrill("prod", drilled(true));
  keepDrill("staging", drilled(false));
  expect([lastDrill("staging"), lastDrill("prod")]).toEqual([drilled(false), drilled(true)]);
  expect(statSync(join(cache, "stacks", "staging", "drill.json")).mode & 0o777).toBe(0o600);
});
