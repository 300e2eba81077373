/** Rules that are written once as CEL: this process asks them by it, and the API server is given the same. */
import type { z } from "zod";
import type { Rule, RuleText } from "../rule.ts";
import { workloadOf } from "../workload.ts";
import { findingsOf } from "./evaluate.ts";
import type { CelForm } from "./form.ts";

/** A rule about workloads of every kind, each by itself. */
export function celRule<Schema extends z.ZodType>(
  rule: Omit<RuleText, "sees" | "notCel"> & {
    readonly parameters: Schema;
    readonly cel: (parameters: z.infer<Schema>) => CelForm;
  },
): Rule {
  const forms = new WeakMap<object, CelForm>();
  const formOf = (parameters: unknown): CelForm => {
    const key = typeof parameters === "object" && parameters !== null ? parameters : rule;
    const known = forms.get(key);
    if (known !== undefined) return known;
    // Whoever runs a rule has parsed its parameters with its own schema.
    const made = rule.cel(parameters as z.infer<Schema>);
    forms.set(key, made);
    return made;
  };
  return {
    ...rule,
    sees: "object",
    cel: formOf,
    *check(object, { parameters }) {
      const workload = workloadOf(object);
      if (workload !== undefined) yield* findingsOf(formOf(parameters), workload);
    },
  };
}
