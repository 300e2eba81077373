import { join } from "node:path";
import { reasonOf } from "../../scripts/mutation-texts.ts";
import { optionsOf, runsOf } from "../../scripts/mutation-plan.ts";
import { percentOf, readScores, scoreOf, sumOf } from "../../scripts/mutation-scores.ts";
import { packs } from "../../policies/packs.ts";
import { root } from "../lib/stacks.ts";

const runs = runsOf(join(root, "policies"));

test("every pack has a run with its part of the library, and what packs share has some", () => {
  const ofPacks = [...packs.map(({ name }) => name), "aws"].sort();
  expect(runs.map(({ name }) => name)).toEqual([...ofPacks, "cel", "labels", "lib"]);
  const mutated = Object.fromEntries(runs.map(({ name, mutate }) => [name, mutate]));
  expect(mutated["qos"]).toEqual(["policies/qos/*.ts", "!policies/qos/index.ts", "policies/lib/qos/**/*.ts"]);
  expect(mutated["cel"]).toEqual(["policies/lib/cel/**/*.ts"]);
  expect(mutated["lib"]).toEqual(["policies/lib/*.ts"]);
  const asked = Object.fromEntries(runs.map(({ name, tests }) => [name, tests]));
  expect(asked["qos"]).toEqual(["<rootDir>/test/policies/{qos,lib/qos}/**/*.test.ts"]);
  expect(asked["cel"]).toEqual(["<rootDir>/test/policies/lib/cel/**/*.test.ts"]);
  expect(asked["lib"]).toEqual(["<rootDir>/test/policies/lib/*.test.ts"]);
});

test("nothing of a run lies in the checkout", () => {
  for (const run of runs) {
    const { incrementalFile, tempDirName } = optionsOf(run, "/cache");
    expect(incrementalFile).toBe(`/cache/${run.name}.json`);
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
