/** Values that are not known yet, or not to be read: a rule that reads one is told so, and never takes it for nothing. */
import * as engine from "@pulumi/policy/proxy.js";
import { property } from "./values.ts";

/** Why a value cannot be read: the update makes it, or the state keeps it encrypted. */
export type Reason = "later" | "encrypted";

/** Thrown where a rule reads a value that cannot be read. */
export class UnknownValue extends Error {
  readonly path: string;
  readonly reason: Reason;

  constructor(path: string, reason: Reason) {
    super(`${path} is ${reason === "later" ? "not known before the update" : "encrypted in the state"}`);
    this.path = path;
    this.reason = reason;
  }
}

/** What the engine sends a policy in the place of a value that is not known yet, by the type that it will have. */
const sentinels: ReadonlySet<unknown> = new Set(
  // Exported, but left out of the SDK's types as internal.
  Object.entries(engine as unknown as Readonly<Record<string, unknown>>)
    .filter(([name]) => /^unknown\w+Value$/.test(name))
    .map(([, value]) => value),
);

/** The key and value by which the engine marks a secret in its state (sdk/go/common/resource/sig). */
const [signatureKey, secretSignature] = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"];

function reasonOf(value: unknown): Reason | undefined {
  if (typeof value === "string") return sentinels.has(value) ? "later" : undefined;
  return property(value, signatureKey) === secretSignature ? "encrypted" : undefined;
}

/**
 * A value that throws {@link UnknownValue} where what cannot be read is read. What is wholly known is given back as it
 * is, so that nothing is paid for it.
 *
 * @param value JSON, as the engine, its state or a file has it
 */
export function guarded(value: unknown): unknown {
  return containsUnknown(value) ? proxyOf(value, "") : value;
}

function containsUnknown(value: unknown): boolean {
  if (reasonOf(value) !== undefined) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(containsUnknown);
}

function proxyOf(value: unknown, path: string): unknown {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get: (target, key, receiver) => {
      const inner: unknown = Reflect.get(target, key, receiver);
      if (typeof key === "symbol") return inner;
      const innerPath = pathTo(path, Array.isArray(target) ? Number(key) : key);
      const reason = reasonOf(inner);
      if (reason !== undefined) throw new UnknownValue(innerPath, reason);
      return proxyOf(inner, innerPath);
    },
  });
}

/** The path of a key below another path, as people write it: `spec.containers[0].name`. */
export function pathTo(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${String(key)}]`;
  const word = /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
  return word === key ? `${path}${path === "" ? "" : "."}${word}` : `${path}[${word}]`;
}

/** What stands behind `read`, or `undefined` where it cannot be read: for what only names things. */
export function ifKnown<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnknownValue) return undefined;
    throw error;
  }
}
