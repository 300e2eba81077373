/** What mutation testing of the rules has found out, which is kept for docs/policies.md. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MutantResult } from "@stryker-mutator/api/core";
import { z } from "zod";

/** The share of mutants that tests have to notice, in percent. */
export const threshold = 90;

/** Where the last score of each run is kept, from the checkout. */
export const scoresFile = "test/policies/mutation.json";

/** How many mutants there were, and how many no test has noticed. */
export interface Score {
  readonly mutants: number;
  readonly survived: number;
}

const amount = z.int().min(0);
const schema = z.record(z.string(), z.strictObject({ mutants: amount, survived: amount, on: z.iso.date() }));

/** The last score of each run, with its day. */
export type Scores = z.infer<typeof schema>;

/** The scores that are kept; none before the first run. */
export function readScores(): Scores {
  const file = join(import.meta.dirname, "..", scoresFile);
  return existsSync(file) ? schema.parse(JSON.parse(readFileSync(file, "utf8"))) : {};
}

/** What came out: what does not run or is left out counts for nothing, and a run that hangs is noticed. */
export function scoreOf(results: readonly Pick<MutantResult, "status">[]): Score {
  const count = (...statuses: readonly MutantResult["status"][]) =>
    results.filter(({ status }) => statuses.includes(status)).length;
  const survived = count("Survived", "NoCoverage");
  return { mutants: survived + count("Killed", "Timeout"), survived };
}

/** Several scores as one. */
export const sumOf = (scores: readonly Score[]): Score => ({
  mutants: scores.reduce((sum, { mutants }) => sum + mutants, 0),
  survived: scores.reduce((sum, { survived }) => sum + survived, 0),
});

/** The share that was noticed, in percent with one digit, never rounded up; all of none. */
export const percentOf = ({ mutants, survived }: Score): string =>
  (mutants === 0 ? 100 : Math.floor(((mutants - survived) / mutants) * 1000) / 10).toFixed(1);
