/** Reads kube-score's own tests. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { manifestsIn } from "./manifests.ts";
import type { Case } from "./suite.ts";

/** A call of its test function: a file, a check and the grade that is expected. */
export interface Expectation {
  readonly file: string;
  readonly check: string;
  readonly grade: string;
}

const call =
  /testExpectedScore(?:WithConfig)?\(\s*t,(?<files>[^,]*),(?<config>(?:(?!testExpectedScore).)*?)"(?<check>[^"]+)",\s*(?:scorecard\.)?(?<grade>Grade\w+|0)\s*\)/gsu;

/** What it asks for is configured: less than it asks for by default. */
const configured = /Ignore\w+: +true|MinReplicas\w+: +(?!2,)|IgnoredTests/;

/**
 * The calls in a Go test.
 *
 * @param source its text
 */
export function expectationsIn(source: string): Expectation[] {
  return source.split(/^func /m).flatMap((body) => {
    const versions = [...(/range \[\]string\{([^}]*)\}/.exec(body)?.[1] ?? "").matchAll(/"([^"]*)"/g)].map(
      ([, version = ""]) => version,
    );
    return [...body.matchAll(call)].flatMap(({ groups = {} }) => {
      const { files = "", config = "", check = "", grade = "" } = groups;
      if (configured.test(config)) return [];
      const [, file = ""] = /"(.*\.yaml)"/.exec(files) ?? [];
      const names = file.includes('"+v+"') ? versions.map((version) => file.replace('"+v+"', version)) : [file];
      return names.map((name) => ({ file: name, check, grade }));
    });
  });
}

/** Every check that is registered. */
export function checksOfKubeScore(folder: string): string[] {
  const sources = readdirSync(join(folder, "score"), { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".go") && !file.endsWith("_test.go"),
  );
  return sources.flatMap((file) =>
    [...readFileSync(join(folder, "score", file), "utf8").matchAll(/\.Register\w+Check\("([^"]+)"/g)].map(
      ([, check = ""]) => check,
    ),
  );
}

/** All its cases, each file once for each check. */
export function casesOfKubeScore(folder: string): Case[] {
  const tests = readdirSync(join(folder, "score")).filter((file) => file.endsWith("_test.go"));
  const all = tests.flatMap((file) => expectationsIn(readFileSync(join(folder, "score", file), "utf8")));
  const once = new Map(all.map((one) => [`${one.check}: ${one.file}`, one]));
  return [...once.values()].map(({ file, check, grade }) => ({
    check,
    name: file,
    manifests: manifestsIn(readFileSync(join(folder, "score/testdata", file), "utf8")),
    refused: grade === "GradeWarning" || grade === "GradeCritical",
  }));
}
