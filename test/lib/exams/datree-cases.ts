/** Reads datree's own tests. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { at, list, property, text } from "../../../policies/lib/values.ts";
import { manifestsIn } from "./manifests.ts";
import type { Case } from "./suite.ts";

/** The default rules in a text: their names by the numbers that tests have. */
export function rulesIn(source: string): ReadonlyMap<string, string> {
  const rules = manifestsIn(source).flatMap((document) => list(at(document, "rules")));
  return new Map(
    rules.map((rule) => [text(property(rule, "id")) ?? "", text(property(rule, "uniqueName")) ?? ""] as const),
  );
}

const defaultRules = (folder: string) =>
  rulesIn(readFileSync(join(folder, "pkg/defaultRules/defaultRules.yaml"), "utf8"));

/** Every default rule. */
export const checksOfDatree = (folder: string): string[] => [...defaultRules(folder).values()];

/** All its cases: a file of `pass` or of `fail` each, but for one whose list is indented as YAML does not allow. */
export const casesOfDatree = (folder: string): Case[] =>
  [...defaultRules(folder)].flatMap(([id, check]) => {
    const own = join(folder, "pkg/policy/tests", id);
    const files = readdirSync(own, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".yaml"));
    return files
      .filter((file) => file !== "pass/60-pass.yaml")
      .sort()
      .map((file) => ({
        check,
        name: file,
        manifests: manifestsIn(readFileSync(join(own, file), "utf8")),
        refused: file.startsWith("fail"),
      }));
  });
