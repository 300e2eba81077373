import { hasAll, labelsOf, picks, selectorOf } from "../../../../policies/lib/labels/selector.ts";

test("a selector is read as it is meant", () => {
  const matchExpressions = [
    { key: "tier", operator: "In", values: ["a", "b"] },
    { key: "old", operator: "DoesNotExist" },
  ];
  expect(selectorOf({ matchLabels: { app: "shop" }, matchExpressions })).toEqual({
    matchLabels: { app: "shop" },
    matchExpressions: [
      { key: "tier", operator: "In", values: ["a", "b"] },
      { key: "old", operator: "DoesNotExist", values: [] },
    ],
  });
  expect(selectorOf({})).toEqual({ matchLabels: {}, matchExpressions: [] });
});

test.each([undefined, null, "app=shop", { matchLabels: { app: "a b" } }, { matchExpressions: [{ key: "a" }] }])(
  "%j is none",
  (selector) => {
    expect(selectorOf(selector)).toBeUndefined();
  },
);

test("a label without a value has an empty one", () => {
  expect(labelsOf({ a: "b", c: null })).toEqual({ a: "b", c: "" });
  expect(labelsOf(undefined)).toEqual({});
  const selector = selectorOf({ matchExpressions: [{ key: "a", operator: "In", values: [null] }] });
  expect(selector?.matchExpressions?.[0]?.values).toEqual([""]);
});

test("an empty selector picks everything, and none picks nothing", () => {
  expect(picks(selectorOf({}), { app: "shop" })).toBe(true);
  expect(picks(selectorOf({ matchLabels: { app: "shop" } }), { app: "shop" })).toBe(true);
  expect(picks(selectorOf({ matchLabels: { app: "shop" } }), { app: "till" })).toBe(false);
  expect(picks(undefined, { app: "shop" })).toBe(false);
});

test("plain labels select by all of them, and none select nothing", () => {
  const labels = { app: "shop", tier: "a" };
  expect(hasAll({ app: "shop" }, labels)).toBe(true);
  expect(hasAll(labels, labels)).toBe(true);
  expect(hasAll({ app: "shop", tier: "b" }, labels)).toBe(false);
  expect(hasAll({ other: "shop" }, labels)).toBe(false);
  expect(hasAll({}, labels)).toBe(false);
});
