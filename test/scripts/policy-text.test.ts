import { documentsIn, textIn } from "../../scripts/policy-text.ts";
import { readText } from "../../scripts/policy-read.ts";

/** What is read of a text that has one document. */
const valueOf = (text: string) => documentsIn(text)[0]?.value;

/** All that is wrong with a text. */
const problemsOf = (text: string) => readText(text, "file").problems;

describe("text", () => {
  test.each([
    ["UTF-8", Buffer.from("kind: Pod")],
    ["UTF-8 with a mark", Buffer.from("\uFEFFkind: Pod")],
    ["UTF-16 with a mark, as PowerShell writes it", Buffer.from("\uFEFFkind: Pod", "utf16le")],
    ["the other UTF-16", Buffer.from("\uFEFFkind: Pod", "utf16le").swap16()],
  ])("of %s", (_, bytes) => {
    expect(valueOf(textIn(bytes))).toEqual({ kind: "Pod" });
  });

  test("of neither is refused", () => {
    expect(() => textIn(Buffer.from([0x6b, 0xff, 0xfd]))).toThrow("it is no text in UTF-8");
  });
});

describe("YAML as kubectl reads it", () => {
  test.each([
    [
      "yes, on, no, off, y and n are truths",
      "[yes, On, NO, off, y, N, true]",
      [true, true, false, false, true, false, true],
    ],
    ["in quotes they are text", `["yes", 'off']`, ["yes", "off"]],
    ["a zero in front makes a number octal", "[0644, 08, 10, 0]", [420, 8, 10, 0]],
    [
      "a map is merged, and what it says itself is above that",
      "{a: &a {p: 1, q: 1}, b: {<<: *a, q: 2}}",
      { a: { p: 1, q: 1 }, b: { p: 1, q: 2 } },
    ],
    ["dates and times stay text", "[2026-11-22, 1:30]", ["2026-11-22", "1:30"]],
    [
      "line ends are those of Windows, too",
      "kind: Pod\r\nmetadata:\r\n  name: a\r\n",
      { kind: "Pod", metadata: { name: "a" } },
    ],
  ])("%s", (_, text, value) => {
    expect(valueOf(text)).toEqual(value);
  });

  test("JSON, one on each line, too", () => {
    expect(documentsIn('{"kind": "Pod"}\n{"kind": "Job"}\n').map(({ value }) => value)).toEqual([
      { kind: "Pod" },
      { kind: "Job" },
    ]);
  });
});

describe("what is no manifest is said, with what is around it judged", () => {
  const kinds = (text: string) => readText(text, "file").objects.map(({ kind, name }) => `${kind} ${name}`);
  const pod = "kind: Pod\nmetadata: {name: a}\n";

  test.each([
    [
      "a key that is there twice",
      `${pod}metadata: {name: b}\n`,
      "has the key metadata twice in one map, in line 3: the last counts",
      ["Pod b"],
    ],
    [
      "a template of Helm",
      `${pod}---\nkind: Pod\nmetadata: {name: {{ .Values.name }}}\n`,
      "is no manifest: line 5 has a list or a map for a key; templates are to be rendered first",
      ["Pod a"],
    ],
    [
      "a tab",
      `${pod}---\nkind: Pod\nmetadata:\n\tname: b\n`,
      "is no YAML: Tabs are not allowed as indentation",
      ["Pod a"],
    ],
    [
      "an anchor of another document",
      `${pod}---\nkind: Pod\nmetadata: *other\n`,
      "cannot be read: Unresolved alias",
      ["Pod a"],
    ],
    [
      "what has itself within",
      `&self\n${pod}spec: *self\n`,
      "cannot be read: Converting circular structure to JSON",
      [],
    ],
    [
      "an item of a List without a kind",
      `kind: List\nitems: [{kind: Pod, metadata: {name: a}}, null, {kind: List, items: [5]}]`,
      "since items[1] has no kind",
      ["Pod a"],
    ],
    [
      "a state whose resources are no list",
      "deployment: {resources: x}",
      "holds a state whose resources are no list",
      [],
    ],
  ])("%s", (_, text, problem, read) => {
    expect(problemsOf(text).join("\n")).toContain(problem);
    expect(kinds(text)).toEqual(read);
  });

  test("a place in two Lists has its whole path", () => {
    expect(problemsOf("{kind: List, items: [{kind: List, items: [5]}]}")).toEqual([
      expect.stringContaining("since items[0].items[0] has no kind"),
    ]);
  });

  test("items of a list of one kind need not say theirs", () => {
    expect(kinds("{kind: PodList, items: [{metadata: {name: a}}]}")).toEqual(["Pod a"]);
  });

  test("a manifest is no state, whatever its fields are called", () => {
    expect(kinds(`${pod}deployment: {resources: []}\n`)).toEqual(["Pod a"]);
  });
});
