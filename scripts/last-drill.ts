/** The last drill of an environment's snapshots, as this machine knows it. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DrillResult } from "../backup/verdict.ts";
import { replaceFile } from "../replace-file.ts";
import { cacheDir } from "../toolchain/index.ts";

const fileOf = (stack: string) => join(cacheDir(), "stacks", stack, "drill.json");

/** Keeps what a drill has found, for the changes that build on it. */
export function keepDrill(stack: string, result: DrillResult): void {
  const file = fileOf(stack);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  replaceFile(file, JSON.stringify(result, undefined, 2), 0o600);
}

/** What {@link keepDrill} was told last; undefined where nothing was drilled. */
export const lastDrill = (stack: string): DrillResult | undefined =>
  existsSync(fileOf(stack)) ? (JSON.parse(readFileSync(fileOf(stack), "utf8")) as DrillResult) : undefined; // keepDrill's own
