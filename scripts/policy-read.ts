/** Reads Kubernetes objects out of files: manifests in YAML or JSON, and exported state of the engine. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Document, isNode, LineCounter, parseAllDocuments } from "yaml";
import { type KubernetesObject, objectsOfManifest, objectsOfResource } from "../policies/lib/object.ts";
import { at, list, property, text } from "../policies/lib/values.ts";

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
      return readText(readFileSync(file === "-" ? 0 : file, "utf8"), file);
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
  if (/^\s*[[{]/.test(content)) {
    const value = jsonOf(content);
    if (value !== undefined) return readValue(value, { file });
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(content, { lineCounter: lines });
  const readings = (Array.isArray(documents) ? documents : []).map((document): Reading => {
    const [error] = document.errors;
    if (error !== undefined)
      return { objects: [], problems: [`${file}: is no YAML: ${error.message.split("\n")[0] ?? ""}`] };
    const lineOf = (path: string) => lines.linePos(offsetOf(document, path)).line;
    return readValue(document.toJS() as unknown, { file, lineOf });
  });
  return {
    objects: readings.flatMap(({ objects }) => objects),
    problems: readings.flatMap(({ problems }) => problems),
  };
}

/** The value of a JSON text; `undefined` when it is none, since YAML has braces, too. */
function jsonOf(content: string): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch {
    return undefined;
  }
}

function readValue(
  value: unknown,
  source: { readonly file: string; readonly lineOf?: (path: string) => number },
): Reading {
  if (value === null || value === undefined) return { objects: [], problems: [] }; // nothing between two separators
  const resources = at(value, "deployment", "resources") ?? at(value, "checkpoint", "latest", "resources");
  if (Array.isArray(resources)) return { objects: resources.flatMap((one) => ofState(one, source.file)), problems: [] };
  if (at(value, "deployment") !== undefined || at(value, "checkpoint") !== undefined)
    return { objects: [], problems: [] };
  const manifests = Array.isArray(value) ? (value as unknown[]) : [value];
  const strangers = manifests.filter((one) => text(property(one, "kind")) === undefined);
  return {
    objects: manifests.flatMap((one) => objectsOfManifest(one, source)),
    problems: strangers.map(() => `${source.file}: holds what is no Kubernetes object, since it has no kind`),
  };
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
