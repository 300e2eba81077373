import { changesOfText, expressions, type Node } from "../../scripts/mutation-expressions.ts";

test.each([
  ["{it.who} has no image", []],
  ["a == b", ["a != b"]],
  ["{string(a / 10)} of {b}", ["{string(a * 10)} of {b}", "{string(a / 11)} of {b}", "{string(a / 9)} of {b}"]],
  ["{a} && {b}, either 1 or 2", []],
  ['{"a": b}', ['{"": b}']],
])("of the text %s is changed what is CEL", (text, changes) => {
  expect(changesOfText(text)).toEqual(changes);
});

const inCall: Node = { type: "CallExpression", callee: { type: "Identifier", name: "checkOf" } };
const literal = (value: string): Node => ({ type: "StringLiteral", value });
const template = (texts: readonly string[], ...inside: readonly Node[]): Node => ({
  type: "TemplateLiteral",
  quasis: texts.map((cooked) => ({ type: "TemplateElement", value: { cooked } })),
  expressions: inside,
});
const [one, two]: readonly [Node, Node] = [
  { type: "Identifier", name: "one" },
  { type: "Identifier", name: "two" },
];

/** A node as it is written. */
const written = ({ type, name, quasis = [], expressions: inside = [] }: Node): string => {
  if (type === "Identifier") return name ?? "";
  const raws = quasis.map(({ value }) => (value as { readonly raw: string }).raw);
  return `\`${raws.reduce((text, next, index) => `${text}\${${written(inside[index - 1] ?? { type: "" })}}${next}`)}\``;
};
const changes = (node: Node, parent: Node = inCall) => [...expressions.mutate({ node, parent })].map(written);

describe("a literal", () => {
  test.each([
    ["as text", literal("a == b"), ["`a != b`"]],
    ["with what has to be escaped", literal('a.matches("`\\d${x}")'), ['`a.matches("")`']],
    ["with what has to be escaped and stays", literal('"\\`${x}" == a'), ['`"" == a`', '`"\\\\\\`\\${x}" != a`']],
    [
      "as a template",
      template(["has(", ") && ", ""], one, two),
      ["`true && ${two}`", "`false && ${two}`", "`has(${one}) || ${two}`"],
    ],
    ["with parts that change their places", template(["a ? ", " : ", ""], one, two), ["`a ? (${two}) : (${one})`"]],
    ["with a part in quotes", template(['"x', '" == ', ""], one, two), ['`"" == ${two}`', '`"x${one}" != ${two}`']],
    [
      "with a part that is a name",
      template(["a.", ".b > ", ""], one, two),
      ["`a.${one}.b >= ${two}`", "`a.${one}.b <= ${two}`"],
    ],
    [
      "with CEL in braces",
      template(["{", " + 1} s"], one),
      ["`{${one} - 1} s`", "`{${one} + 2} s`", "`{${one} + 0} s`"],
    ],
  ])("%s is changed in itself", (_, node, expected) => {
    expect(changes(node)).toEqual(expected);
  });
});

const text = literal("a == b");

test.each([
  ["what is imported", { type: "ImportDeclaration" }],
  ["what is exported from elsewhere", { type: "ExportNamedDeclaration" }],
  ["a type", { type: "TSLiteralType" }],
  ["the name of a property", { type: "ObjectProperty", key: text }],
  ["a template with a tag", { type: "TaggedTemplateExpression" }],
  ["what becomes a text of CEL", { type: "CallExpression", callee: { type: "Identifier", name: "quoted" } }],
])("%s is no expression", (_, parent) => {
  expect(changes(text, parent)).toEqual([]);
  expect(changes(text, { type: "ObjectProperty", key: literal("valid") })).toEqual(["`a != b`"]);
});

test("nothing else than a literal is", () => {
  expect(changes({ type: "NumericLiteral", value: 1 })).toEqual([]);
  expect([...expressions.mutate({ node: text })]).toEqual([]);
});
