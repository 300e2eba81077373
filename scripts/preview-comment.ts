/** A preview as Markdown: counts, a line for each resource, and every changed property folded away. */
import { stringify } from "yaml";
import { type Change, type Preview, type PropertyChange, operations } from "./preview-changes.ts";

/** What is said around a preview, and how long it may be. */
export interface CommentOptions {
  readonly stack: string;
  /** In bytes of UTF-8. @default no limit */
  readonly limit?: number;
  /** Where the reader finds what a limit has cut off, in Markdown. @default "the whole preview" */
  readonly whole?: string;
}

/**
 * In bytes, so always within the 65,536 characters that GitHub takes in a comment, with room for the lines that the
 * workflow puts around it.
 */
export const commentLimit = 64_000;

const context = 2; // unchanged lines around changed ones
const longestLine = 400; // characters, where there is a limit
const mark = { delete: "-", replace: "!", update: "!", import: "+", create: "+" } as const; // GitHub colours these in a diff

/** The comment. It is cut between lines only, what is cut is counted, and every fence is closed. */
export function commentOf(preview: Preview, options: CommentOptions): string {
  const room = options.limit ?? Infinity;
  const parts: readonly Part[] = [
    { lines: preview.errors.flatMap(linesOf), language: "text", share: 0.2, wrap: titled("Errors") },
    { lines: violationsOf(preview), language: "text", share: 0.3, wrap: titled("Policies") },
    { lines: remediedOf(preview), language: "diff", share: 0.3, wrap: titled("Put right by rules") },
    { lines: preview.changes.map(lineOf), language: "diff", share: 0.5, wrap: (fenced) => fenced },
    { lines: preview.warnings.flatMap(linesOf), language: "text", share: 0.2, wrap: titled("Warnings") },
    { lines: detailsOf(preview), language: "diff", share: 1, wrap: folded("Every changed property") },
  ];
  let text = `### Preview of stack \`${options.stack}\`\n\n${headline(preview)}\n`;
  for (const { lines, language, share, wrap } of parts.filter(({ lines: some }) => some.length > 0)) {
    const left = (room - bytes(text) - 300) * share; // the headings, fences and the sentence about what is cut
    const { kept, cut } = fit(room === Infinity ? lines : lines.map(clip), left);
    const note = cut === 0 ? "" : `\n\n${plural(cut, "more line")}: see ${options.whole ?? "the whole preview"}.`;
    text += `\n${wrap(fence(kept, language) + note)}\n`;
  }
  return text;
}

/** The comment for a preview that never began, with the reason. */
export function failureOf(stack: string, reason: string): string {
  const nothing = { changes: [], unchanged: 0, outputs: [], violations: [], remedied: [], warnings: [] };
  return commentOf({ ...nothing, succeeded: false, errors: [reason] }, { stack, limit: commentLimit });
}

interface Part {
  readonly lines: readonly string[];
  readonly language: "diff" | "text";
  /** Of what room the parts before have left, the most that it may take. */
  readonly share: number;
  readonly wrap: (fenced: string) => string;
}

function headline({ succeeded, changes, unchanged, outputs, violations }: Preview): string {
  const counts = operations.flatMap((operation) => {
    const count = changes.filter((change) => change.operation === operation).length;
    return count === 0 ? [] : [`${String(count)} to ${operation}`];
  });
  const stay = `${String(unchanged)} unchanged`;
  if (!succeeded) {
    const why = violations.some(({ mandatory }) => mandatory) ? "A mandatory policy stops it" : "The preview failed";
    return `**${why}.** Until then it found: ${[...counts, stay].join(", ")}.`;
  }
  if (counts.length === 0) {
    return outputs.length === 0 ? `**No changes**, ${stay}.` : `**No resource changes**, ${stay}; outputs do.`;
  }
  return `**${counts.join(", ")}**, ${stay}.`;
}

const titleOf = ({ operation, type, name, protect }: Change): string =>
  `${operation} ${type} ${name}${protect ? " (protected)" : ""}`;

