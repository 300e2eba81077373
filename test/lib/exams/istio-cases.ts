/** Reads the tests of Istio's analyzers. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { objectsOfManifest } from "../../../policies/lib/object.ts";
import { manifestsIn } from "./manifests.ts";
import type { Case } from "./suite.ts";

/** One test: its files, its analyzer and the objects that are to be told of. */
export interface Analysis {
  readonly name: string;
  readonly files: readonly string[];
  readonly analyzer: string;
  /** As in "VirtualService default/reviews"; without a namespace where the test says none. */
  readonly told: readonly string[];
}

const test =
  /name: +"(?<name>[^"]+)",\s+inputFiles: +\[\]string\{(?<files>[^}]*)\},\s+(?<config>\w+: +"[^"]*",\s+)*analyzer: +&(?<analyzer>\w+\.\w+)\{\},\s+expected: +\[\]message\{(?<told>(?:\s|\/\/[^\n]*\n|\{[^}]*\},?)*)\}/g;

/**
 * The tests in the table, those with a configuration of the mesh left out.
 *
 * @param source the text of analyzers_test.go
 */
export function analysesIn(source: string): Analysis[] {
  return [...source.matchAll(test)].flatMap(({ groups = {} }) => {
    const { name = "", files = "", config, analyzer = "", told = "" } = groups;
    if (config !== undefined) return [];
    const texts = (list: string, pattern: RegExp) => [...list.matchAll(pattern)].map(([, text = ""]) => text);
    const messages = texts(told.replaceAll(/\/\/[^\n]*/g, ""), /"([^"]+)"/g);
    return [{ name, files: texts(files, /"([^"]+)"/g), analyzer, told: messages }];
  });
}

const folderOf = (folder: string) => join(folder, "pkg/config/analysis/analyzers");
const analysesOf = (folder: string) => analysesIn(readFileSync(join(folderOf(folder), "analyzers_test.go"), "utf8"));

/** Every analyzer that the table asks. */
export const checksOfIstio = (folder: string): string[] => [
  ...new Set(analysesOf(folder).map(({ analyzer }) => analyzer)),
];

/** A case for each object of a kind that the analyzer tells of: whether it tells of that one. */
export function casesOfIstio(folder: string): Case[] {
  const all = analysesOf(folder);
  const kinds = Map.groupBy(
    all.flatMap(({ analyzer, told }) => told.map((one) => ({ analyzer, kind: one.split(" ")[0] ?? "" }))),
    ({ analyzer }) => analyzer,
  );
  return all.flatMap(({ name, files, analyzer, told }) => {
    const manifests = files.flatMap((file) => manifestsIn(readFileSync(join(folderOf(folder), file), "utf8")));
    const asked = new Set(kinds.get(analyzer)?.map(({ kind }) => kind));
    const objects = manifests.flatMap((one) => objectsOfManifest(one)).filter(({ kind }) => asked.has(kind));
    return objects.map((object) => {
      const place = object.namespace === undefined ? object.name : `${object.namespace}/${object.name}`;
      const titles = [place, object.name, `default/${object.name}`].map((one) => `${object.kind} ${one}`);
      const refused = told.some((one) =>
        (object.namespace ?? "default") === "default" ? titles.includes(one) : one === titles[0],
      );
      const { kind, namespace } = object;
      const of = { kind, name: object.name, ...(namespace === undefined ? {} : { namespace }) };
      return { check: analyzer, name: `${name}: ${kind} ${place}`, manifests, refused, of };
    });
  });
}
