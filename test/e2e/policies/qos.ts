/** The QoS class by our own reading and by Kubernetes' own code: both must say the same. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { anyPodSpecs } from "../../lib/pods.ts";
import { type Classes, classesOf } from "../../lib/qos.ts";
import { linesOf, ownTable } from "./oracle.ts";

const goldenFile = join(import.meta.dirname, "../../policies/lib/qos/qos-class.expected.jsonl");

test("10,000 random pods are of the class that Kubernetes computes, as written and as kept", async () => {
  const specs = fc.sample(anyPodSpecs, { numRuns: 10_000, seed: 20_261_121 });
  const answers = await linesOf<Classes>(
    "policy-oracle",
    "qos",
    specs.map((spec) => ({ spec })),
  );
  assert.equal(answers.length, specs.length);
  const different = specs.flatMap((spec, index) => {
    const [ours, theirs] = [classesOf(spec), answers[index]];
    return ours.written === theirs?.written && ours.kept === theirs?.kept ? [] : [{ spec, ours, theirs }];
  });
  console.log(`QoS, random pods: ${String(specs.length)}, differences: ${String(different.length)}`);
  assert.deepEqual(different.slice(0, 3), []);
  if (process.env["QUINTET_WRITE_GOLDEN"] === undefined) return;
  const golden = specs.slice(0, 400).map((spec, index) => ({ spec, answer: answers[index] }));
  writeFileSync(goldenFile, golden.map((one) => `${JSON.stringify(one)}\n`).join(""));
});

test("all cases of Kubernetes' own test are of the class that it expects", async () => {
  const cases = await ownTable<{ readonly pod: { readonly spec: object }; readonly answer: string }>({
    module: "k8s.io/kubernetes",
    package: "pkg/apis/core/v1/helper/qos",
    asked: "ComputePodQOS",
    test: "TestComputePodQOS",
    standIn: `
import v1 "k8s.io/api/core/v1"

func ComputePodQOS(pod *v1.Pod) v1.PodQOSClass {
	answer := computePodQOS(pod)
	record(map[string]any{"pod": pod, "answer": answer})
	return answer
}
`,
  });
  const different = cases.filter(({ pod, answer }) => classesOf(pod.spec).written !== answer);
  console.log(`QoS, Kubernetes' own table: ${String(cases.length - different.length)} of ${String(cases.length)}`);
  assert.equal(cases.length, 20);
  assert.deepEqual(different, []);
});