function lineOf(change: Change): string {
  const forcing = change.properties.filter(({ forcesReplacement }) => forcesReplacement);
  const told = change.operation === "replace" && forcing.length > 0 ? forcing : change.properties;
  const paths = told.map(({ path }) => path).filter((path) => path !== "");
  return `${mark[change.operation]} ${titleOf(change)}${paths.length === 0 ? "" : `: ${paths.join(", ")}`}`;
}

const violationsOf = ({ violations }: Preview): string[] =>
  violations.flatMap(({ policy, mandatory, message }) =>
    linesOf(`${mandatory ? "mandatory" : "advisory"} ${policy}: ${message}`),
  );

const remediedOf = ({ remedied }: Preview): string[] =>
  remedied.flatMap(({ type, name, properties }) => [`@@ ${type} ${name} @@`, ...properties.flatMap(diffOf)]);

function detailsOf({ changes, outputs }: Preview): string[] {
  return [
    ...changes.flatMap((change) => [`@@ ${titleOf(change)} @@`, ...change.properties.flatMap(diffOf)]),
    ...(outputs.length === 0 ? [] : ["@@ outputs of the stack @@", ...outputs.flatMap(diffOf)]),
  ];
}

/** A changed property as the lines of a diff, its old and new value as YAML. */
function diffOf({ path, old, new: next, forcesReplacement }: PropertyChange): string[] {
  const [before, after] = [yamlLines(path, old), yamlLines(path, next)];
  const why = forcesReplacement ? [`# ${path} forces the replacement`] : [];
  if (before.join("\n") === after.join("\n")) {
    return [
      ...why,
      next === "[secret]" ? `! ${path}: a secret, another one` : `! ${path}: in the provider's state only`,
    ];
  }
  const least = Math.min(before.length, after.length);
  let start = 0;
  while (start < least && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < least - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const same = (from: number, to: number) => before.slice(Math.max(0, from), to).map((line) => `  ${line}`);
  return [
    ...why,
    ...(start > context ? same(0, 1) : []), // the property's name
    ...same(start - context, start),
    ...before.slice(start, before.length - end).map((line) => `- ${line}`),
    ...after.slice(start, after.length - end).map((line) => `+ ${line}`),
    ...same(before.length - end, Math.min(before.length, before.length - end + context)),
  ];
}

function yamlLines(path: string, value: unknown): string[] {
  if (value === undefined) return [];
  const text = stringify(path === "" ? value : { [path]: value }, { lineWidth: 0, aliasDuplicateObjects: false });
  return linesOf(text.trimEnd());
}

/** As many lines from the start as there is room for, and how many there is none for. */
function fit(lines: readonly string[], room: number): { readonly kept: readonly string[]; readonly cut: number } {
  let size = 0;
  const full = lines.findIndex((line) => (size += bytes(line) + 1) > room);
  return full === -1 ? { kept: lines, cut: 0 } : { kept: lines.slice(0, full), cut: lines.length - full };
}

function clip(line: string): string {
  const more = line.length - longestLine;
  return more <= 0 ? line : `${line.slice(0, longestLine).toWellFormed()}… (${plural(more, "more character")})`;
}

/** A block of code that nothing inside it can close. */
function fence(lines: readonly string[], language: Part["language"]): string {
  const text = lines.join("\n");
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = "`".repeat(longest + 1);
  return `${ticks}${language}\n${text}\n${ticks}`;
}

const titled =
  (title: string) =>
  (fenced: string): string =>
    `**${title}**\n\n${fenced}`;
const folded =
  (title: string) =>
  (fenced: string): string =>
    `<details><summary>${title}</summary>\n\n${fenced}\n\n</details>`;
const linesOf = (text: string): string[] => text.split("\n");
const plural = (count: number, what: string): string => `${String(count)} ${what}${count === 1 ? "" : "s"}`;
const bytes = (text: string): number => Buffer.byteLength(text);
