/** Reads untyped properties, as a policy sees them. */

/** The property of a value, or `undefined` when the value has no properties. */
export function property(value: unknown, key: string | number): unknown {
  // A policy's properties are JSON by origin, so what is an object can be read by its keys.
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string | number, unknown>>)[key]
    : undefined;
}

/** The value at the end of a path of keys; `undefined` where it breaks off. */
export const at = (value: unknown, ...path: readonly string[]): unknown => path.reduce(property, value);

/** A list, a single value as a list of it, nothing as an empty one. */
export function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

/** A string, or a number as the string Kubernetes takes it for; `undefined` for anything else. */
export function text(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : undefined;
}

/** A number; `undefined` for anything else. */
export const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** Whether a value is not there. */
export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

/** A list's places: one that holds what is not known can be counted, but not walked through. */
export const indices = (all: readonly unknown[]): number[] => Array.from({ length: all.length }, (_, index) => index);

/** The keys and values of an object; none of what is no object. */
export function entries(value: unknown): readonly (readonly [key: string, value: unknown])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).map((key) => [key, property(value, key)] as const);
}
