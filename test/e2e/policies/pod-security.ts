/** The Pod Security Standards by our own reading and by k8s.io/pod-security-admission: both must say the same. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { anySecuredPods } from "../../lib/secured-pods.ts";
import { securityOf, type Security } from "../../lib/security.ts";
import { linesOf, sourcesOf } from "./oracle.ts";

test("all fixtures of the newest version are let in, or not, as their folder says", async () => {
  const folder = join(await sourcesOf("k8s.io/pod-security-admission"), "test/testdata");
  const fixtures = (["baseline", "restricted"] as const).flatMap((level) => {
    const versions = readdirSync(join(folder, level)).sort((a, b) => Number(a.slice(3)) - Number(b.slice(3)));
    const newest = join(folder, level, versions.at(-1) ?? "");
    return (["pass", "fail"] as const).flatMap((side) =>
      readdirSync(join(newest, side)).map((file) => ({
        name: `${level} ${side} ${file}`,
        pod: parse(readFileSync(join(newest, side, file), "utf8")) as object,
        level,
        passes: side === "pass",
      })),
    );
  });
  const different = fixtures.filter(({ pod, level, passes }) => securityOf(pod)[level] !== passes);
  const right = fixtures.length - different.length;
  console.log(`pod security, fixtures: ${String(right)} of ${String(fixtures.length)}`);
  assert.equal(fixtures.length, 148);
  assert.deepEqual(
    different.map(({ name }) => name),
    [],
  );
});

test("10,000 random pods break the checks that they break for Kubernetes", async () => {
  const pods = fc.sample(anySecuredPods, { numRuns: 10_000, seed: 20_261_123 });
  const answers = await linesOf<Security>("policy-oracle", "pod-security", pods);
  assert.equal(answers.length, pods.length);
  const different = pods.flatMap((pod, index) => {
    const [ours, theirs] = [securityOf(pod), answers[index]];
    const same =
      ours.baseline === theirs?.baseline &&
      ours.restricted === theirs.restricted &&
      ours.failed.toSorted().join() === theirs.failed.toSorted().join();
    return same ? [] : [JSON.stringify({ pod, ours, theirs })];
  });
  const count = (level: "baseline" | "restricted") => answers.filter((answer) => answer[level]).length;
  const figures = `${String(pods.length)}, ${String(count("baseline"))} keep to baseline, ${String(count("restricted"))} to restricted`;
  console.log(`pod security, random pods: ${figures}, differences: ${String(different.length)}`);
  assert.ok(count("restricted") > 100 && count("baseline") < pods.length - 100, "some keep to it, and some do not");
  assert.deepEqual(different.slice(0, 3), []);
});
