/** A mutator for Stryker: to its own ones an expression of CEL is one text. */
import { partsOf } from "../policies/lib/cel/form.ts";
import { changesOf } from "./mutation-cel.ts";

/** As much of a node of Babel's tree as is read and made here. */
export interface Node {
  readonly type: string;
  /** What a literal says, or how a part of a template is written. */
  readonly value?: unknown;
  readonly quasis?: readonly Node[];
  readonly expressions?: readonly Node[];
  readonly callee?: Node;
  readonly name?: string;
  readonly key?: Node;
  readonly tail?: boolean;
}

/** As much of Babel's path as is read here. */
export interface Path {
  readonly node: Node;
  readonly parent?: Node;
}

/** What Stryker asks for changes of a node. */
export interface Mutator {
  readonly name: string;
  readonly mutate: (path: Path) => Iterable<Node>;
}

/** What stands in a text where its template has an expression of TypeScript: a name, for CEL. */
const hole = (index: number) => `HOLE_${String(index)}_`;
const holes = /HOLE_(\d+)_/;

/** A literal as text; `undefined` for what is none. */
function textOf({ type, value, quasis = [] }: Node): string | undefined {
  if (type === "StringLiteral") return value as string; // Babel has it so
  if (type !== "TemplateLiteral") return undefined;
  const texts = quasis.map((quasi) => (quasi.value as { readonly cooked: string }).cooked);
  return texts.reduce((text, next, index) => text + hole(index - 1) + next);
}

/** A text as a template, with the expressions that it still has. */
function templateOf(text: string, expressions: readonly Node[]): Node {
  const parts = text.split(holes);
  const quasis = parts.filter((_, index) => index % 2 === 0);
  const kept = parts.filter((_, index) => index % 2 === 1);
  return {
    type: "TemplateLiteral",
    quasis: quasis.map((cooked, index) => ({
      type: "TemplateElement",
      value: { cooked, raw: cooked.replace(/[\\`]|\$\{/g, String.raw`\$&`) },
      tail: index === kept.length,
    })),
    expressions: kept.flatMap((index) => expressions[Number(index)] ?? []),
  };
}

/** A text that is CEL with one small change each, or one that has CEL in braces. */
export function changesOfText(text: string): string[] {
  const whole = changesOf(text);
  if (whole.length > 0) return whole;
  const parts = partsOf(text).map((part) => ("text" in part ? part.text : `{${part.cel}}`));
  return parts.flatMap((part, index) =>
    (part.startsWith("{") && part.endsWith("}") ? changesOf(part.slice(1, -1)) : []).map((changed) =>
      parts.with(index, `{${changed}}`).join(""),
    ),
  );
}

/** Where a literal is no expression: what is imported, the name of a property, a type, and what becomes a text of CEL. */
const isOther = ({ node, parent }: Path): boolean =>
  parent === undefined ||
  /^(Import|Export|TS)/.test(parent.type) ||
  (parent.type === "ObjectProperty" && parent.key === node) ||
  parent.type === "TaggedTemplateExpression" ||
  (parent.type === "CallExpression" && parent.callee?.name === "quoted");

/** Changes an expression of CEL in itself. */
export const expressions: Mutator = {
  name: "Expression",
  *mutate(path) {
    const text = textOf(path.node);
    if (text === undefined || isOther(path)) return;
    for (const changed of changesOfText(text)) yield templateOf(changed, path.node.expressions ?? []);
  },
};
