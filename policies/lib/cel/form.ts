/** A rule about a single object as CEL, which is asked at preview, on state and files, and by the API server itself. */

/**
 * One thing that has to hold of every item of a list. Its CEL sees `it`, the item with `who` ('container "app"'), `path`
 * and `value`, of a container its `role` and its `index` in the order of the start, too; what `let` names, and `key`; the
 * rule's own variables, and those of the object:
 *
 * - of a workload `variables.template` of its pods with their `.spec`, `.path` and `.metadataPath` where they are, `.kind`,
 *   `.patch`, and the lists `.pod`, `.containers` and `.volumes`;
 * - of another object `variables.object`, `.kind`, and the lists `.whole`, which is the object alone, and the form's own.
 *
 * Of paths only what is asked for by `has` may be missing. Its texts have CEL in braces: "{it.who} has no image".
 */
export interface Check {
  /** The list whose items are looked at: "containers", "volumes", "pod", "whole", or one of the form's own. */
  readonly each: string;
  /** Which of them, as CEL. @default all */
  readonly where?: string;
  /** Names for what is worked out of an item, in their order. */
  readonly let?: Readonly<Record<string, string>>;
  /** A list or a map of the item, as CEL, each of whose items or keys is looked at as `key`. */
  readonly keys?: string;
  /** What holds, as CEL. */
  readonly valid: string;
  /** Where it is wrong: "{it.path}.image". */
  readonly path: string;
  /** What is wrong, as a sentence without its full stop. */
  readonly problem: string;
  /** What to do about it, as whole sentences; `{path}` stands for the path. */
  readonly fix: string;
}

/** Objects of other kinds than workloads. Patches of them are not meant, since those need not say everything. */
export interface Kinds {
  /** Their API groups; "" for the core group. */
  readonly groups: readonly string[];
  /** What the API server calls each kind: { Role: "roles" }. */
  readonly resources: Readonly<Record<string, string>>;
  /** Which paths of them rules read: "spec". A change of anything else is not asked about. */
  readonly reads: readonly string[];
  /** Which of them, as CEL of `variables.object`. @default all */
  readonly where?: string;
}

/** A rule's checks with its parameters filled in. */
export interface CelForm {
  /** Which objects they are about. @default every form of a workload */
  readonly about?: Kinds;
  /** Lists of those objects that checks look at, by name: { rules: "spec.rules" }. */
  readonly lists?: Readonly<Record<string, string>>;
  /** What the checks have in common, as CEL by its name; a later one sees those before it. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly checks: readonly Check[];
}

/** A part of a template: as it stands, or CEL. */
export type Part = { readonly text: string } | { readonly cel: string };

/** The parts of a text with CEL in braces. */
export function partsOf(template: string): Part[] {
  return template
    .split(/(\{[^{}]*\})/)
    .filter((part) => part !== "")
    .map((part) => (part.startsWith("{") && part.endsWith("}") ? { cel: part.slice(1, -1) } : { text: part }));
}

/** A text as CEL has it. */
export const quoted = (text: string): string => JSON.stringify(text);

/** A text with CEL in braces as one expression of CEL. */
export const celText = (template: string): string =>
  partsOf(template)
    .map((part) => ("text" in part ? quoted(part.text) : `string(${part.cel})`))
    .join(" + ") || quoted("");

/**
 * That every step of a path is there, since `has` of what lies behind nothing is an error. The first two always are, as in
 * `it.value` and `variables.spec`.
 */
export function given(path: string): string {
  const steps = path.split(".");
  return steps
    .map((_, index) => `has(${steps.slice(0, index + 1).join(".")})`)
    .slice(2)
    .join(" && ");
}

/** What a path leads to, or something else where it breaks off. */
export const orElse = (path: string, otherwise: string): string => `(${given(path)} ? ${path} : ${otherwise})`;
