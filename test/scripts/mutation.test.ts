import { reasonOf } from "../../scripts/mutation-texts.ts";
import { optionsOf, runsOf } from "../../scripts/mutation-plan.ts";
import { percentOf, readScores, scoreOf, sumOf } from "../../scripts/mutation-scores.ts";
import { packs } from "../../policies/packs.ts";
import { root } from "../lib/stacks.ts";

const runs = runsOf(root);
const parts = runs.flatMap((run) => run.parts);
const named = (name: string) => parts.find((part) => part.name === name);

test("every pack has a run with its part of the library, what packs share has some, and CEL has one", () => {
  const ofPacks = packs.map(({ name }) => name).sort();
  expect(runs.map(({ name }) => name)).toEqual([...ofPacks, "cel", "labels", "lib", "expressions"]);
  expect(named("qos")?.mutate).toEqual(["policies/qos/*.ts", "!policies/qos/index.ts", "policies/lib/qos/**/*.ts"]);
  expect(named("cel")?.mutate).toEqual(["policies/lib/cel/**/*.ts"]);
  expect(named("lib")?.mutate).toEqual(["policies/lib/*.ts"]);
  expect(named("qos")?.tests).toEqual(["<rootDir>/test/policies/{qos,lib/qos}/**/*.test.ts"]);
  expect(named("cel")?.tests).toEqual(["<rootDir>/test/policies/lib/cel/**/*.test.ts"]);
  expect(named("lib")?.tests).toEqual(["<rootDir>/test/policies/lib/*.test.ts"]);
});

test("expressions are changed where rules are CEL, and asked of the same tests as the code", () => {
  const changed = runs.flatMap(({ changes, parts: own }) => (changes === "expressions" ? own : []));
  const sources = changed.flatMap(({ mutate }) => mutate);
  for (const { name, rules } of packs)
    for (const rule of rules.filter(({ cel }) => cel !== undefined))
      expect(sources).toContain(`policies/${name}/${rule.name.replace(`${name}-`, "")}.ts`);
  expect(sources).toContain("policies/lib/cel/form.ts");
  for (const { name, tests } of changed) expect(tests).toEqual(named(name.replace("expressions-", ""))?.tests);
});

test("nothing of a run lies in the checkout", () => {
  for (const part of parts) {
    const { incrementalFile, tempDirName } = optionsOf(part, "/cache");
    expect(incrementalFile).toBe(`/cache/${part.name}.json`);
    expect(tempDirName).toBe("/cache/sandboxes");
  }
});

describe("of a rule's head is left out", () => {
  const inside = (parent: object, key: string, type: string) => ({
    node: { type },
    parent: { type: "ObjectProperty", key: { name: key } },
    parentPath: { parentPath: { parent } },
  });
  const literal = (key: string, callee: string, type = "StringLiteral") =>
    inside({ callee: { name: callee } }, key, type);
  const typed = (key: string, name: string) =>
    inside({ id: { typeAnnotation: { typeAnnotation: { typeName: { name } } } } }, key, "StringLiteral");

  test.each(["name", "severity", "level", "title", "why", "fix", "sees", "notCel"])("%s, which docs hold", (key) => {
    expect(reasonOf(literal(key, "defineRule"))).toContain("test/docs.test.ts");
    expect(reasonOf(literal(key, "celRule"))).toContain("test/docs.test.ts");
  });

  test.each(["name", "severity", "enforcementLevel", "description"])("%s of a policy of the engine", (key) => {
    expect(reasonOf(typed(key, "ResourceValidationPolicy"))).toContain("test/docs.test.ts");
    expect(reasonOf(typed(key, "StackValidationPolicy"))).toContain("test/docs.test.ts");
  });

  test("nothing else: what a check says, a template, and other objects are mutated", () => {
    expect(reasonOf(literal("problem", "defineRule"))).toBeUndefined();
    expect(reasonOf(literal("fix", "check"))).toBeUndefined();
    expect(reasonOf(literal("title", "defineRule", "TemplateLiteral"))).toBeUndefined();
    expect(reasonOf(typed("why", "ResourceValidationPolicy"))).toBeUndefined();
    expect(reasonOf(typed("name", "Setting"))).toBeUndefined();
    expect(reasonOf(inside({ id: {} }, "name", "StringLiteral"))).toBeUndefined();
    expect(reasonOf({ node: { type: "StringLiteral" }, parent: { type: "ArrayExpression" } })).toBeUndefined();
  });
});

test("a score counts what was noticed, hanging included, and nothing that was not run", () => {
  const of = (status: Parameters<typeof scoreOf>[0][number]["status"], count: number) =>
    Array.from({ length: count }, () => ({ status }));
  const results = [
    ...of("Killed", 7),
    ...of("Timeout", 1),
    ...of("Survived", 1),
    ...of("NoCoverage", 1),
    ...of("Ignored", 5),
    ...of("RuntimeError", 5),
  ];
  expect(scoreOf(results)).toEqual({ mutants: 10, survived: 2 });
  expect(sumOf([scoreOf(results), { mutants: 10, survived: 0 }])).toEqual({ mutants: 20, survived: 2 });
});

test.each([
  [{ mutants: 1000, survived: 101 }, "89.9"],
  [{ mutants: 10000, survived: 1001 }, "89.9"],
  [{ mutants: 10, survived: 1 }, "90.0"],
  [{ mutants: 0, survived: 0 }, "100.0"],
])("%j is %s %%, and is not rounded up", (score, percent) => {
  expect(percentOf(score)).toBe(percent);
});

test("scores that are kept are of packs that are there", () => {
  for (const name of Object.keys(readScores())) expect(runs.map((run) => run.name)).toContain(name);
});
