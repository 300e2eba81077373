import { guarded, ifKnown, pathTo, UnknownValue } from "../../../policies/lib/unknown.ts";
import { at, property } from "../../../policies/lib/values.ts";
import { unknown } from "../../lib/unknown.ts";

const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "…" };

/** What a read throws. */
function thrownBy(read: () => unknown): unknown {
  try {
    read();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** What cannot be read of a value that is at the path a.b[1]. */
const readOf = (value: unknown) =>
  thrownBy(() => property(at(guarded({ a: { b: ["known", value] } }), "a", "b"), 1)) as UnknownValue | undefined;

// As @pulumi/policy's proxy.ts has them.
test.each([
  ["a boolean", "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"],
  ["a number", "3eeb2bf0-c639-47a8-9e75-3b44932eb421"],
  ["a string", "04da6b54-80e4-46f7-96ec-b56ff0331ba9"],
  ["an array", "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"],
  ["an asset", "030794c1-ac77-496b-92df-f27374a8bd58"],
  ["an archive", "e48ece36-62e2-4504-bad9-02848725956a"],
  ["an object", "dd056dcd-154b-4c76-9bd3-c8f88648b5ff"],
])("%s that is made by the update is not known before it", (_, value) => {
  const error = readOf(value);
  expect(error).toBeInstanceOf(UnknownValue);
  expect(error).toMatchObject({
    path: "a.b[1]",
    reason: "later",
    message: "a.b[1] is not known before the update",
  });
});

test("what the state keeps encrypted cannot be read", () => {
  const error = readOf(secret);
  expect(error).toBeInstanceOf(UnknownValue);
  expect(error).toMatchObject({ path: "a.b[1]", reason: "encrypted", message: "a.b[1] is encrypted in the state" });
});

test.each([
  ["text", "web"],
  ["nothing", null],
  ["what bears another signature", { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17" }],
  ["another key with that of a secret", { signature: "1b47061264138c4ac30d75fd1eb44270" }],
])("%s can be read", (_, value) => {
  expect(readOf(value)).toBeUndefined();
});

test.each([["text"], [1], [null], [undefined], [{ a: [{ b: null }] }], [["a", []]]])(
  "%j is wholly known, and given back as it is",
  (value) => {
    expect(guarded(value)).toBe(value);
  },
);

test("what is known beside it can be read", () => {
  const value = guarded({
    metadata: { name: unknown, labels: { app: "web" } },
    items: [1, unknown, { a: [2] }],
    none: null,
  });
  expect(at(value, "metadata", "labels", "app")).toBe("web");
  expect(at(value, "metadata", "labels")).toEqual({ app: "web" });
  expect(Object.keys(at(value, "metadata") as object)).toEqual(["name", "labels"]);
  expect(at(value, "items", "length")).toBe(3);
  expect(property(at(value, "items"), 0)).toBe(1);
  expect(at(value, "items", "2", "a")).toEqual([2]);
  expect(at(value, "none")).toBeNull();
  expect(at(value, "metadata", "namespace")).toBeUndefined();
});

test.each<[string, object, string]>([
  ["at the top", { spec: unknown }, "spec"],
  ["in a list of lists", { spec: [[unknown]] }, "spec[0][0]"],
  ["under a key with a dot", { spec: { "example.com/a": unknown } }, 'spec["example.com/a"]'],
  ["under a number", { spec: { 80: unknown } }, "spec.80"],
  ["under a name that lists have, too", { spec: { length: unknown } }, "spec.length"],
])("its path is told %s", (_, value, path) => {
  expect(thrownBy(() => JSON.stringify(guarded(value)))).toMatchObject({ path, reason: "later" });
});

test("a list is walked through up to what is not known", () => {
  const seen: unknown[] = [];
  const error = thrownBy(() => {
    for (const one of guarded(["a", "b", unknown, "c"]) as unknown[]) seen.push(one);
  });
  expect(seen).toEqual(["a", "b"]);
  expect(error).toMatchObject({ path: "[2]", reason: "later" });
  expect(() => (guarded(["a", unknown]) as string[]).map((one) => one)).toThrow("[1] is not known before the update");
});

test.each<[path: string, key: string | number, whole: string]>([
  ["", "spec", "spec"],
  ["spec", "replicas", "spec.replicas"],
  ["spec", "cluster-ip_1", "spec.cluster-ip_1"],
  ["spec.containers", 0, "spec.containers[0]"],
  ["", 12, "[12]"],
  ["metadata.labels", "app.name", 'metadata.labels["app.name"]'],
  ["", "/a", '["/a"]'],
  ["a", "b/", 'a["b/"]'],
  ["a", "", 'a[""]'],
  ["a", 'say "b"', 'a["say \\"b\\""]'],
])("below %j, the path of %j is %j", (path, key, whole) => {
  expect(pathTo(path, key)).toBe(whole);
});

test("what cannot be read may be left out, and nothing else that fails", () => {
  expect(ifKnown(() => "web")).toBe("web");
  const failing = (error: Error) => () => {
    throw error;
  };
  expect(ifKnown<string>(failing(new UnknownValue("metadata.name", "later")))).toBeUndefined();
  expect(() => ifKnown<string>(failing(new TypeError("x is not a function")))).toThrow("x is not a function");
});
