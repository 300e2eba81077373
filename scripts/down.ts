/** `npm run down [-- --stack NAME]`: removes the embedded cluster of an environment, and the state of what was in it. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Command } from "commander";
import { Stack, root } from "./stack.ts";

const options = new Command("down")
  .option("--stack <name>", "the environment", "dev")
  .option("--config <file>", "its configuration (default: Pulumi.<stack>.yaml)")
  .parse()
  .opts<{ stack: string; config?: string }>();

try {
  const stack = new Stack(options);
  if (stack.cluster === undefined) {
    throw new Error(
      `Stack ${stack.name} runs on no embedded cluster: use \`npm run destroy -- --stack ${stack.name}\`, which asks the cluster to delete each object.`,
    );
  }
  const cli = join(root, "embedded", "cli.ts");
  const { status } = spawnSync(process.execPath, [cli, "down", "--name", stack.cluster], { stdio: "inherit" });
  if (status === 0) {
    stack.forget();
  }
  process.exitCode = status ?? 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
