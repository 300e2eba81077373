/** The QoS class by our own reading and by Kubernetes' own code, which tools/policy-oracle runs: both must say the same. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import fc from "fast-check";
import { defaultToolbox } from "../../toolchain/cache.ts";
import { findGo } from "../../toolchain/go.ts";
import { ensureTools } from "../../toolchain/index.ts";
import { anyPodSpecs } from "../lib/pods.ts";
import { type Classes, classesOf } from "../lib/qos.ts";

const module = join(import.meta.dirname, "../../tools/policy-oracle");
const goldenFile = join(import.meta.dirname, "../policies/lib/qos-class.expected.jsonl");

/** What Kubernetes says of pods. */
async function answersOf(specs: readonly object[]): Promise<Classes[]> {
  const tools = await ensureTools(["policy-oracle"]);
  const oracle = spawn(tools["policy-oracle"], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = text(oracle.stdout);
  oracle.stdin.end(specs.map((spec) => `${JSON.stringify({ spec })}\n`).join(""));
  return (await answers)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Classes);
}

test("10,000 random pods are of the class that Kubernetes computes, as written and as kept", async () => {
  const specs = fc.sample(anyPodSpecs, { numRuns: 10_000, seed: 20_261_121 });
  const answers = await answersOf(specs);
  assert.equal(answers.length, specs.length);
  const different = specs.flatMap((spec, index) => {
    const [ours, theirs] = [classesOf(spec), answers[index]];
    return ours.written === theirs?.written && ours.kept === theirs?.kept ? [] : [{ spec, ours, theirs }];
  });
  console.log(`random pods: ${String(specs.length)}, differences: ${String(different.length)}`);
  assert.deepEqual(different.slice(0, 3), []);
  if (process.env["QUINTET_WRITE_GOLDEN"] === undefined) return;
  const golden = specs.slice(0, 400).map((spec, index) => ({ spec, answer: answers[index] }));
  writeFileSync(goldenFile, golden.map((one) => `${JSON.stringify(one)}\n`).join(""));
});

/**
 * The pods of Kubernetes' own test are arguments inside of it. So its package is compiled as it is, in a folder of its
 * own, but for ComputePodQOS, which also writes down whom it was asked about. Where the test passes, what it answered is
 * what the test expects.
 */
async function ownTable(): Promise<{ readonly pod: { readonly spec: object }; readonly answer: string }[]> {
  const go = await findGo(defaultToolbox(), AbortSignal.timeout(60_000));
  const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" };
  const call = (args: readonly string[], cwd: string, more: NodeJS.ProcessEnv = {}): string => {
    const { status, stdout, stderr } = spawnSync(go, args, { cwd, env: { ...env, ...more }, encoding: "utf8" });
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    return stdout.trim();
  };
  const sources = join(
    call(["list", "-m", "-f", "{{.Dir}}", "k8s.io/kubernetes"], module),
    "pkg/apis/core/v1/helper/qos",
  );
  const work = mkdtempSync(join(tmpdir(), "quintet-qos-"));
  try {
    for (const file of ["go.mod", "go.sum"]) copyFileSync(join(module, file), join(work, file));
    const original = readFileSync(join(sources, "qos.go"), "utf8");
    writeFileSync(join(work, "qos.go"), original.replace("func ComputePodQOS(", "func computePodQOS("));
    copyFileSync(join(sources, "qos_test.go"), join(work, "qos_test.go"));
    writeFileSync(join(work, "recording.go"), recording);
    const cases = join(work, "cases.jsonl");
    call(
      [
        "test",
        "-mod=readonly",
        "-trimpath",
        "-gcflags=all=-dwarf=false",
        "-count=1",
        "-run",
        "^TestComputePodQOS$",
        ".",
      ],
      work,
      { QOS_CASES: cases },
    );
    return readFileSync(cases, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { pod: { spec: object }; answer: string });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const recording = `package qos

import (
	"encoding/json"
	"os"

	v1 "k8s.io/api/core/v1"
)

func ComputePodQOS(pod *v1.Pod) v1.PodQOSClass {
	answer := computePodQOS(pod)
	line, err := json.Marshal(map[string]any{"pod": pod, "answer": answer})
	if err != nil {
		panic(err)
	}
	file, err := os.OpenFile(os.Getenv("QOS_CASES"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	if _, err := file.Write(append(line, '\\n')); err != nil {
		panic(err)
	}
	return answer
}
`;

test("all cases of Kubernetes' own test are of the class that it expects", async () => {
  const cases = await ownTable();
  const different = cases.filter(({ pod, answer }) => classesOf(pod.spec).written !== answer);
  console.log(`Kubernetes' own table: ${String(cases.length - different.length)} of ${String(cases.length)}`);
  assert.equal(cases.length, 20);
  assert.deepEqual(different, []);
});
