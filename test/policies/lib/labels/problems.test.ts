import {
  listed,
  metadataProblems,
  object,
  selectorProblems,
  strings,
  wrong,
} from "../../../../policies/lib/labels/problems.ts";
import type { Finding } from "../../../../policies/lib/rule.ts";

/** Each finding as its path and what is the matter there. */
const said = (findings: Iterable<Finding>) =>
  [...findings].map((finding) => ("problem" in finding ? [finding.path, finding.problem] : [finding.path]));

test("a problem is put right where it is", () => {
  expect(wrong("spec.a", "is odd")).toEqual({ path: "spec.a", problem: "is odd", fix: "Correct {path}." });
});

describe("of a shape", () => {
  const none = () => [];
  const seen = (_: unknown, path: string) => [wrong(path, "is looked at")];

  test.each([undefined, null])("%s is nothing, and is no problem", (value) => {
    expect([said(object(value, "a", seen)), said(listed(value, "a", seen)), said(strings(value, "a"))]).toEqual([
      [],
      [],
      [],
    ]);
  });

  test("what is no object is told, and what is one is looked into", () => {
    expect(said(object("text", "a", none))).toEqual([["a", '"text" is no object']]);
    expect(said(object([], "a", none))).toEqual([["a", "[] is no object"]]);
    expect(said(object({}, "a", seen))).toEqual([["a", "is looked at"]]);
  });

  test("what is no list is told, and each of a list is looked into by its place", () => {
    expect(said(listed({ a: 1 }, "a", seen))).toEqual([["a", '{"a":1} is no list']]);
    expect(said(listed([{}, null, 3], "a", seen))).toEqual([
      ["a[0]", "is looked at"],
      ["a[1]", "is looked at"],
      ["a[2]", "3 is no object"],
    ]);
  });

  test("a list of texts may have gaps, and nothing else", () => {
    expect(said(strings(["a", null], "a"))).toEqual([]);
    expect(said(strings(["a", 1], "a"))).toEqual([["a", '["a",1] is no list of texts']]);
    expect(said(strings("a", "a"))).toEqual([["a", '"a" is no list of texts']]);
  });
});

describe("of what every object has", () => {
  const told = (metadata: object) => said(metadataProblems(metadata, "metadata"));

  test("all of it may be there, and none of it has to", () => {
    expect(told({})).toEqual([]);
    const labels = { "example.com/part": "a", empty: "", none: null };
    const annotations = { "Example.COM/Said": "anything / at all", none: null };
    expect(told({ name: "a.b", namespace: "a", labels, annotations })).toEqual([]);
  });

  test("a name has dots, and that of a namespace has none", () => {
    expect(told({ name: "A", namespace: "a.b" })).toEqual([
      ["metadata.name", '"A" is no name for it'],
      ["metadata.namespace", '"a.b" is no namespace for it'],
    ]);
    expect(told({ name: 1, namespace: ["a"] })).toEqual([
      ["metadata.name", "1 is no name for it"],
      ["metadata.namespace", '["a"] is no namespace for it'],
    ]);
  });

  test("labels have keys and values of their own form", () => {
    expect(told({ labels: { "a b": "c d" } })).toEqual([
      ["metadata.labels", '"a b" is no key of a label'],
      ["metadata.labels", '"c d" is no value of a label'],
    ]);
    expect(told({ labels: { a: 1 } })).toEqual([["metadata.labels", "1 is no value of a label"]]);
    expect(told({ labels: "a=b" })).toEqual([["metadata.labels", '"a=b" is no object']]);
  });

  test("annotations have keys like labels, in any case, and texts of any form", () => {
    expect(told({ annotations: { "a b": "c d", d: 1 } })).toEqual([
      ["metadata.annotations", '"a b" is no key of an annotation'],
      ["metadata.annotations", "1 is no text"],
    ]);
    expect(told({ annotations: [] })).toEqual([["metadata.annotations", "[] is no object"]]);
  });
});

describe("of a selector", () => {
  const told = (selector: unknown) => said(selectorProblems(selector, "spec.selector"));
  const required = (requirement: object) => told({ matchExpressions: [requirement] });
  const first = "spec.selector.matchExpressions[0]";

  test.each([
    [undefined],
    [{}],
    [{ matchLabels: { a: "b" } }],
    [{ matchExpressions: [{ key: "a", operator: "Exists" }] }],
    [{ matchExpressions: [{ key: "a", operator: "DoesNotExist", values: [] }] }],
    [{ matchExpressions: [{ key: "a", operator: "In", values: ["b", ""] }] }],
    [{ matchExpressions: [{ key: "a.b/c", operator: "NotIn", values: ["b"] }] }],
  ])("%j is one", (selector) => {
    expect(told(selector)).toEqual([]);
  });

  test("labels in it are those of any object", () => {
    expect(told({ matchLabels: { a: "b c" } })).toEqual([
      ["spec.selector.matchLabels", '"b c" is no value of a label'],
    ]);
    expect(told("a=b")).toEqual([["spec.selector", '"a=b" is no object']]);
    expect(told({ matchExpressions: {} })).toEqual([["spec.selector.matchExpressions", "{} is no list"]]);
  });

  test("a requirement has a key", () => {
    expect(required({ operator: "Exists" })).toEqual([[`${first}.key`, "undefined is no key of a label"]]);
    expect(required({ key: "a b", operator: "Exists" })).toEqual([[`${first}.key`, '"a b" is no key of a label']]);
    expect(required({ key: ["a"], operator: "Exists" })).toEqual([[`${first}.key`, '["a"] is no key of a label']]);
  });

  test.each(["In", "NotIn"])("%s has values, each of which a label may have", (operator) => {
    const none = [[`${first}.values`, `${operator} has no values to look for`]];
    expect(required({ key: "a", operator })).toEqual(none);
    expect(required({ key: "a", operator, values: [] })).toEqual(none);
    expect(required({ key: "a", operator, values: ["b", "c d"] })).toEqual([
      [`${first}.values`, '"c d" is no value of a label'],
    ]);
    expect(required({ key: "a", operator, values: [1] })).toEqual([[`${first}.values`, "[1] is no list of texts"]]);
  });

  test.each(["Exists", "DoesNotExist"])("%s has none", (operator) => {
    expect(required({ key: "a", operator, values: ["b"] })).toEqual([
      [`${first}.values`, `${operator} takes no values`],
    ]);
  });

  test.each(["in", "Gt", undefined])("%j is no operator", (operator) => {
    const problem = `${operator === undefined ? "undefined" : JSON.stringify(operator)} is none of In, NotIn, Exists and DoesNotExist`;
    expect(required({ key: "a", operator })).toEqual([[`${first}.operator`, problem]]);
  });
});
