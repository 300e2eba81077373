/** What CEL comes to for a workload in this process, for the tests of what rules in CEL are made of. */
import { findingsOf } from "../../policies/lib/cel/evaluate.ts";
import type { Check } from "../../policies/lib/cel/form.ts";
import { objectsOfManifest } from "../../policies/lib/object.ts";
import type { Finding } from "../../policies/lib/rule.ts";
import { type Workload, workloadOf } from "../../policies/lib/workload.ts";
import { formsOf, pod } from "./workloads.ts";

/** The workload that a manifest is. */
export function workloadIn(manifest: object): Workload {
  const [object] = objectsOfManifest(manifest);
  const workload = object === undefined ? undefined : workloadOf(object);
  if (workload === undefined) throw new Error("The manifest is no workload.");
  return workload;
}

/** What a check is that finds fault with every container, or with one thing changed. */
export const checkOf = (change: Partial<Check>): Check => ({
  each: "containers",
  valid: "false",
  path: "{it.path}",
  problem: "",
  fix: "",
  ...change,
});

/** What checks say of the containers of an object. */
export function said(
  check: Partial<Check>,
  manifest: object,
  variables: Readonly<Record<string, string>> = {},
): Finding[] {
  return [...findingsOf({ variables, checks: [checkOf(check)] }, workloadIn(manifest))];
}

/** A pod in one form of a workload. */
export const formOf = (kind: string, spec: object): object => formsOf(spec).find(([name]) => name === kind)?.[1] ?? {};

/** What an expression comes to for the first container, as text. */
export function textOf(expression: string, spec: object = pod(), kind = "Deployment"): unknown {
  const [first] = said({ problem: `{${expression}}` }, formOf(kind, spec));
  return first !== undefined && "problem" in first ? first.problem : first;
}
