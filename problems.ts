/** How everything that is refused before the first resource reports it: every problem, by its path, in one message. */
import { z } from "zod";

/**
 * A strict object whose unknown keys are answered with the keys there are.
 *
 * @param shape the object's keys, as for `z.strictObject`
 */
export function section<const T extends z.core.$ZodLooseShape>(shape: T) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `has no key ${quoted(issue.keys)}, its keys are ${quoted(Object.keys(shape))}`
        : undefined,
  });
}

/**
 * One line for each problem: `quintet:backend.replicas.min: must be a whole number from 1 to 10`.
 *
 * @param root what every path lies under, as `quintet:`
 */
export function problemsOf(root: string, error: z.ZodError): string[] {
  return error.issues.map(
    ({ path, message }) => `${path.length === 0 ? root.replace(/\W+$/, "") : root}${pathOf(path)}: ${plain(message)}`,
  );
}

/** zod's own words without its preamble, and with a missing key called that. */
const plain = (message: string): string =>
  message.replace(/^Invalid (input|option): /, "").replace(/, received undefined$/, ", but it is missing");

/** A path as people write it: `cluster.nodes[1].name`. */
export function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${String(key)}]` : `${index === 0 ? "" : "."}${String(key)}`))
    .join("");
}

const quoted = (keys: readonly string[]): string => keys.map((key) => `"${key}"`).join(", ");
