/** Rewrites test/stacks/<stack>.expected.json, the committed list of what every stack makes. */
import { writeFileSync } from "node:fs";
import { format } from "prettier";
import { createPlatform } from "../platform.ts";
import { record } from "../test/lib/record.ts";
import { goldenFile, stackConfig, stacks } from "../test/lib/stacks.ts";

for (const stack of stacks) {
  const { resources } = await record(() => createPlatform(stackConfig(stack)));
  const file = goldenFile(stack);
  writeFileSync(file, await format(JSON.stringify(resources), { filepath: file, printWidth: 120 }));
  console.log(`${file}: ${String(resources.length)} resources`);
}
