import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { configSchema, engineConfig } from "../../../policies/lib/pack.ts";

test("each policy of the engine is given the whole configuration", () => {
  const config = policyConfigSchema.parse({ rules: { "qos-require-limits": { level: "advisory" } } });
  expect(engineConfig(config)).toEqual({
    "rules-of-objects": config,
    "rules-of-stacks": config,
    "remedies-of-objects": { ...config, enforcementLevel: "disabled" },
  });
});

test("the engine asks for remedies where the level of a rule says so", () => {
  const levels = {
    "qos-require-limits": { level: "advisory" },
    "pod-security-require-restricted": { level: "remediate" },
  };
  const config = policyConfigSchema.parse({ rules: levels });
  expect(engineConfig(config)["remedies-of-objects"]).toEqual({ ...config, enforcementLevel: "remediate" });
});

test("the engine is told of each key that the configuration has, by its type", () => {
  const types = Object.entries(configSchema.properties).map(([key, { type }]) => [key, type]);
  expect(types).toEqual([
    ["rules", "object"],
    ["exemptions", "array"],
  ]);
  expect(Object.keys(policyConfigSchema.parse({}))).toEqual(["rules", "exemptions"]);
});
