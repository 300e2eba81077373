/** Reads Kubernetes objects out of files: manifests in YAML or JSON, and exported state of the engine. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Document, isNode } from "yaml";
import { type KubernetesObject, objectsOfManifest, objectsOfResource } from "../policies/lib/object.ts";
import { pathTo } from "../policies/lib/unknown.ts";
import { at, list, property, text } from "../policies/lib/values.ts";
import { documentsIn, textIn } from "./policy-text.ts";

/** What was read, and what could not be. */
export interface Reading {
  readonly objects: readonly KubernetesObject[];
  /** Each in a sentence that starts with the file. */
  readonly problems: readonly string[];
}

/** The files that a list of files and folders stands for: of a folder all that ends in .yaml, .yml or .json. */
export function filesOf(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (path === "-" || !(statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)) return [path];
    return readdirSync(path, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .sort()
      .map((name) => join(path, name));
  });
}

/** The objects of files; "-" is the standard input. */
export function readFiles(paths: readonly string[]): Reading {
  const readings = filesOf(paths).map((file): Reading => {
    try {
      return readText(textIn(readFileSync(file === "-" ? 0 : file)), file);
    } catch (error) {
      return { objects: [], problems: [`${file}: cannot be read: ${(error as Error).message}`] };
    }
  });
  return {
    objects: readings.flatMap(({ objects }) => objects),
    problems: readings.flatMap(({ problems }) => problems),
  };
}

/**
 * The objects in a text.
 *
 * @param file what messages call it
 */
export function readText(content: string, file: string): Reading {
  const readings = documentsIn(content).map(({ value, problems, yaml }): Reading => {
    const source =
      yaml === undefined
        ? { file }
        : { file, lineOf: (path: string) => yaml.lines.linePos(offsetOf(yaml.document, path)).line };
    const read = readValue(value, source);
    return { objects: read.objects, problems: [...problems.map((problem) => `${file}: ${problem}`), ...read.problems] };
  });
  return {
    objects: readings.flatMap(({ objects }) => objects),
    problems: readings.flatMap(({ problems }) => problems),
  };
}

function readValue(
  value: unknown,
  source: { readonly file: string; readonly lineOf?: (path: string) => number },
): Reading {
  if (value === null || value === undefined) return { objects: [], problems: [] }; // nothing between two separators
  const isManifest = text(property(value, "kind")) !== undefined;
  const state = isManifest ? undefined : (property(value, "deployment") ?? at(value, "checkpoint", "latest"));
  if (state !== undefined) {
    const resources = property(state, "resources") ?? [];
    if (Array.isArray(resources))
      return { objects: resources.flatMap((one) => ofState(one, source.file)), problems: [] };
    return { objects: [], problems: [`${source.file}: holds a state whose resources are no list`] };
  }
  const manifests = Array.isArray(value) ? (value as unknown[]) : [value];
  const strangers = manifests.flatMap((one) => strangersIn(one));
  return {
    objects: manifests.flatMap((one) => objectsOfManifest(one, source)),
    problems: strangers.map(
      (place) => `${source.file}: holds what is no Kubernetes object, since ${place} has no kind`,
    ),
  };
}

/** Where there is something without a kind: only in a list of one kind items need not say theirs. */
function strangersIn(value: unknown, path = ""): string[] {
  const [kind, items] = [text(property(value, "kind")), property(value, "items")];
  if (kind === undefined) return [path === "" ? "it" : path];
  if (kind !== "List" || !Array.isArray(items)) return [];
  return items.flatMap((item: unknown, index) => strangersIn(item, pathTo(pathTo(path, "items"), index)));
}

/** The objects of one resource of the state: by its inputs, which is what the policies of the engine see. */
function ofState(resource: unknown, file: string): KubernetesObject[] {
  const urn = text(property(resource, "urn")) ?? "";
  if (property(resource, "delete") === true) return []; // replaced, and on its way out
  return objectsOfResource(text(property(resource, "type")) ?? "", property(resource, "inputs"), { file, urn });
}

/** Where in a document the last part of a path is that is there. */
function offsetOf(document: Document.Parsed, path: string): number {
  const keys = [...path.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(([, quoted, index, word]) =>
    index === undefined ? (quoted ?? word ?? "") : Number(index),
  );
  for (let length = keys.length; length > 0; length -= 1) {
    const node = document.getIn(keys.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return list(document.contents?.range).map(Number)[0] ?? 0;
}
