/** `npm test`: every check of the sources and every unit test. Needs the npm packages and nothing else. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const scratch = await mkdtemp(join(tmpdir(), "quintet-test-"));
const report = join(scratch, "jest.json");

/** Each counts as one, and shows its output only when it fails; the longest goes first. */
const checks = {
  lint: ["eslint", "."],
  format: ["prettier", "--check", "."],
  // ESLint's rules about types need the API of TypeScript 6, which is slower by far; both know the same language.
  types: ["node", "node_modules/typescript-7/bin/tsc", "--noEmit"],
} as const;

interface Ended {
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

/** Runs a program of `node_modules/.bin`, which run.mjs has put on the PATH. */
function run(command: readonly string[]): Promise<Ended> {
  const [program = "", ...args] = command;
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data: Buffer) => {
        output += data.toString();
      });
    }
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ ok: code === 0, output, seconds: (performance.now() - start) / 1000 });
    });
  });
}

/** What is used here of jest's `--json`. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Files that could not be run at all. */
  readonly numRuntimeErrorTestSuites: number;
  readonly numTotalTestSuites: number;
}

let [passed, failed] = [0, 0];

async function check(name: string, command: readonly string[]): Promise<void> {
  const { ok, output, seconds } = await run(command);
  if (ok) passed += 1;
  else failed += 1;
  console.log(`${name}: ${ok ? "passed" : "FAILED"} in ${seconds.toFixed(1)} s (${command.join(" ")})`);
  if (!ok) console.log(output);
}

async function unit(): Promise<void> {
  const { ok, output, seconds } = await run(["jest", "--json", `--outputFile=${report}`, ...process.argv.slice(2)]);
  const text = await readFile(report, "utf8").catch(() => undefined);
  if (text === undefined) {
    failed += 1;
    console.log(`unit tests: FAILED to start\n${output}`);
    return;
  }
  const result = JSON.parse(text) as Report;
  const broken = result.numFailedTests + result.numRuntimeErrorTestSuites;
  passed += result.numPassedTests;
  failed += broken === 0 && !ok ? 1 : broken;
  console.log(
    `unit tests: ${ok ? "passed" : "FAILED"} in ${seconds.toFixed(1)} s ` +
      `(${String(result.numPassedTests)} tests in ${String(result.numTotalTestSuites)} files)`,
  );
  if (!ok) console.log(output);
}

try {
  const start = performance.now();
  // Two at a time, each on one core; the last is jest, which fills two by itself.
  const queue = [...Object.entries(checks).map((one) => () => check(...one)), unit];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await next();
  };
  await Promise.all(Array.from({ length: Math.min(2, cpus().length) }, worker));
  console.log(`${((performance.now() - start) / 1000).toFixed(1)} s in all`);
  console.log(`${String(passed)} passed, ${String(failed)} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}
