import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { anyPodSpecs } from "../../../lib/pods.ts";
import { type Classes, classesOf } from "../../../lib/qos.ts";

/** Random pods with what Kubernetes says of them: test/e2e/policies.e2e.ts writes it with QUINTET_WRITE_GOLDEN=1. */
const golden = readFileSync(join(import.meta.dirname, "qos-class.expected.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as { readonly spec: object; readonly answer: Classes });

test("is what Kubernetes says, for some hundred pods of every class", () => {
  expect(golden.length).toBeGreaterThanOrEqual(300);
  expect(new Set(golden.map(({ answer }) => answer.kept)).size).toBe(3);
  for (const { spec, answer } of golden) expect({ spec, answer: classesOf(spec) }).toEqual({ spec, answer });
});

const amounts = { cpu: "100m", memory: "64Mi" };
const pod = (resources: object, more = {}) => ({ containers: [{ name: "app", resources }], ...more });

test.each([
  ["a limit alone, which is requested, too", pod({ limits: amounts }), "Burstable", "Guaranteed"],
  ["a request of zero", pod({ requests: { cpu: "0", memory: "0" } }), "BestEffort", "BestEffort"],
  ["a limit for memory alone", pod({ limits: { memory: "64Mi" } }), "Burstable", "Burstable"],
  [
    "what is below a thousandth",
    pod({ requests: { ...amounts, cpu: "1n" }, limits: { ...amounts, cpu: "1m" } }),
    "Burstable",
    "Guaranteed",
  ],
  ["an amount that is none", pod({ limits: { cpu: "much" } }), undefined, undefined],
])("%s", (_, spec, written, kept) => {
  expect(classesOf(spec)).toEqual({ written, kept });
});

test("ephemeral containers change nothing, and any other container that asks for nothing ends Guaranteed", () => {
  fc.assert(
    fc.property(anyPodSpecs, (spec) => {
      const without = { ...spec, ephemeralContainers: undefined };
      expect(classesOf({ ...without, ephemeralContainers: [{ name: "shell" }] })).toEqual(classesOf(without));
      if (spec.resources !== undefined) return;
      const more = { ...spec, containers: [...spec.containers, { name: "log" }] };
      expect(classesOf(more).kept).not.toBe("Guaranteed");
    }),
    { numRuns: 200 },
  );
});
