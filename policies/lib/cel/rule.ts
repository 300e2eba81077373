/** Rules that are written once as CEL: this process asks them by it, and the API server is given the same. */
import type { z } from "zod";
import { groupOf } from "../lookup.ts";
import type { KubernetesObject } from "../object.ts";
import type { Rule, RuleText } from "../rule.ts";
import { workloadOf } from "../workload.ts";
import { findingsOf } from "./evaluate.ts";
import type { CelForm, Kinds } from "./form.ts";

/** A rule about objects of some kinds, or workloads of every kind, each by itself. */
export function celRule<Schema extends z.ZodType<object>>({
  about,
  ...rule
}: Omit<RuleText, "sees" | "notCel"> & {
  readonly parameters: Schema;
  /** Which objects it is about. @default every form of a workload */
  readonly about?: Kinds;
  readonly cel: (parameters: z.infer<Schema>) => Omit<CelForm, "about">;
}): Rule {
  const forms = new WeakMap<object, CelForm>();
  const formOf = (parameters: unknown): CelForm => {
    // Whoever runs a rule has parsed its parameters with its own schema.
    const parsed = parameters as z.infer<Schema>;
    const made = forms.get(parsed) ?? { ...rule.cel(parsed), ...(about === undefined ? {} : { about }) };
    forms.set(parsed, made);
    return made;
  };
  return {
    ...rule,
    sees: "object",
    cel: formOf,
    *check(object, { parameters }) {
      const subject = about === undefined ? workloadOf(object) : isOf(about, object) ? object : undefined;
      if (subject !== undefined) yield* findingsOf(formOf(parameters), subject);
    },
  };
}

const isOf = ({ groups, resources }: Kinds, object: KubernetesObject): boolean =>
  !object.patch && Object.hasOwn(resources, object.kind) && groups.includes(groupOf(object));
