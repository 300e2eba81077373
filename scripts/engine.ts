/** `npm run preview|refresh|destroy [-- --stack NAME]`: the engine on an environment, with every policy pack. */
import { Command } from "commander";
import { ensureTools } from "../toolchain/index.ts";
import { showProgress } from "../toolchain/display.ts";
import { Stack } from "./stack.ts";

const confirmed = { preview: ["--diff"], refresh: ["--yes"], destroy: ["--yes"] } as const;

function isCommand(word: string): word is keyof typeof confirmed {
  return word in confirmed;
}

const program = new Command("engine")
  .argument("<command>", Object.keys(confirmed).join(", "))
  .option("--stack <name>", "the environment", "dev")
  .option("--config <file>", "its configuration (default: Pulumi.<stack>.yaml)")
  .action(async (command: string, options: { stack: string; config?: string }) => {
    if (!isCommand(command)) {
      throw new Error(`"${command}" is none of ${Object.keys(confirmed).join(", ")}.`);
    }
    await ensureTools(["engine"], { progress: showProgress() });
    process.exitCode = await new Stack(options).run(command, confirmed[command]);
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
