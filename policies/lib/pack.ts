/** Rules that belong together, and how the engine is told what is set of them. */
import type { PolicyConfigSchema } from "@pulumi/policy";
import type { PolicyConfig } from "./config.ts";
import type { Rule } from "./rule.ts";

/** A list of rules under the name of their folder. */
export interface Pack {
  readonly name: string;
  readonly description: string;
  readonly rules: readonly Rule[];
}

/** What the engine asks, by name: all rules about one object, all about a whole stack, and what they put right. */
export const enginePolicies = {
  objects: "rules-of-objects",
  stacks: "rules-of-stacks",
  remedies: "remedies-of-objects",
} as const;

/** What stands in the place of a rule where an exemption holds no more, which no rule finds. */
export const renewal = {
  name: "exemptions-require-renewal",
  title: "Every exemption from a rule still holds.",
  why: "What was to be left alone until a day is otherwise left alone for ever.",
  fix: "Put right what it is for and remove it, or say anew why and until when.",
  level: "mandatory",
  severity: "medium",
} as const satisfies Pick<Rule, "name" | "title" | "why" | "level" | "severity"> & { readonly fix: string };

/** What the engine is told of a policy's configuration, which is the rules' own; their schema says more. */
export const configSchema: PolicyConfigSchema = {
  properties: {
    rules: { type: "object", description: "What is set of rules, by their names: level and parameters." },
    exemptions: { type: "array", description: "What rules are not held against, each with a reason and a last day." },
  },
};

/** A configuration in the form of the engine's `--policy-pack-config`: each of its policies reads the whole. */
export const engineConfig = (config: PolicyConfig): Readonly<Record<string, PolicyConfig & Enforced>> => ({
  [enginePolicies.objects]: config,
  [enginePolicies.stacks]: config,
  [enginePolicies.remedies]: { ...config, enforcementLevel: repairs(config) ? "remediate" : "disabled" },
});

/** The engine's own word beside it. */
interface Enforced {
  readonly enforcementLevel?: "remediate" | "disabled";
}

const repairs = ({ rules }: PolicyConfig): boolean => Object.values(rules).some(({ level }) => level === "remediate");
