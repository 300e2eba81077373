/** Objects that nobody should write: known kinds with something else in the place of one of their values. */
import fc from "fast-check";

/** What stands where it does not belong. */
const junk = fc.oneof(
  fc.constantFrom<unknown>(null, "", "x", "5", "true", true, false, 0, -1, 1.5, 5, 2 ** 53, 1e400, Number.NaN),
  fc.constantFrom<unknown>("[", "*", "10%", "-1Gi", "1e99999", "0x10", "\u0000", "a/b/c:d@e", "🦄".repeat(40)),
  fc.constantFrom<unknown>([], {}, [null], [[]], [{}], ["x", 5, {}], { name: [] }, { a: { b: 1 } }, { length: 3 }),
  fc.constantFrom<unknown>("__proto__", "constructor", { constructor: 1 }, { hasOwnProperty: "x", toString: null }),
  fc.anything({ maxDepth: 2, withNullPrototype: false }).map((value) => asJson(value)),
);

/** What JSON can say of a value: files say no more. */
const asJson = (value: unknown): unknown => {
  const text = JSON.stringify([value], (_, one: unknown) => (typeof one === "bigint" ? String(one) : one));
  return (JSON.parse(text) as unknown[])[0];
};

type Path = readonly (string | number)[];

/** Every place in a value. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

/** A value with something else in a place. */
function put(value: unknown, [key, ...rest]: Path, other: unknown): unknown {
  if (key === undefined) return other;
  const change = (own: unknown, index: string | number) =>
    String(index) === String(key) ? put(own, rest, other) : own;
  if (Array.isArray(value)) return value.map(change);
  return Object.fromEntries(Object.entries(value as object).map(([name, own]) => [name, change(own, name)]));
}

/** An object that has one value or two replaced by junk. */
const spoiled = (object: object): fc.Arbitrary<unknown> => {
  const paths = pathsOf(object).filter((path) => path.length > 0);
  const edit = fc.tuple(fc.constantFrom(...paths), junk);
  return fc.tuple(edit, fc.option(edit, { freq: 2, nil: undefined })).map(([[path, other], second]) => {
    const once = put(object, path, other);
    const goesOn = second !== undefined && pathsOf(once).some((one) => String(one) === String(second[0]));
    return goesOn ? put(once, second[0], second[1]) : once;
  });
};

/**
 * Objects together, some of them malformed.
 *
 * @param objects what they were
 */
export const malformed = (objects: readonly object[]): fc.Arbitrary<unknown[]> =>
  fc
    .tuple(...objects.map((object) => fc.option(spoiled(object), { freq: 2, nil: object })))
    .map((all) => [...all] as unknown[]);
