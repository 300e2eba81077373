/** Kubernetes objects as values of CEL: read as far as they are asked for, so that an unknown value harms nobody else. */
import { celList, celMap, type CelInput } from "@bufbuild/cel";
import { ifKnown, UnknownValue } from "../unknown.ts";
import { indices, isAbsent, property } from "../values.ts";

/** What stands in an object's place for a key, worked out of what is written there. */
export type Overrides = Readonly<Record<string, (written: unknown) => CelInput | undefined>>;

/** A value as CEL has it; `undefined` for null, which the API server drops. @throws UnknownValue for an item of a list */
export function celValue(value: unknown): CelInput | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (!Array.isArray(value)) return objectOf(value);
  return celList(indices(value).map((index) => celValue(property(value, index)) ?? null));
}

/** The unknown values that maps were asked for, by whoever works out an expression. */
const met: UnknownValue[] = [];

/**
 * What `work` gives, and the first unknown value that a map was asked for meanwhile: where several things fail in one
 * expression, CEL keeps of them what the first one says, and not what it was.
 */
export function meeting<T>(work: () => T): readonly [result: T, unknown: UnknownValue | undefined] {
  const before = met.length;
  try {
    return [work(), met[before]];
  } finally {
    met.length = before;
  }
}

/** A map whose values are worked out when they are read for the first time. */
class LazyMap extends Map<string, CelInput> {
  private readonly read: (key: string) => CelInput | undefined;
  private readonly names: () => readonly string[];

  /** @param names the keys, or more: what has no value is left out */
  constructor(names: () => readonly string[], read: (key: string) => CelInput | undefined) {
    super();
    this.names = names;
    this.read = read;
  }

  override get(key: string): CelInput | undefined {
    try {
      return this.found(key);
    } catch (error) {
      if (error instanceof UnknownValue) met.push(error);
      throw error;
    }
  }

  private found(key: string): CelInput | undefined {
    if (super.has(key)) return super.get(key);
    const value = this.read(key);
    if (value !== undefined) super.set(key, value);
    return value;
  }

  override has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  override get size(): number {
    return this.present().length;
  }

  override keys(): MapIterator<string> {
    return this.present().values();
  }

  override *entries(): MapIterator<[string, CelInput]> {
    for (const key of this.present()) {
      const value = this.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  override *values(): MapIterator<CelInput> {
    for (const [, value] of this.entries()) yield value;
  }

  override [Symbol.iterator](): MapIterator<[string, CelInput]> {
    return this.entries();
  }

  /** What is not known yet is there. */
  private present(): string[] {
    return this.names().filter((key) => ifKnown(() => this.found(key) !== undefined) ?? true);
  }
}

/** A map as CEL has it, made once: CEL would make it anew wherever it reads it. */
export const lazyMap = (names: () => readonly string[], read: (key: string) => CelInput | undefined): CelInput =>
  celMap(new LazyMap(names, read));

/** An object. */
export const objectOf = (value: unknown, overrides: Overrides = {}): CelInput =>
  lazyMap(
    () => [...new Set([...Object.keys(overrides), ...keysOf(value)])],
    (key) => {
      const written = property(value, key);
      const override = Object.hasOwn(overrides, key) ? overrides[key] : undefined;
      return override === undefined ? celValue(written) : override(written);
    },
  );

/** The keys of an object. */
export const keysOf = (value: unknown): readonly string[] =>
  typeof value === "object" && value !== null ? Object.keys(value) : [];
