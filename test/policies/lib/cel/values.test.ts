import { type CelMap, isCelList, isCelMap } from "@bufbuild/cel";
import { celValue, keysOf, lazyMap, objectOf } from "../../../../policies/lib/cel/values.ts";
import { guarded, UnknownValue } from "../../../../policies/lib/unknown.ts";
import { unknown } from "../../../lib/unknown.ts";

/** A map of CEL, for what is one. */
function mapIn(value: unknown): CelMap {
  if (!isCelMap(value)) throw new Error("It is no map.");
  return value;
}
/** What a value of CEL holds, in JavaScript's own objects; Kubernetes has no keys but texts. */
function plain(value: unknown): unknown {
  if (isCelList(value)) return [...value].map(plain);
  return isCelMap(value) ? Object.fromEntries([...value].map(([key, one]) => [key as string, plain(one)])) : value;
}

describe("a value", () => {
  test.each([
    ["a text", "web", "web"],
    ["an empty text", "", ""],
    ["true", true, true],
    ["false", false, false],
    ["a whole number", 8080, 8080n],
    ["a number with a fraction", 0.5, 0.5],
    ["nothing", null, undefined],
    ["what is not there", undefined, undefined],
    ["a list, in which null keeps its place", [1, null, "a", [true]], [1n, null, "a", [true]]],
    ["an empty list", [], []],
    [
      "an object without what is null in it",
      { a: 1, b: null, c: { d: [{ e: "f" }] } },
      { a: 1n, c: { d: [{ e: "f" }] } },
    ],
  ])("%s", (_, written, value) => {
    expect(plain(celValue(written))).toEqual(value);
  });

  test("of a list is not known where one of its items is not", () => {
    expect(() => celValue(guarded(["a", unknown]))).toThrow(UnknownValue);
  });
});

describe("an object", () => {
  const map = mapIn(objectOf({ name: "app", image: null, args: ["-v"] }));

  test("has the keys that have a value", () => {
    expect([...map.keys()]).toEqual(["name", "args"]);
    expect(map.size).toBe(2);
    expect(map.has("name")).toBe(true);
    expect(map.has("image")).toBe(false);
    expect(map.has("command")).toBe(false);
  });

  test("is gone through by its keys, its values and both", () => {
    expect([...map.values()].map(plain)).toEqual(["app", ["-v"]]);
    expect([...map.entries()].map(([key, value]) => [key, plain(value)])).toEqual([
      ["name", "app"],
      ["args", ["-v"]],
    ]);
  });

  test("shows in the place of a key what is made of it, also of one that is not written", () => {
    const shown = objectOf(
      { cpu: 1, memory: "1Gi", swap: "0" },
      { cpu: (written) => `${String(written)} core`, storage: () => "none", swap: () => undefined },
    );
    expect(plain(shown)).toEqual({ cpu: "1 core", storage: "none", memory: "1Gi" });
  });

  test("has nothing that only every object of JavaScript has", () => {
    expect(mapIn(objectOf({})).has("toString")).toBe(false);
    expect(mapIn(objectOf({ toString: "a" }, {})).get("toString")).toBe("a");
  });

  test("has what is not known yet, and can be asked for all else", () => {
    const half = mapIn(objectOf(guarded({ image: unknown, name: "app", tty: null })));
    expect([...half.keys()]).toEqual(["image", "name"]);
    expect(half.size).toBe(2);
    expect(half.get("name")).toBe("app");
    expect(() => half.get("image")).toThrow("image is not known before the update");
  });
});

describe("a map that is read when it is asked", () => {
  test("reads each value once, and none before", () => {
    const read = jest.fn((key: string) => key.toUpperCase());
    const map = mapIn(lazyMap(() => ["a", "b"], read));
    expect(read).not.toHaveBeenCalled();
    expect([map.get("a"), map.get("a"), plain(map)]).toEqual(["A", "A", { a: "A", b: "B" }]);
    expect(read.mock.calls).toEqual([["a"], ["b"]]);
  });

  test("leaves out a key without a value", () => {
    const map = mapIn(
      lazyMap(
        () => ["a", "b"],
        (key) => (key === "a" ? 1n : undefined),
      ),
    );
    expect(plain(map)).toEqual({ a: 1n });
    expect(map.size).toBe(1);
  });

  test("fails of what fails otherwise", () => {
    const map = mapIn(
      lazyMap(
        () => ["a"],
        () => {
          throw new TypeError("broken");
        },
      ),
    );
    expect(() => [...map.keys()]).toThrow("broken");
  });
});

test.each([
  [{ b: 1, a: null }, ["b", "a"]],
  [{}, []],
  [null, []],
  [undefined, []],
  ["text", []],
  [7, []],
])("the keys of %j", (value, keys) => {
  expect(keysOf(value)).toEqual(keys);
});
