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

/** What the engine asks, by name: all rules about one object, all about a whole stack, and exemptions that hold no more. */
export const enginePolicies = {
  objects: "rules-of-objects",
  stacks: "rules-of-stacks",
  expiry: "exemptions-require-renewal",
} as const;

/** What the engine is told of a policy's configuration, which is the rules' own; their schema says more. */
export const configSchema: PolicyConfigSchema = {
  properties: {
    rules: { type: "object", description: "What is set of rules, by their names: level and parameters." },
    exemptions: { type: "array", description: "What rules are not held against, each with a reason and a last day." },
  },
};

/** A configuration in the form of the engine's `--policy-pack-config`: each of its policies reads the whole. */
export const engineConfig = (config: PolicyConfig): Readonly<Record<string, PolicyConfig>> =>
  Object.fromEntries(Object.values(enginePolicies).map((name) => [name, config]));
