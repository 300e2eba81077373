/** `npm run preview|refresh|destroy|unlock [-- --stack NAME]`: the engine on an environment, with every policy pack. */
import { Command } from "commander";
import { ensureTools } from "../toolchain/index.ts";
import { showProgress } from "../toolchain/display.ts";
import { writePreview } from "./preview.ts";
import { pendingFlags, Stack } from "./stack.ts";

const confirmed = { preview: ["--diff"], refresh: ["--yes"], destroy: ["--yes"] } as const;

interface Options {
  readonly stack: string;
  readonly config?: string;
  readonly report?: string;
  readonly whole?: string;
  readonly clearPending?: true;
  readonly importPending?: readonly string[];
}

function isCommand(word: string): word is keyof typeof confirmed {
  return word in confirmed;
}

const program = new Command("engine")
  .argument("<command>", `${Object.keys(confirmed).join(", ")}, unlock`)
  .option("--stack <name>", "the environment", "dev")
  .option("--config <file>", "its configuration (default: Pulumi.<stack>.yaml)")
  .option("--diff", "every changed property: what preview always shows")
  .option("--report <folder>", "for preview: writes it there as Markdown, comment.md and preview.md")
  .option("--whole <where>", "for --report: where the whole preview can be read, in Markdown")
  .option("--clear-pending", "for refresh: what a run that was cut off had begun to make is not there")
  .option("--import-pending <urn-and-id...>", "for refresh: it is there, under that ID of its provider")
  .action(async (command: string, options: Options) => {
    if (command === "unlock") {
      await ensureTools(["engine"], { progress: showProgress() });
      process.exitCode = await new Stack(options).unlock();
      return;
    }
    if (!isCommand(command)) {
      throw new Error(`"${command}" is none of ${Object.keys(confirmed).join(", ")}, unlock.`);
    }
    const { report, whole } = options;
    const decided = [
      ...(options.clearPending === true ? [pendingFlags.clear] : []),
      ...(options.importPending ?? []).flatMap((word) => [pendingFlags.import, word]),
    ];
    if (decided.length > 0 && command !== "refresh") {
      throw new Error(`--clear-pending and --import-pending are for refresh, and this is ${command}.`);
    }
    if (report !== undefined && command !== "preview") {
      throw new Error(`--report is for preview, and this is ${command}.`);
    }
    await ensureTools(["engine"], { progress: showProgress() });
    process.exitCode =
      report === undefined
        ? await new Stack(options).run(command, [...confirmed[command], ...decided])
        : await writePreview(options.stack, () => new Stack(options), report, whole === undefined ? {} : { whole });
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
