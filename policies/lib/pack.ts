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

/** The name of what reports exemptions that hold no more. */
export const expiryPolicy = "exemptions-require-renewal";

/** What the engine passes on to a policy, beside the level that it keeps itself. */
export type EngineSettings = Pick<PolicyConfig["rules"][string], "parameters"> & Pick<PolicyConfig, "exemptions">;

/** What the engine is told of a policy's settings; the rule's own schema says more. */
export const configSchema: PolicyConfigSchema = {
  properties: {
    parameters: { type: "object", description: "The rule's own parameters." },
    exemptions: { type: "array", description: "What the rule is not held against, each with a reason and a last day." },
  },
};

/**
 * A configuration in the form of the engine's `--policy-pack-config`: the rules' names to their settings.
 *
 * @param rules those of the pack
 */
export function engineConfig(
  rules: readonly Rule[],
  { rules: set, exemptions }: PolicyConfig,
): Readonly<Record<string, EngineSettings | Pick<EngineSettings, "exemptions">>> {
  const own = rules.map(({ name }) => {
    const { level, parameters = {} } = set[name] ?? {};
    const exempt = exemptions.filter(({ rule }) => rule === name);
    const settings = { ...(level === undefined ? {} : { enforcementLevel: level }), parameters, exemptions: exempt };
    return [name, settings] as const;
  });
  const names = new Set(rules.map(({ name }) => name));
  const renewed = { exemptions: exemptions.filter(({ rule }) => names.has(rule)) };
  return { ...Object.fromEntries(own), [expiryPolicy]: renewed };
}
