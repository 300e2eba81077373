/** `npm run hosts [-- --write]`: lets an environment's public names stand for its ingress on this machine. */
import { readFileSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { ingressOf, outputsOf, stackOf } from "./find-stack.ts";
import { hostsLines, withLines } from "./hosts-file.ts";

interface Options {
  readonly stack: string;
  readonly config?: string;
  readonly file: string;
  readonly write?: true;
  readonly remove?: true;
}

const program = new Command("hosts")
  .description("Prints the lines of a hosts file that let the public names of an environment stand for its ingress.")
  .option("--stack <name>", "the environment", "dev")
  .option("--config <file>", "its configuration (default: Pulumi.<stack>.yaml)")
  .option("--file <path>", "the hosts file", "/etc/hosts")
  .option("--write", "writes them there, in the place of earlier ones")
  .option("--remove", "takes them out again")
  .action(async ({ stack, config, file, write, remove }: Options) => {
    if (remove === true) {
      change(file, (text) => withLines(text, stack, []));
      return;
    }
    const up = stackOf({ stack, ...(config === undefined ? {} : { config }) });
    const ingress = ingressOf(up, await outputsOf(up));
    const lines = hostsLines(ingress);
    console.log(lines.join("\n"));
    if (write === true) change(file, (text) => withLines(text, stack, lines));
  });

function change(file: string, edit: (text: string) => string): void {
  const text = readFileSync(file, "utf8");
  const edited = edit(text);
  if (edited === text) return;
  try {
    writeFileSync(file, edited);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    throw new Error(`${file} is not yours to write: put the lines there yourself, or run this again with sudo.`);
  }
}

try {
  await program.parseAsync();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
