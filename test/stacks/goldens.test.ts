import { readFileSync } from "node:fs";
import { createPlatform } from "../../platform.ts";
import { record } from "../lib/record.ts";
import { goldenFile, stackConfig, stacks } from "../lib/stacks.ts";

test("dev, staging and prod are the stacks", () => {
  expect([...stacks].sort()).toEqual(["dev", "prod", "staging"]);
});

test.each(stacks)(
  "stack %s makes exactly the resources in its .expected.json, which `npm run golden` rewrites",
  async (stack) => {
    const { resources } = await record(() => createPlatform(stackConfig(stack)));
    const expected: unknown = JSON.parse(readFileSync(goldenFile(stack), "utf8"));
    expect(resources).toEqual(expected);
  },
);
