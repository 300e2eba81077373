/** Reads Kubernetes objects out of files: manifests in YAML or JSON, and exported state of the engine. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { LineCounter, parseAllDocuments } from "yaml";
import { type KubernetesObject, objectsOfManifest, objectsOfResource } from "../policies/lib/object.ts";
import { at, property, text } from "../policies/lib/values.ts";
import { jsonLines, yamlLines } from "./policy-lines.ts";

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
    if (value !== undefined) return readValue(value, { file, lineOf: jsonLines(content) });
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(content, { lineCounter: lines });
  const readings = (Array.isArray(documents) ? documents : []).map((document): Reading => {
    const [error] = document.errors;
    if (error !== undefined)
      return { objects: [], problems: [`${file}: is no YAML: ${error.message.split("\n")[0] ?? ""}`] };
    return readValue(document.toJS() as unknown, { file, lineOf: yamlLines(document, lines) });
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

/** Where a text was read, whole: its paths begin at its own root. */
interface Text {
  readonly file: string;
  readonly lineOf: (path: string) => number;
}

function readValue(value: unknown, source: Text): Reading {
  if (value === null || value === undefined) return { objects: [], problems: [] }; // nothing between two separators
  for (const place of ["deployment.resources", "checkpoint.latest.resources"]) {
    const resources = at(value, ...place.split("."));
    if (Array.isArray(resources)) return readResources(resources, source, place);
  }
  if (at(value, "deployment") !== undefined || at(value, "checkpoint") !== undefined)
    return { objects: [], problems: [] };
  if (!Array.isArray(value)) return readManifest(value, source);
  if (value.length > 0 && value.every(isResource)) return readResources(value, source, "");
  const readings = value.map((one: unknown, index) => readManifest(one, within(source, `[${String(index)}].`)));
  return {
    objects: readings.flatMap(({ objects }) => objects),
    problems: readings.flatMap(({ problems }) => problems),
  };
}

function readManifest(value: unknown, source: Text): Reading {
  if (text(property(value, "kind")) !== undefined) return { objects: objectsOfManifest(value, source), problems: [] };
  return { objects: [], problems: [`${source.file}: holds what is no Kubernetes object, since it has no kind`] };
}

/** Whether it is a resource of the engine, as test/stacks has them of every stack. */
const isResource = (value: unknown): boolean =>
  text(property(value, "urn")) !== undefined && text(property(value, "type")) !== undefined;

/** The objects of resources: by their inputs, which is what the policies of the engine see. */
function readResources(resources: readonly unknown[], source: Text, place: string): Reading {
  const objects = resources.flatMap((resource, index) => {
    if (property(resource, "delete") === true) return []; // replaced, and on its way out
    const own = within(source, `${place}[${String(index)}].inputs.`);
    const urn = text(property(resource, "urn")) ?? "";
    return objectsOfResource(text(property(resource, "type")) ?? "", property(resource, "inputs"), { ...own, urn });
  });
  return { objects, problems: [] };
}

/** A part of a text, with the paths as they are in the part. */
const within = ({ file, lineOf }: Text, prefix: string): Text => ({ file, lineOf: (path) => lineOf(prefix + path) });
