import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { configSchema, engineConfig } from "../../../policies/lib/pack.ts";

test("each policy of the engine is given the whole configuration", () => {
  const config = policyConfigSchema.parse({ rules: { "qos-require-limits": { level: "advisory" } } });
  expect(engineConfig(config)).toEqual({ "rules-of-objects": config, "rules-of-stacks": config });
});

test("the engine is told of each key that the configuration has, by its type", () => {
  const types = Object.entries(configSchema.properties).map(([key, { type }]) => [key, type]);
  expect(types).toEqual([
    ["rules", "object"],
    ["exemptions", "array"],
  ]);
  expect(Object.keys(policyConfigSchema.parse({}))).toEqual(["rules", "exemptions"]);
});
