/** `npm run secret -- KEY [--stack NAME] < value`: a secret into an environment's configuration, encrypted. */
import { text } from "node:stream/consumers";
import { Command, InvalidArgumentError } from "commander";
import { secretKeys } from "../config.ts";
import { showProgress } from "../toolchain/display.ts";
import { ensureTools } from "../toolchain/index.ts";
import { Stack } from "./stack.ts";

function secretKey(word: string): string {
  if (secretKeys.some((key) => key === word)) return word;
  throw new InvalidArgumentError(`The secrets are ${secretKeys.join(", ")}.`);
}

const program = new Command("secret")
  .description("Encrypts what stands on the standard input, so that it is in no command line and no shell history.")
  .argument("<key>", secretKeys.join(", "), secretKey)
  .option("--stack <name>", "the environment", "dev")
  .option("--config <file>", "its configuration (default: Pulumi.<stack>.yaml)")
  .action(async (key: string, options: { stack: string; config?: string }) => {
    if (process.stdin.isTTY) console.error(`The value of ${key}, then Enter and Ctrl-D:`);
    const value = await text(process.stdin);
    if (value.trim() === "") throw new Error(`The standard input is empty; give the value of ${key} there.`);
    await ensureTools(["engine"], { progress: showProgress() });
    await new Stack(options).setSecret(key, value.replace(/\n$/, ""));
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
