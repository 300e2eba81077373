/** Rules of ours that several suites ask for. */
import type { Counterpart } from "./suite.ts";

/** A rule with all of its findings, or with those at some paths. */
export const rule = (name: string, at?: RegExp): Counterpart =>
  at === undefined ? { rule: name } : { rule: name, at };

/** What keeps containers from writing to their own files. */
export const readOnlyRoot = [rule("pod-security-require-read-only-root")];

/** What the level baseline forbids at some paths. */
export const baseline = (at: RegExp) => [rule("pod-security-require-baseline", at)];

/** What the level restricted asks for at some paths, and what baseline forbids there. */
export const restricted = (at: RegExp) => [rule("pod-security-require-restricted", at), ...baseline(at)];
