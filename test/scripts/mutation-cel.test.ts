import { parse } from "@bufbuild/cel";
import { packs } from "../../policies/packs.ts";
import type { CelForm } from "../../policies/lib/cel/form.ts";
import { changesOf } from "../../scripts/mutation-cel.ts";

test.each([
  ["a && b", ["a || b"]],
  ["a || b", ["a && b"]],
  ["a == b", ["a != b"]],
  ["a != b", ["a == b"]],
  ["a < b", ["a <= b", "a >= b"]],
  ["a <= b", ["a < b", "a > b"]],
  ["a > b", ["a >= b", "a <= b"]],
  ["a >= b", ["a > b", "a < b"]],
  ["!a", ["a"]],
  ["true", ["false"]],
  ["false", ["true"]],
  ["a + b", ["a - b"]],
  ["a - b", ["a + b"]],
  ["a * b", ["a / b"]],
  ["a / b", ["a * b"]],
  ["a % b", ["a * b"]],
  ["a.all(x, x)", ["a.exists(x, x)"]],
  ["a.exists(x, x)", ["a.all(x, x)"]],
  ["a.startsWith(b)", ["a.endsWith(b)"]],
  ["a.endsWith(b)", ["a.startsWith(b)"]],
  ["a.isGreaterThan(b)", ["a.isLessThan(b)"]],
  ["a.isLessThan(b)", ["a.isGreaterThan(b)"]],
])("%s becomes %j", (text, changes) => {
  expect(changesOf(text)).toEqual(changes);
});

test.each([
  ["has(a.b)", ["true", "false"]],
  ["f(has(a.b)) == c", ["f(true) == c", "f(false) == c", "f(has(a.b)) != c"]],
])("what %s asks for is there, and is not", (text, changes) => {
  expect(changesOf(text)).toEqual(changes);
});

test.each([
  ["a in b", ["!(a in b)"]],
  ["a && b.c in [d, e] || f", ["a || b.c in [d, e] || f", "a && !(b.c in [d, e]) || f", "a && b.c in [d, e] && f"]],
  ["f(a, b in c)", ["f(a, !(b in c))"]],
  ["a[b] + c in d", ["a[b] - c in d", "!(a[b] + c in d)"]],
])("what %s says is in a list is not", (text, changes) => {
  expect(changesOf(text)).toEqual(changes);
});

test.each([
  ["a ? b : c", ["a ? (c) : (b)"]],
  ["[a ? b : c, d]", ["[a ? (c) : (b), d]"]],
  ["a ? b : c ? d : e", ["a ? (c ? d : e) : (b)", "a ? b : c ? (e) : (d)"]],
  ["a ? (b ? c : d) : e", ["a ? (e) : ((b ? c : d))", "a ? (b ? (d) : (c)) : e"]],
  ["a ? {b: c} : d", ["a ? (d) : ({b: c})"]],
  ["a ? b : b", []],
])("the branches of %s are swapped", (text, changes) => {
  expect(changesOf(text)).toEqual(changes);
});

test.each([
  ["1", ["2", "0"]],
  ["0", ["1", "-1"]],
  ["0.5", ["1.5", "-0.5"]],
  ["1e15", ["2e15", "0e15"]],
  ["1.000000001", ["2.000000001", "0.000000001"]],
  ["a[0].b1", ["a[1].b1", "a[-1].b1"]],
])("the number in %s is one more, and one less", (text, changes) => {
  expect(changesOf(text)).toEqual(changes);
});

test.each([
  ['"a && b"', ['""']],
  ["'a ? 1 : 2'", ['""']],
  [String.raw`"say \"!a\""`, ['""']],
  [String.raw`r"\d+ == 1"`, ['""']],
  ['""', ['"changed"']],
  ['{"a == b": c}', ['{"": c}']],
])("what stands in quotes in %s is only emptied", (text, changes) => {
  expect(changesOf(text)).toEqual(changes);
});

test.each([
  ["a.filter(x, f(x)).b", ["a.b"]],
  [".filter(it, a)", [""]],
])("nothing is left out by %s", (text, changes) => {
  expect(changesOf(text)).toEqual(changes);
});

test.each([
  [" && ", [" || "]],
  [" + ", [" - "]],
  ["a == b ? c : ", ["a != b ? c : "]],
  ["has(a.b) ? c", ["true ? c", "false ? c"]],
])("a part of an expression, %j, is changed as well", (text, changes) => {
  expect(changesOf(text)).toEqual(changes);
});

test.each([
  "",
  "spec.template",
  "app.kubernetes.io/name",
  "ephemeral-storage",
  "*",
  "a.filter",
  "a.has(b)",
  "a.true",
  '"a" + "b"',
  "There is no list in this, and no 1",
])("%j is left as it is, or only its texts", (text) => {
  expect(changesOf(text).filter((one) => !one.includes('""'))).toEqual([]);
});

/** The expressions of a form. */
const expressionsOf = ({ variables = {}, checks }: CelForm): string[] => [
  ...Object.values(variables),
  ...checks.flatMap((check) => [
    ...[check.where, check.keys, check.valid].filter((one) => one !== undefined),
    ...Object.values(check.let ?? {}),
  ]),
];

const rules = packs.flatMap((pack) => pack.rules).filter(({ cel }) => cel !== undefined);

test.each(rules.map((rule) => [rule.name, rule] as const))("what %s asks can be changed", (_, { cel, parameters }) => {
  const form = cel?.(parameters.parse(undefined)) ?? { checks: [] };
  for (const expression of expressionsOf(form)) {
    const changes = changesOf(expression);
    expect(new Set([expression, ...changes]).size).toBe(changes.length + 1);
    for (const changed of changes) expect(() => parse(changed)).not.toThrow();
    if (/&&|==|\bhas\(/.test(expression)) expect(changes).not.toEqual([]);
  }
});
