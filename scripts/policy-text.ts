/** Texts of manifests as kubectl reads them: YAML with what is left of its version 1.1 in Kubernetes, and JSON. */
import { isCollection, isScalar, LineCounter, type Document, parseAllDocuments, type ScalarTag, visit } from "yaml";
import { jsonLines, type LineOf, yamlLines } from "./policy-lines.ts";

/** One document of a text. */
export interface TextDocument {
  readonly value: unknown;
  /** What is wrong with it, each as the rest of a sentence; with a value beside it where that is what is meant. */
  readonly problems: readonly string[];
  readonly lineOf: LineOf;
}

/** Byte order marks, with the encoding that they stand for. */
const marks = [
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
] as const;

/** The text of a file: UTF-8, or UTF-16 with its mark, as PowerShell writes it. @throws when it is neither */
export function textIn(bytes: Uint8Array): string {
  const [, encoding] = marks.find(([mark]) => mark.every((byte, index) => bytes[index] === byte)) ?? [[], "utf-8"];
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Error(`it is no text in ${encoding.toUpperCase()}`, { cause: error });
  }
}

/** The truths of YAML 1.1, which kubectl reads as such (sigs.k8s.io/yaml, goyaml.v2/resolve.go). */
const truth = (value: boolean, test: RegExp): ScalarTag => ({
  tag: "tag:yaml.org,2002:bool",
  default: true,
  test,
  resolve: () => value,
});

/** Modes of files, as in 0644. */
const octal: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?0[0-7]+$/,
  resolve: (digits) => Number.parseInt(digits, 8),
};

const older = [truth(true, /^(?:[Yy]|[Yy]es|YES|[Oo]n|ON)$/), truth(false, /^(?:[Nn]|[Nn]o|NO|[Oo]ff|OFF)$/), octal];

/** The documents of a text. */
export function documentsIn(text: string): TextDocument[] {
  if (/^\s*[[{]/.test(text)) {
    const documents = jsonIn(text);
    if (documents !== undefined) return documents;
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    merge: true,
    uniqueKeys: false,
    customTags: (tags) => [...older, ...tags],
  });
  return (Array.isArray(documents) ? documents : []).map((document): TextDocument => {
    const lineOf = yamlLines(document, lines);
    const [error] = document.errors;
    if (error !== undefined)
      return { lineOf, value: undefined, problems: [`is no YAML: ${error.message.split("\n")[0] ?? ""}`] };
    const { twice, strange } = keysOf(document, lines);
    if (strange !== undefined)
      return { lineOf, value: undefined, problems: [`is no manifest: ${strange}; templates are to be rendered first`] };
    try {
      const value: unknown = document.toJS();
      JSON.stringify(value); // which fails for what is nested too deep, or within itself
      return { lineOf, value, problems: twice };
    } catch (failed) {
      return {
        lineOf,
        value: undefined,
        problems: [`cannot be read: ${(failed as Error).message.split("\n")[0] ?? ""}`],
      };
    }
  });
}

/** A JSON text, or one on each line; `undefined` when it is none, since YAML has braces, too. */
function jsonIn(text: string): TextDocument[] | undefined {
  const whole = () => [{ value: JSON.parse(text) as unknown, problems: [], lineOf: jsonLines(text) }];
  const byLine = () =>
    text.split("\n").flatMap((line, index) => {
      if (line.trim() === "") return [];
      return [{ value: JSON.parse(line) as unknown, problems: [], lineOf: () => index + 1 }];
    });
  for (const read of [whole, byLine]) {
    try {
      return read();
    } catch {
      continue;
    }
  }
  return undefined;
}

/** Keys that say something else than what is read: written twice, of which the last counts, and such that are no text. */
function keysOf(
  document: Document.Parsed,
  lines: LineCounter,
): { readonly twice: string[]; readonly strange?: string } {
  const twice: string[] = [];
  let strange: string | undefined;
  visit(document, {
    Map(_, { items }) {
      const known = new Set<unknown>();
      for (const { key } of items) {
        if (isCollection(key)) strange ??= `line ${lineOf(key.range)} has a list or a map for a key`;
        if (!isScalar(key) || key.value === "<<") continue;
        if (known.has(key.value))
          twice.push(
            `has the key ${String(key.value)} twice in one map, in line ${lineOf(key.range)}: the last counts`,
          );
        known.add(key.value);
      }
    },
  });
  return strange === undefined ? { twice } : { twice, strange };

  function lineOf(range: readonly number[] | null | undefined) {
    return String(lines.linePos(range?.[0] ?? 0).line);
  }
}
