/** Rules that are written once as CEL: this process asks them by it, and the API server is given the same. */
import type { z } from "zod";
import type { Rule, RuleText } from "../rule.ts";
import { workloadOf } from "../workload.ts";
import { findingsOf } from "./evaluate.ts";
import type { CelForm } from "./form.ts";

/** A rule about workloads of every kind, each by itself. */
export function celRule<Schema extends z.ZodType<object>>(
  rule: Omit<RuleText, "sees" | "notCel"> & {
    readonly parameters: Schema;
    readonly cel: (parameters: z.infer<Schema>) => CelForm;
  },
): Rule {
  const forms = new WeakMap<object, CelForm>();
  const formOf = (parameters: unknown): CelForm => {
    // Whoever runs a rule has parsed its parameters with its own schema.
    const parsed = parameters as z.infer<Schema>;
    const made = forms.get(parsed) ?? rule.cel(parsed);
    forms.set(parsed, made);
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
