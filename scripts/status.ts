/** `npm run status`: the health of an environment's platform on one screen, with a reason for whatever is not well. */
import { styleText } from "node:util";
import { Command } from "commander";
import { readHealth } from "../status/reading.ts";
import { isWell, reportOf, reportText, type State } from "../status/report.ts";
import { showProgress } from "../toolchain/display.ts";
import { ensureTools } from "../toolchain/index.ts";
import { getterOf, kubeconfigOf, type StackFlags } from "./find-stack.ts";

interface Flags extends StackFlags {
  readonly json?: true;
}

const colours = { well: "green", ill: "red", unknown: "yellow" } as const satisfies Record<State, string>;

const program = new Command("status")
  .description("Shows whether an environment's platform is well. Its exit code is 0 when all is, and 1 when not.")
  .option("--stack <name>", "the environment", "dev")
  .option("--config <file>", "its configuration (default: Pulumi.<stack>.yaml)")
  .option("--kubeconfig <file>", "the way to the cluster, where it is no embedded one")
  .option("--json", "as JSON")
  .action(async (flags: Flags) => {
    const kubeconfig = kubeconfigOf(flags);
    await ensureTools(["kubectl"], { progress: showProgress() });
    const get = getterOf(kubeconfig);
    const lines = reportOf(await readHealth(get, Date.now() / 1000));
    const colour = (state: State, text: string) => styleText(colours[state], text, { stream: process.stdout });
    console.log(flags.json === true ? JSON.stringify(lines, undefined, 2) : reportText(lines, colour));
    process.exitCode = isWell(lines) ? 0 : 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
