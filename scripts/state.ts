/** `npm run state [-- --stack NAME]`: a stack's state and its copies on this machine, and the way back to one of them. */
import { Command } from "commander";
import { table } from "../table.ts";
import { Stack } from "./stack.ts";
import { judgeState, newestWhole } from "./state-copies.ts";
import { copiesOf, judged, putBack, releaseStale } from "./state-folder.ts";
import { existsSync, readFileSync } from "node:fs";

interface Flags {
  readonly stack: string;
  readonly config?: string;
  readonly restore?: string;
}

const flags = new Command("state")
  .description("lists the state of a stack and its copies, or puts a copy in its place")
  .option("--stack <name>", "the environment", "dev")
  .option("--config <file>", "its configuration (default: Pulumi.<stack>.yaml)")
  .option("--restore <file>", "the copy to go back to, or `newest`")
  .parse()
  .opts<Flags>();

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const folder = new Stack(flags).folder();
  if (folder === undefined) {
    throw new Error(
      `The state of stack ${flags.stack} is in its backend, PULUMI_BACKEND_URL, which has versions of its own.`,
    );
  }
  const copies = copiesOf(folder).sort((a, b) => Number(b.at) - Number(a.at));
  if (flags.restore === undefined) {
    const all = [{ file: folder.file, at: undefined, judged: judged(folder) }, ...copies];
    const holds = all.map(({ judged: one }) =>
      "damage" in one ? one.damage : `${String(one.resources)} resources, ${String(one.pending)} under way`,
    );
    const when = all.map(({ at }) => at?.toISOString() ?? "now");
    console.log(table([when, holds, all.map(({ file }) => file)], 3).join("\n"));
    return;
  }
  const chosen = flags.restore === "newest" ? newestWhole(copies)?.file : flags.restore;
  if (chosen === undefined || !existsSync(chosen)) throw new Error(`There is no ${chosen ?? "copy that is whole"}.`);
  const found = judgeState(readFileSync(chosen, "utf8"));
  if ("damage" in found) throw new Error(`The copy ${chosen} ${found.damage}. Nothing is changed.`);
  await releaseStale(folder, console.error);
  putBack(folder, chosen);
  console.log(`The state is that of ${chosen} with ${String(found.resources)} resources; the one before is beside it.`);
  console.log(
    `What was made since is not in it. Next: npm run refresh -- --stack ${folder.stack}, then npm run up -- --stack ${folder.stack}`,
  );
}
