/** What happens after the last test, however the tests have ended. */
import { join } from "node:path";
import { after } from "node:test";
import { execa } from "execa";
import { root } from "../../../scripts/stack.ts";
import { config, figures } from "./context.ts";

after(async () => {
  // Also when a test failed: nothing may stay on the machine.
  await execa(process.execPath, [join(root, "scripts/down.ts"), "--stack", "e2e", "--config", config], {
    cwd: root,
    reject: false,
    stdio: "inherit",
  });
  console.log(`\nFigures:\n${figures.map((f) => `  ${f}`).join("\n")}`);
});
