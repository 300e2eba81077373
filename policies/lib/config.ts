/** The configuration of the rules: one JSON object for every place where they are asked. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { problemsOf, section } from "../../problems.ts";
import { levels, type Rule } from "./rule.ts";
import { exemptReason } from "./system-namespaces.ts";

const filled = z.string().trim().min(1, "must not be empty");

/** A rule that is not held against some objects for a while. */
const exemptionSchema = section({
  /** The rule's name. */
  rule: filled,
  /** The object's kind, namespace and name; what is left out is any. A name may end in "*", for what a version ends. */
  kind: filled.optional(),
  namespace: filled.optional(),
  name: filled.optional(),
  /** What findings' paths start with. @default any */
  path: filled.optional(),
  /** Why it must be so, for whoever reads it later. */
  reason: exemptReason,
  /** The last day that it holds, as in 2027-03-31. From then on it is a finding itself. */
  expires: z.iso.date("must be a day like 2027-03-31"),
}).refine(
  ({ kind, namespace, name }) => (kind ?? namespace ?? name) !== undefined,
  "is for every object there is: name a kind, a namespace or a name, or set the rule's level",
);

/** The shape of the configuration. */
export const policyConfigSchema = section({
  /** What is set of rules, by their names. */
  rules: z
    .record(
      filled,
      section({
        /** What a finding means. @default the rule's own */
        level: z.enum(levels).optional(),
        /** The rule's own parameters; docs/policies.md has them. @default the rule's own */
        parameters: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .default({}),
  exemptions: z.array(exemptionSchema).default([]),
}).prefault({});

/** The configuration of the rules, checked. */
export type PolicyConfig = z.infer<typeof policyConfigSchema>;

/** One exemption. */
export type Exemption = PolicyConfig["exemptions"][number];

/**
 * Checks a configuration, and each rule's parameters by the rule's own schema.
 *
 * @param known every rule there is
 * @param file what messages call it
 * @throws with every problem by its path
 */
export function parsePolicyConfig(value: unknown, known: readonly Rule[], file: string): PolicyConfig {
  const parsed = policyConfigSchema.safeParse(value);
  const problems = parsed.success ? contradictions(parsed.data, known, file) : problemsOf(`${file}: `, parsed.error);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new Error(`The configuration of the policies is refused:\n${problems.map((line) => `  ${line}`).join("\n")}`);
}

/** Reads a configuration from a file, as {@link parsePolicyConfig}. */
export function readPolicyConfig(file: string, known: readonly Rule[]): PolicyConfig {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`The configuration of the policies cannot be read from ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return parsePolicyConfig(value, known, file);
}

const cannotRepair = "this rule can put nothing right by itself, so choose mandatory, advisory or disabled";

function contradictions({ rules, exemptions }: PolicyConfig, known: readonly Rule[], file: string): string[] {
  const find = (name: string) => known.find((rule) => rule.name === name);
  const noSuch = (name: string) => `there is no rule ${name}, docs/policies.md has them all`;
  return [
    ...Object.entries(rules).flatMap(([name, { level, parameters }]) => {
      const rule = find(name);
      if (rule === undefined) return [`${file}: rules.${name}: ${noSuch(name)}`];
      const checked = rule.parameters.safeParse(parameters);
      return [
        ...(level === "remediate" && rule.remedy === undefined
          ? [`${file}: rules.${name}.level: ${cannotRepair}`]
          : []),
        ...(checked.success ? [] : problemsOf(`${file}: rules.${name}.parameters.`, checked.error)),
      ];
    }),
    ...exemptions.flatMap(({ rule }, index) =>
      find(rule) === undefined ? [`${file}: exemptions[${String(index)}].rule: ${noSuch(rule)}`] : [],
    ),
  ];
}

/** One configuration over another: rules by name, parameters by name, exemptions of both. */
export function mergePolicyConfigs(base: PolicyConfig, top: PolicyConfig): PolicyConfig {
  const names = [...new Set([...Object.keys(base.rules), ...Object.keys(top.rules)])];
  return {
    rules: Object.fromEntries(
      names.map((name) => {
        const [below, above] = [base.rules[name], top.rules[name]];
        return [name, { ...below, ...above, parameters: { ...below?.parameters, ...above?.parameters } }];
      }),
    ),
    exemptions: [...base.exemptions, ...top.exemptions],
  };
}
