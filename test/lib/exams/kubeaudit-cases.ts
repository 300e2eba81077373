/** Reads kubeaudit's own tests. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { manifestsIn } from "./manifests.ts";
import type { Case } from "./suite.ts";

/** A line of a table of its tests: a file and the names of the errors that are expected. */
export interface AuditLine {
  readonly file: string;
  readonly errors: readonly string[];
}

const line =
  /\{"(?<file>[\w-]+\.yml)",\s*(?:fixtureDir,\s*)?(?<set>(?:"[^"]*",\s*)*)(?:nil|\[\]string\{(?<errors>[^{}]*)\})/g;

/**
 * The lines in a Go test with the default configuration, and without what kubeaudit's own labels in the manifest change.
 *
 * @param source its text
 */
export function auditLinesIn(source: string): AuditLine[] {
  return [...source.matchAll(line)].flatMap(({ groups = {} }) => {
    const { file = "", set = "", errors = "" } = groups;
    const names = errors
      .split(/,(?![^(]*\))/)
      .map((name) => name.trim())
      .filter((name) => name !== "");
    const labelled = names.some((name) => name.startsWith("override.") || name.startsWith("kubeaudit."));
    const configured = [...set.matchAll(/"([^"]*)"/g)].some(([, value]) => value !== "");
    return labelled || configured ? [] : [{ file, errors: names }];
  });
}

/** Every auditor. */
export const checksOfKubeaudit = (folder: string): string[] =>
  readdirSync(join(folder, "auditors")).filter((name) => name !== "all");

/** All its cases. */
export const casesOfKubeaudit = (folder: string): Case[] =>
  checksOfKubeaudit(folder).flatMap((check) => {
    const own = join(folder, "auditors", check);
    const tests = readdirSync(own).filter((file) => file.endsWith("_test.go") && file !== "fix_test.go");
    const all = tests.flatMap((file) => auditLinesIn(readFileSync(join(own, file), "utf8")));
    return all.map(({ file, errors }) => ({
      check,
      name: file,
      manifests: manifestsIn(readFileSync(join(own, "fixtures", file), "utf8")),
      refused: errors.length > 0,
    }));
  });
