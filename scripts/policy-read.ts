/** Reads Kubernetes objects out of files: manifests in YAML or JSON, and exported state of the engine. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type KubernetesObject, objectsOfManifest, objectsOfResource, type Source } from "../policies/lib/object.ts";
import { pathTo } from "../policies/lib/unknown.ts";
import { at, entries, list, property, text } from "../policies/lib/values.ts";
import type { LineOf } from "./policy-lines.ts";
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
  const readings = documentsIn(content).map(({ value, problems, lineOf }): Reading => {
    const read = readValue(value, { file, lineOf });
    return { objects: read.objects, problems: [...problems.map((problem) => `${file}: ${problem}`), ...read.problems] };
  });
  return {
    objects: readings.flatMap(({ objects }) => objects),
    problems: readings.flatMap(({ problems }) => problems),
  };
}

/** Where a text was read, whole: its paths begin at its own root. */
interface Text {
  readonly file: string;
  readonly lineOf: LineOf;
}

function readValue(value: unknown, source: Text): Reading {
  if (value === null || value === undefined) return { objects: [], problems: [] }; // nothing between two separators
  if (Array.isArray(value) && value.length > 0 && value.every(isResource)) return readResources(value, source, "");
  const isManifest = text(property(value, "kind")) !== undefined;
  const place = ["deployment", "checkpoint.latest"].find((one) => at(value, ...one.split(".")) !== undefined);
  if (!isManifest && place !== undefined) {
    const resources = at(value, ...place.split("."), "resources") ?? [];
    if (Array.isArray(resources)) return readResources(resources, source, `${place}.resources`);
    return { objects: [], problems: [`${source.file}: holds a state whose resources are no list`] };
  }
  if (!Array.isArray(value)) return readManifest(value, source);
  const readings = value.map((one: unknown, index) => readManifest(one, within(source, `[${String(index)}].`)));
  return {
    objects: readings.flatMap(({ objects }) => objects),
    problems: readings.flatMap(({ problems }) => problems),
  };
}

function readManifest(value: unknown, source: Text): Reading {
  const problems = strangersIn(value).map(
    (place) => `${source.file}: holds what is no Kubernetes object, since ${place} has no kind`,
  );
  return { objects: objectsOfManifest(value, source), problems };
}

/** Where there is something without a kind: only in a list of one kind items need not say theirs. */
function strangersIn(value: unknown, path = ""): string[] {
  const [kind, items] = [text(property(value, "kind")), property(value, "items")];
  if (kind === undefined) return [path === "" ? "it" : path];
  if (kind !== "List" || !Array.isArray(items)) return [];
  return items.flatMap((item: unknown, index) => strangersIn(item, pathTo(pathTo(path, "items"), index)));
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
    const type = text(property(resource, "type")) ?? "";
    return objectsOfResource(type, property(resource, "inputs"), { ...own, urn, ...usesOf(resource) });
  });
  return { objects, problems: [] };
}

/** What a resource's properties come from, as exported state says of those that come from anything. */
function usesOf(resource: unknown): Pick<Source, "uses"> {
  if (property(resource, "outputs") === undefined) return {}; // a list of inputs says nothing of it
  const all = entries(property(resource, "propertyDependencies"));
  return { uses: Object.fromEntries(all.map(([name, urns]) => [name, texts(urns)])) };
}

const texts = (values: unknown): string[] => list(values).filter((value) => typeof value === "string");

/** A part of a text, with the paths as they are in the part. */
const within = ({ file, lineOf }: Text, prefix: string): Text => ({ file, lineOf: (path) => lineOf(prefix + path) });
