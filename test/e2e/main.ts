/** `npm run test:e2e` and `npm run test:long`: one file of tests, each going on from where the one before has left. */
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { showProgress } from "../../toolchain/display.ts";
import { ensureTools, groups } from "../../toolchain/index.ts";

const start = performance.now();
await ensureTools(groups, { progress: showProgress() });
console.log(`All tools are there after ${((performance.now() - start) / 1000).toFixed(1)} s.`);

const [name = "platform"] = process.argv.slice(2);
const counts = { passed: 0, failed: 0 };
const stream = run({
  files: [join(import.meta.dirname, `${name}.e2e.ts`)],
  isolation: "none",
  concurrency: false,
});
stream.on(
  "test:pass",
  (event) => (counts.passed += event.details.type === "suite" || event.skip !== undefined ? 0 : 1),
);
stream.on("test:fail", (event) => (counts.failed += event.details.type === "suite" ? 0 : 1));
process.on("exit", () => {
  console.log(`\n${String(counts.passed)} passed, ${String(counts.failed)} failed`);
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
});
stream.compose(spec).pipe(process.stdout);
