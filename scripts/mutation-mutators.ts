/** By which changes Stryker mutates: by its own, or by those of CEL. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expressions, type Mutator } from "./mutation-expressions.ts";
import type { Run } from "./mutation-plan.ts";

const ofStryker = createRequire(import.meta.resolve("@stryker-mutator/core"));

/**
 * Stryker takes no mutators of others, yet looks into this list whenever it begins. It is no part of what the package
 * offers: an update that moves it fails here.
 */
const file = join(ofStryker.resolve("@stryker-mutator/instrumenter"), "../mutators/mutate.js");
const { allMutators: list } = (await import(pathToFileURL(file).href)) as { readonly allMutators: Mutator[] };
const own: readonly Mutator[] = [...list];

/** From now on Stryker changes the code, or the expressions of CEL in it. */
export function changeBy(changes: Run["changes"]): void {
  list.splice(0, list.length, ...(changes === "code" ? own : [expressions]));
}
