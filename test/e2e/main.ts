/**
 * `npm run test:e2e` and `npm run test:long`: the files of tests by name, one after the other in a process of their own
 * each; a file's tests go on from where the one before has left.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { inspect } from "node:util";
import { showProgress } from "../../toolchain/display.ts";
import { ensureTools, groups } from "../../toolchain/index.ts";
import { enter, inside } from "../ssh/lab.ts";

interface Counts {
  passed: number;
  failed: number;
  /** What has failed and why, to be said once more at the end, where people look first. */
  readonly failures: string[];
}

const [own, long] = ["--own-process", "--long"];
const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));

/** The last line of each process, and of them all. */
const sum = ({ passed, failed }: Omit<Counts, "failures">) => `${String(passed)} passed, ${String(failed)} failed`;
const asSum = /^(\d+) passed, (\d+) failed$/;

/** The lines before it, one for each failure. */
const asFailure = /^failed: (".*")$/;

/** Runs each file by this program again, and prints the sum of their counts. */
async function runAll(): Promise<void> {
  const start = performance.now();
  await ensureTools([...groups, "istioctl"], { progress: showProgress() }); // one that is in no group
  console.log(`All tools are there after ${((performance.now() - start) / 1000).toFixed(1)} s.`);
  const all: Counts = { passed: 0, failed: 0, failures: [] };
  for (const name of names) {
    const { passed, failed, failures } = await runApart(name);
    all.passed += passed;
    all.failed += failed;
    all.failures.push(...failures.map((failure) => `${name}: ${failure}`));
  }
  for (const failure of all.failures) console.log(`\n✖ ${failure}`);
  console.log(`\n${sum(all)}`);
  process.exitCode = all.failed === 0 && all.passed > 0 ? 0 : 1;
}

async function runApart(name: string): Promise<Counts> {
  const args = [...process.execArgv, import.meta.filename, name, own, ...process.argv.filter((word) => word === long)];
  const env = { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) };
  const child = spawn(process.execPath, args, { stdio: ["inherit", "pipe", "inherit"], env });
  const failures: string[] = [];
  let counts: Counts | undefined;
  createInterface(child.stdout).on("line", (line) => {
    const [, passed, failed] = asSum.exec(line) ?? [];
    const [, failure] = asFailure.exec(line) ?? [];
    if (failure !== undefined) failures.push(JSON.parse(failure) as string);
    else if (passed === undefined) console.log(line);
    else counts = { passed: Number(passed), failed: Number(failed), failures };
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (counts !== undefined && (code === 0) === (counts.failed === 0 && counts.passed > 0)) return counts;
  failures.push(`the tests have ended with the exit code ${String(code)}.`);
  return { passed: counts?.passed ?? 0, failed: (counts?.failed ?? 0) + 1, failures };
}

async function runOne(name: string): Promise<void> {
  if (name === "k3s" && !inside()) await enter();
  const counts: Counts = { passed: 0, failed: 0, failures: [] };
  const stream = run({ files: [join(import.meta.dirname, `${name}.e2e.ts`)], isolation: "none", concurrency: false });
  stream.on(
    "test:pass",
    ({ details, skip }) => (counts.passed += details.type === "suite" || skip !== undefined ? 0 : 1),
  );
  stream.on("test:fail", ({ name: test, details }) => {
    if (details.type === "suite") return;
    counts.failed += 1;
    counts.failures.push(`${test}\n${inspect(details.error.cause)}`);
  });
  process.on("exit", () => {
    for (const failure of counts.failures) console.log(`failed: ${JSON.stringify(failure)}`);
    console.log(sum(counts));
    process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
  });
  stream.compose(spec).pipe(process.stdout);
}

const [only = "platform"] = names;
await (process.argv.includes(own) ? runOne(only) : runAll());
