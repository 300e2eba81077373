/** Reads untyped properties, as a policy sees them. */
import { property } from "./pod-specs.ts";

/** The value at the end of a path of keys; `undefined` where it breaks off. */
export const at = (value: unknown, ...path: readonly string[]): unknown => path.reduce(property, value);

/** A list, a single value as a list of it, nothing as an empty one. */
export function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

/** Whether a value says yes, as a boolean or as the text that some AWS properties take instead. */
export const isTrue = (value: unknown): boolean => value === true || value === "true";

/** The type of an AWS resource without module and file: "ec2:LaunchTemplate" of "aws:ec2/launchTemplate:LaunchTemplate". */
export const awsType = (type: string): string => /^aws:(\w+)\/\w+:(\w+)$/.exec(type)?.slice(1).join(":") ?? "";
