/** `npm run mutation [-- PACKS]`: whether the tests of the rules notice each small change of a rule. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { Argument, Command } from "commander";
import { format } from "prettier";
import { table } from "../table.ts";
import { cacheDir } from "../toolchain/cache.ts";
import { changeBy } from "./mutation-mutators.ts";
import { optionsOf, type Run, runsOf } from "./mutation-plan.ts";
import { percentOf, readScores, type Score, scoreOf, scoresFile, sumOf, threshold } from "./mutation-scores.ts";

const root = join(import.meta.dirname, "..");
const runs = runsOf(root);
const names = runs.map(({ name }) => name);

/** Asks Stryker, which says what no test has noticed. */
async function scoreOfRun({ changes, parts }: Run, force: boolean): Promise<Score> {
  changeBy(changes);
  const scores: Score[] = [];
  for (const part of parts) {
    console.log(`${part.name}: ${part.mutate.join(" ")}`);
    const results = await new Stryker({ ...optionsOf(part, join(cacheDir(), "mutation")), force }).runMutationTest();
    scores.push(scoreOf(results));
  }
  return sumOf(scores);
}

const program = new Command("mutation")
  .description("Changes the rules in small ways, one at a time, and says which changes no test notices.")
  .addArgument(
    new Argument(
      "[packs...]",
      "the packs; cel, labels and lib for what they share, expressions for CEL (default: all)",
    ).choices(names),
  )
  .option("--anew", "asks about every mutant again, also where nothing seems to have changed")
  .addHelpText("after", `\nWhat was noticed is written to ${scoresFile}, for docs/policies.md.`)
  .action(async (packs: readonly string[], { anew: force = false }: { readonly anew?: boolean }) => {
    process.chdir(root);
    const asked = packs.length === 0 ? names : packs;
    for (const run of runs.filter(({ name }) => asked.includes(name))) {
      const score = { ...(await scoreOfRun(run, force)), on: new Date().toISOString().slice(0, 10) };
      const text = JSON.stringify({ ...readScores(), [run.name]: score });
      writeFileSync(join(root, scoresFile), await format(text, { filepath: scoresFile, printWidth: 120 }));
    }
    const scores = Object.entries(readScores()).filter(([name]) => asked.includes(name));
    const [all, rows] = [sumOf(scores.map(([, score]) => score)), scores];
    const columns = [
      ["pack", ...rows.map(([name]) => name), "all"],
      ["mutants", ...rows.map(([, { mutants }]) => String(mutants)), String(all.mutants)],
      ["survived", ...rows.map(([, { survived }]) => String(survived)), String(all.survived)],
      ["score", ...rows.map(([, score]) => `${percentOf(score)} %`), `${percentOf(all)} %`],
    ];
    for (const line of table(columns)) console.log(line);
    if (Number(percentOf(all)) >= threshold) return;
    console.error(
      `Below ${String(threshold)} %: above, each survivor says its file and its line. Write the case that notices it, or take out what it shows to be of no use.`,
    );
    process.exitCode = 1;
  });

await program.parseAsync();
