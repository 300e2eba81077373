import { isCelList, isCelMap } from "@bufbuild/cel";
import { findingsOf } from "../../../../policies/lib/cel/evaluate.ts";
import type { CelForm } from "../../../../policies/lib/cel/form.ts";
import { variablesOfObject } from "../../../../policies/lib/cel/object-form.ts";
import { type KubernetesObject, objectsOfManifest } from "../../../../policies/lib/object.ts";
import { unknown } from "../../../lib/unknown.ts";
import { checkOf } from "../../cel.ts";
import { role, rule } from "../../roles.ts";

function objectIn(manifest: object): KubernetesObject {
  const [object] = objectsOfManifest(manifest);
  if (object === undefined) throw new Error("The manifest is no object.");
  return object;
}

const lists = { rules: "rules" };
const found = (check: Parameters<typeof checkOf>[0], manifest: object, form: Partial<CelForm> = {}) =>
  [...findingsOf({ lists, ...form, checks: [checkOf({ each: "rules", ...check })] }, objectIn(manifest))].map((one) =>
    "problem" in one ? `${one.path}: ${one.problem}` : one,
  );

test("an object has itself, its kind and its lists, and nothing of a workload's", () => {
  const given = variablesOfObject(objectIn(role([rule()])), lists);
  expect(given("kind")).toBe("Role");
  expect([isCelMap(given("object")), isCelList(given("rules")), isCelList(given("whole"))]).toEqual([true, true, true]);
  expect([given("subjects"), given("spec"), given("containers")]).toEqual([undefined, undefined, undefined]);
  expect(variablesOfObject(objectIn(role([])))("rules")).toBeUndefined();
});

test("it is made once for every rule", () => {
  const object = objectIn(role([rule()]));
  expect(variablesOfObject(object)("object")).toBe(variablesOfObject(object, lists)("object"));
});

test("every item of a list says where it is, and what is in it", () => {
  const problem = "{it.who} allows {it.value.verbs.join()}";
  expect(found({ problem }, role([rule(), rule({ verbs: ["list"] })]))).toEqual([
    "rules[0]: rules[0] allows get",
    "rules[1]: rules[1] allows list",
  ]);
});

test("a list may lie deeper, and have other items than objects", () => {
  const route = { kind: "HTTPRoute", metadata: { name: "web" }, spec: { hostnames: ["a.example", null, 1] } };
  const problem = '{it.value == null ? "nothing" : string(it.value)}';
  expect(found({ problem }, route, { lists: { rules: "spec.hostnames" } })).toEqual([
    "spec.hostnames[0]: a.example",
    "spec.hostnames[1]: nothing",
    "spec.hostnames[2]: 1",
  ]);
});

test.each([[undefined], [null], [[]], ["get"], [{}]])("there is no item in %j", (rules) => {
  expect(found({}, role(rules))).toEqual([]);
});

test("the whole is one item, which has no path", () => {
  expect(found({ each: "whole", problem: "{it.who} is {it.value.metadata.name}" }, role([]))).toEqual([": it is web"]);
});

describe("what is not known", () => {
  const later = (path: string) => ({ path, unknown: "later" });
  const check = { valid: '!("*" in it.value.verbs)', path: "{it.path}.verbs", problem: "no" };

  test("hides nothing of other items", () => {
    const rules = [rule({ verbs: [unknown] }), unknown, rule({ verbs: ["*"] })];
    expect(found(check, role(rules))).toEqual([later("rules[0].verbs[0]"), later("rules[1]"), "rules[2].verbs: no"]);
  });

  test("may be a whole list, or what is above it", () => {
    expect(found(check, role(unknown))).toEqual([later("rules")]);
    expect(found(check, { ...role([]), spec: unknown }, { lists: { rules: "spec.rules" } })).toEqual([later("spec")]);
  });

  test("is read where it says which objects are meant", () => {
    const about = { groups: [], resources: {}, reads: [], where: 'variables.object.metadata.labels.team == "shop"' };
    const labelled = (team: unknown) => role([rule({ verbs: ["*"] })], { labels: { team } });
    expect(found(check, labelled("shop"), { about })).toEqual(["rules[0].verbs: no"]);
    expect(found(check, labelled("bank"), { about })).toEqual([]);
    expect(found(check, labelled(unknown), { about })).toEqual([later("metadata.labels.team")]);
    expect(found(check, role([], { labels: "shop" }), { about })).toEqual([
      expect.stringMatching(/^: it cannot be judged, since a value in it is of a type that the API server refuses: /),
    ]);
  });
});
