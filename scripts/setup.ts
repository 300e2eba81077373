/** `npm run setup [-- --only engine,nodes]`: gets every tool, or those of some groups. */
import { Command } from "commander";
import { type Group, cacheDir, ensureTools, groups } from "../toolchain/index.ts";
import { showProgress } from "../toolchain/display.ts";
import { duration } from "../toolchain/progress.ts";

const isGroup = (name: string): name is Group => groups.some((group) => group === name);

const { only } = new Command("setup")
  .description("gets the tools that the project runs with")
  .option("--only <groups>", `comma-separated: ${groups.join(", ")}`, groups.join(","))
  .parse()
  .opts<{ only: string }>();

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    interrupted.abort();
  });
}

const start = performance.now();
try {
  const names = only.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !isGroup(name));
  if (unknown !== undefined) throw new Error(`There is no group "${unknown}". There are: ${groups.join(", ")}.`);
  const paths = await ensureTools(names.filter(isGroup), { progress: showProgress(), signal: interrupted.signal });
  const count = Object.keys(paths).length;
  console.log(`${String(count)} tools are in ${cacheDir()} (${duration((performance.now() - start) / 1000)}).`);
} catch (error) {
  console.error(interrupted.signal.aborted ? "Stopped. What is done stays done." : (error as Error).message);
  process.exitCode = 1;
}
