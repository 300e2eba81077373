/** `npm run test:e2e`: the platform on a real embedded cluster of its own, from nothing to nothing. */
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const files = process.argv.slice(2).map((name) => join(import.meta.dirname, `${name}.e2e.ts`));
const counts = { passed: 0, failed: 0 };
const stream = run({
  files: files.length > 0 ? files : [join(import.meta.dirname, "platform.e2e.ts")],
  isolation: "none",
  concurrency: false,
});
stream.on(
  "test:pass",
  (event) => (counts.passed += event.details.type === "suite" || event.skip !== undefined ? 0 : 1),
);
stream.on("test:fail", (event) => (counts.failed += event.details.type === "suite" ? 0 : 1));
stream.on("end", () => {
  process.on("exit", () => {
    console.log(`\n${String(counts.passed)} passed, ${String(counts.failed)} failed`);
  });
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
});
stream.compose(spec).pipe(createWriteStream("", { fd: 1 }));
