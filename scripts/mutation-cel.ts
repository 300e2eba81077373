/** Small changes of an expression of CEL, which Stryker does not know of. */
import { parse } from "@bufbuild/cel";

interface Token {
  readonly kind: "text" | "number" | "name" | "sign";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** One change: what stands between two places of an expression from now on. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const lexicon =
  /(?<text>[rR]?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z_]\w*)|(?<sign>&&|\|\||[=!<>]=|[^\s\w])/g;

function tokensOf(expression: string): Token[] {
  return [...expression.matchAll(lexicon)].map(({ 0: text, index: start, groups: { ...kinds } = {} }) => {
    const end = start + text.length;
    if (kinds["text"] !== undefined) return { kind: "text", text, start, end };
    if (kinds["number"] !== undefined) return { kind: "number", text, start, end };
    return { kind: kinds["name"] === undefined ? "sign" : "name", text, start, end };
  });
}

const logic: Readonly<Record<string, readonly string[]>> = {
  "&&": ["||"],
  "||": ["&&"],
  "==": ["!="],
  "!=": ["=="],
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "!": [""],
};
const sums: Readonly<Record<string, string>> = { "+": "-", "-": "+", "*": "/", "/": "*", "%": "*" };
const constants: ReadonlyMap<string, string> = new Map([
  ["true", "false"],
  ["false", "true"],
]);
const methods: ReadonlyMap<string, string> = new Map([
  ["all", "exists"],
  ["exists", "all"],
  ["startsWith", "endsWith"],
  ["endsWith", "startsWith"],
  ["isGreaterThan", "isLessThan"],
  ["isLessThan", "isGreaterThan"],
]);

/** An expression as its tokens, and what stands around each of them. */
class Expression {
  readonly text: string;
  readonly tokens: readonly Token[];

  constructor(text: string) {
    this.text = text;
    this.tokens = tokensOf(text);
  }

  at(index: number): string {
    return this.tokens[index]?.text ?? "";
  }

  /** The text from one token to another, which is no part of it. */
  between(from: number, to: number): string {
    return this.text.slice(this.tokens[from]?.start ?? this.text.length, this.tokens[to - 1]?.end ?? 0);
  }

  /** From the first of some tokens to another, which is no part of it. */
  replaced(from: number, to: number, text: string): Edit {
    return { start: this.tokens[from]?.start ?? 0, end: this.tokens[to - 1]?.end ?? 0, text };
  }

  /** The first token from there on that ends what is looked at, in the brackets that surround it. */
  end(from: number, isEnd: (token: string) => boolean): number {
    for (let index = from, depth = 0; index < this.tokens.length; index++) {
      const token = this.at(index);
      if (depth === 0 && (isEnd(token) || isClosing(token))) return index;
      depth += isOpening(token) ? 1 : isClosing(token) ? -1 : 0;
    }
    return this.tokens.length;
  }

  /** The same before it, and the token after that. */
  start(before: number, isEnd: (token: string) => boolean): number {
    for (let index = before - 1, depth = 0; index >= 0; index--) {
      const token = this.at(index);
      if (depth === 0 && (isEnd(token) || isOpening(token))) return index + 1;
      depth += isClosing(token) ? 1 : isOpening(token) ? -1 : 0;
    }
    return 0;
  }
}

const isOpening = (token: string) => token !== "" && "([{".includes(token);
const isClosing = (token: string) => token !== "" && ")]}".includes(token);
const isBoundary = (token: string) => ["&&", "||", "?", ":", ","].includes(token);

/** The changes of one token, and of what hangs on it. */
function* editsAt(of: Expression, index: number, { kind, text, start, end }: Token): Iterable<Edit> {
  const replaced = (by: string): Edit => ({ start, end, text: by });
  switch (kind) {
    case "text":
      yield replaced(/^[rR]?(""|'')$/.test(text) ? '"changed"' : '""');
      return;
    case "number":
      for (const by of [1, -1]) yield replaced(shifted(text, by));
      return;
    case "name":
      yield* editsOfName(of, index).map(([to, by]) => of.replaced(...to, by));
      return;
    case "sign":
      for (const by of logic[text] ?? []) yield replaced(by);
      if (text in sums && isSum(of, index)) yield replaced(sums[text] ?? "");
      if (text === "?") yield* swapped(of, index);
  }
}

/** Which tokens are replaced by what. */
function editsOfName(of: Expression, index: number): [to: [from: number, to: number], by: string][] {
  const [text, isMethod, isCall] = [of.at(index), of.at(index - 1) === ".", of.at(index + 1) === "("];
  const called = () => of.end(index + 2, () => false) + 1;
  if (isMethod && isCall && text === "filter") return [[[index - 1, called()], ""]];
  const other = isMethod ? isCall && methods.get(text) : constants.get(text);
  if (typeof other === "string") return [[[index, index + 1], other]];
  if (isMethod) return [];
  if (isCall && text === "has") return ["true", "false"].map((by) => [[index, called()], by]);
  if (text !== "in") return [];
  const [from, to] = [of.start(index, isBoundary), of.end(index, isBoundary)];
  return [[[from, to], `!(${of.between(from, to)})`]];
}

/** One more or less, of what stands before an exponent. */
function shifted(number: string, by: number): string {
  const [, digits = "", exponent = ""] = /^([^eE]*)(.*)$/.exec(number) ?? [];
  const decimals = digits.split(".")[1]?.length ?? 0;
  return (Number(digits) + by).toFixed(decimals) + exponent;
}

/** Between two numbers, with blanks around it: names have "/" and "-" in them, and texts are joined and nothing else. */
function isSum(of: Expression, index: number): boolean {
  const [before, sign, after] = [index - 1, index, index + 1].map((one) => of.tokens[one]);
  if (sign === undefined || before?.kind === "text" || after?.kind === "text") return false;
  return of.text[sign.start - 1] === " " && of.text[sign.end] === " ";
}

/** The branches of a condition, one in the place of the other. */
function* swapped(of: Expression, index: number): Iterable<Edit> {
  let colon = index;
  for (let open = 1; open > 0 && colon < of.tokens.length; open += of.at(colon) === "?" ? 1 : -1)
    colon = of.end(colon + 1, (token) => token === "?" || token === ":");
  const end = of.end(colon + 1, (token) => token === ",");
  const [yes, no] = [of.between(index + 1, colon), of.between(colon + 1, end)];
  if (of.at(colon) === ":" && yes !== no && end > colon + 1) yield of.replaced(index + 1, end, `(${no}) : (${yes})`);
}

/** What may be missing of an expression that is put together of parts, at its beginning and at its end. */
const missing = ["", "x"].flatMap((before) => ["", "x", " : x"].map((after) => [before, after] as const));

/** That a text is CEL, or a part of it. */
const isCel = (text: string): boolean =>
  missing.some(([before, after]) => {
    try {
      parse(`${before}${text}${after}`);
      return true;
    } catch {
      return false;
    }
  });

/**
 * An expression, or a part of one, with one small change each; nothing of a text that is no CEL. What stands in quotes is
 * only emptied.
 */
export function changesOf(text: string): string[] {
  if (!isCel(text)) return [];
  const of = new Expression(text);
  const edits = of.tokens.flatMap((token, index) => [...editsAt(of, index, token)]);
  const changed = edits.map((edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end));
  return [...new Set(changed)].filter((one) => one !== text && isCel(one));
}
