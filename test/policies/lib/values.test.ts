import { at, entries, indices, isAbsent, list, numberOf, property, text } from "../../../policies/lib/values.ts";

test.each<[value: unknown, key: string | number, read: unknown]>([
  [{ a: 1 }, "a", 1],
  [{ a: null }, "a", null],
  [["a", "b"], 1, "b"],
  [["a", "b"], "length", 2],
  [{ a: 1 }, "b", undefined],
  [["a"], 1, undefined],
  [{}, "toString", undefined],
  [[], "map", undefined],
  ["text", "length", undefined],
  [null, "a", undefined],
  [undefined, "a", undefined],
  [1, "a", undefined],
])("%j has at %j only what is its own", (value, key, read) => {
  expect(property(value, key)).toBe(read);
});

test("a path is followed to its end, or to where it breaks off", () => {
  const value = { spec: { template: { name: "web" } } };
  expect(at(value, "spec", "template", "name")).toBe("web");
  expect(at(value)).toBe(value);
  expect(at(value, "spec", "jobTemplate", "name")).toBeUndefined();
  expect(at(value, "spec", "template", "name", "length")).toBeUndefined();
  expect(at(undefined, "spec")).toBeUndefined();
});

test.each<[value: unknown, read: readonly unknown[]]>([
  [undefined, []],
  [null, []],
  [[], []],
  [
    ["a", null],
    ["a", null],
  ],
  ["a", ["a"]],
  [0, [0]],
  [false, [false]],
  [{ a: 1 }, [{ a: 1 }]],
])("%j is read as the list %j", (value, read) => {
  expect(list(value)).toStrictEqual(read);
});

test.each<[value: unknown, read: string | undefined]>([
  ["a", "a"],
  ["", ""],
  [8080, "8080"],
  [0, "0"],
  [true, undefined],
  [null, undefined],
  [undefined, undefined],
  [["a"], undefined],
])("%j is read as the text %j", (value, read) => {
  expect(text(value)).toBe(read);
});

test.each<[value: unknown, read: number | undefined]>([
  [8080, 8080],
  [0, 0],
  ["8080", undefined],
  [true, undefined],
  [null, undefined],
])("%j is read as the number %j", (value, read) => {
  expect(numberOf(value)).toBe(read);
});

test.each<[value: unknown, absent: boolean]>([
  [undefined, true],
  [null, true],
  ["", false],
  [0, false],
  [false, false],
  [[], false],
])("%j is absent: %j", (value, absent) => {
  expect(isAbsent(value)).toBe(absent);
});

test("a list's places are counted without a look at what is there", () => {
  const walked = new Proxy(["a", "b", "c"], {
    get: (target, key) => {
      if (key !== "length") throw new Error(`${String(key)} is read`);
      return target.length;
    },
  });
  expect(indices(walked)).toEqual([0, 1, 2]);
  expect(indices([])).toEqual([]);
});

test.each<[value: unknown, read: ReturnType<typeof entries>]>([
  [
    { a: 1, b: null },
    [
      ["a", 1],
      ["b", null],
    ],
  ],
  [{}, []],
  [["x"], [["0", "x"]]],
  ["text", []],
  [null, []],
  [undefined, []],
])("%j has the entries %j", (value, read) => {
  expect(entries(value)).toEqual(read);
});
