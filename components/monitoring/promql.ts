/** What Prometheus takes for an expression, by its own grammar and the checks of its own page. */
import { createRequire } from "node:module";
import { re2Problem } from "../re2.ts";

/** An expression, as far as a stack is told of it before there is a Prometheus. */
export interface Read {
  /** Why Prometheus would not take it as a rule. */
  readonly problem?: string;
  /** The names of the series that it asks for, as far as it names them. */
  readonly series: readonly string[];
}

const require = createRequire(import.meta.url);

type Grammar = typeof import("@prometheus-io/lezer-promql");

/** As much as is used of the checks, whose own types are those of another form of the same modules. */
interface Checks {
  readonly Parser: new (state: unknown) => {
    checkAST(node: unknown): "vector" | "matrix" | "scalar" | "string" | "none";
    getDiagnostics(): readonly { readonly severity: string; readonly message: string }[];
  };
}
interface States {
  readonly EditorState: { create(of: { readonly doc: string }): unknown };
}

/** What reads expressions: parts of an editor, which take a moment to load, so that only those have them who have expressions. */
function reader() {
  const { parser } = require("@prometheus-io/lezer-promql") as Grammar;
  const { EditorState } = require("@codemirror/state") as States;
  const { Parser } = require("@prometheus-io/codemirror-promql/dist/cjs/parser/index.js") as Checks;
  return (text: string) => ({ tree: parser.parse(text), checks: new Parser(EditorState.create({ doc: text })) });
}
let reads: ReturnType<typeof reader> | undefined;

/** Reads an expression that is to be an alert's: a vector, in which each element is one. */
export function readPromql(text: string): Read {
  reads ??= reader();
  const { tree, checks } = reads(text);
  const series: string[] = [];
  const problems: string[] = [];
  tree.iterate({
    enter: ({ name, type, from, to, node }) => {
      const said = text.slice(from, to);
      if (type.isError) problems.push(`is no PromQL from character ${String(from + 1)} on`);
      if (name === "Identifier") series.push(said);
      if (name !== "EqlRegex" && name !== "NeqRegex") return;
      const value = node.parent?.nextSibling; // quoted
      const expression = text.slice((value?.from ?? to) + 1, (value?.to ?? to) - 1);
      const problem = re2Problem(expression);
      if (problem !== undefined) problems.push(`has the regular expression "${expression}", which ${problem}`);
    },
  });
  const value = checks.checkAST(tree.topNode.firstChild);
  const wrong = checks.getDiagnostics().filter(({ severity }) => severity === "error");
  problems.push(...wrong.map(({ message }) => `is no PromQL: ${message}`));
  if (value !== "vector") problems.push(`gives a ${value}, and an alert is made of each element of a vector`);
  const [problem] = problems;
  return { ...(problem === undefined ? {} : { problem }), series };
}
