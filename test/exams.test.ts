/** How the exams by other tools' cases mark; what comes out of them is measured by test/e2e/policies/exams.ts. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { disallowWildcards } from "../policies/access/disallow-wildcards.ts";
import { rules } from "../policies/packs.ts";
import { committedFigures, suites } from "./lib/exams/index.ts";
import { gapsOf, mark, surprisesIn } from "./lib/exams/mark.ts";
import type { Case, Suite } from "./lib/exams/suite.ts";
import { root } from "./lib/stacks.ts";

describe.each(suites.map((suite) => [suite.name, suite] as const))("the exam of %s", (name, suite) => {
  test("names rules that there are, and a module that tools/ pins", () => {
    const known = new Set(rules.map((rule) => rule.name));
    const asked = Object.values(suite.rules).flatMap((own) => own.map(({ rule }) => rule));
    expect(asked.filter((rule) => !known.has(rule))).toEqual([]);
    const folder = join(root, "tools", suite.pinnedBy);
    const goMod = readFileSync(join(folder, "go.mod"), "utf8");
    expect(goMod).toContain(suite.pinnedBy === "istio" ? suite.module : `${suite.module} ${suite.version}\n`);
    expect(existsSync(join(folder, "go.sum"))).toBe(true);
  });

  test("has figures that follow from its lists", () => {
    const figures = committedFigures()[name];
    expect(figures?.mappedChecks).toBe(Object.keys(suite.rules).length);
    const listed = suite.differences.flatMap(({ cases }) => cases);
    expect((figures?.mappedCases ?? 0) - (figures?.agreed ?? 0)).toBe(listed.length);
    for (const { check, why } of suite.differences) {
      expect(Object.keys(suite.rules)).toContain(check);
      expect(why).toMatch(/^(accepted|refused)/);
    }
  });
});

const role = (name: string, verbs: readonly string[]) => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "Role",
  metadata: { namespace: "shop", name },
  rules: [{ apiGroups: [""], resources: ["pods"], verbs }],
});
const one = (change: Partial<Case>): Case => ({
  check: "wild",
  name: "all verbs",
  manifests: [role("web", ["*"]), role("shop", ["get"])],
  refused: true,
  ...change,
});
const suite: Suite = {
  name: "made up",
  module: "example.com/made-up",
  pinnedBy: "nobody",
  version: "v1.0.0",
  read: "Nothing.",
  rules: { wild: [{ rule: "access-disallow-wildcards", at: /verbs$/, says: /every verb/ }] },
  unmapped: [
    { why: "it is about nodes", checks: [/^node-/], outside: true },
    { why: "we have not written it", checks: ["tame"] },
  ],
  differences: [],
};
const checks = ["wild", "tame", "node-a", "node-b"];
const marksOf = (...cases: readonly Case[]) => mark(suite, checks, cases, [disallowWildcards]);

test("counts what is covered, what is right and what is left out", () => {
  const { figures, different, broken } = marksOf(one({}), one({ name: "two", refused: false }), one({ check: "tame" }));
  expect(figures).toEqual({
    checks: 4,
    mappedChecks: 1,
    outsideChecks: 2,
    cases: 3,
    mappedCases: 2,
    refused: 1,
    agreed: 1,
    unmapped: { "it is about nodes": 2, "we have not written it": 1 },
  });
  expect(different).toEqual([{ check: "wild", name: "two", refusedByThem: false }]);
  expect(broken).toEqual([]);
});

test("pays heed to the object that a case is about", () => {
  const of = { kind: "Role", namespace: "shop", name: "shop" };
  expect(marksOf(one({ of })).different).toHaveLength(1);
  expect(marksOf(one({ of: { ...of, name: "web" } })).different).toEqual([]);
});

test("tells of a rule that fails", () => {
  const failing = {
    ...disallowWildcards,
    check: () => {
      throw new Error("oh");
    },
  };
  const [message] = mark(suite, checks, [one({ manifests: [role("web", [])] })], [failing]).broken;
  expect(message).toContain("wild: all verbs: access-disallow-wildcards: The rule itself fails: oh");
});

test("finds checks that the map has not, has twice, or has of nobody", () => {
  expect(gapsOf(suite, checks)).toEqual([]);
  expect(gapsOf(suite, [...checks, "new"])).toEqual(["new is in 0 places of the map: it is to be in one"]);
  expect(gapsOf(suite, checks.slice(1))).toEqual(["wild is no check of the suite"]);
  expect(gapsOf(suite, ["wild", "node-a"])).toEqual(["tame is no check of the suite"]);
  const twice = { ...suite, rules: { ...suite.rules, tame: [] } };
  expect(gapsOf(twice, checks)).toEqual(["tame is in 2 places of the map: it is to be in one"]);
});

test("finds differences that are not listed, and lists of none", () => {
  const different = [{ check: "wild", name: "two", refusedByThem: false }];
  const listing = (...cases: string[]) => ({ ...suite, differences: [{ check: "wild", cases, why: "refused: so" }] });
  expect(surprisesIn(listing("two"), different)).toEqual([]);
  expect(surprisesIn(suite, different)).toEqual(["wild: two is accepted by them and refused by us"]);
  expect(surprisesIn(listing("two", "three"), different)).toEqual([
    "wild: three is listed as a difference and is none",
  ]);
});
