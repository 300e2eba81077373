/** `npm run k3s -- COMMAND`: day 2 of a k3s cluster. Each command changes the environment's data and lets `up` do the rest. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { mayChange } from "../backup/verdict.ts";
import { schemas } from "../config.ts";
import { problemsOf } from "../problems.ts";
import { showProgress } from "../toolchain/display.ts";
import { ensureTools } from "../toolchain/index.ts";
import { parse } from "yaml";
import { type NewNode, upgraded, withNewCertificates, withNode, withNodeAnew, withoutNode } from "./k3s-edits.ts";
import { lastDrill } from "./last-drill.ts";
import { root, Stack } from "./stack.ts";

interface Flags {
  readonly stack: string;
  readonly yes?: true;
}

const program = new Command("k3s").description(
  "Day 2 of a k3s cluster. Without --yes a command shows what it would do and changes nothing.",
);

function command(words: string, what: string): Command {
  return program
    .command(words)
    .description(what)
    .option("--stack <name>", "the environment", "staging")
    .option("--yes", "do it");
}

command("upgrade <version> <sha256>", "another release of k3s: servers one by one after a snapshot, then agents")
  .option("--waive <reason>", "goes on although the last drill of its snapshots is red or old")
  .action((version: string, sha256: string, { waive, ...flags }: Flags & { readonly waive?: string }) =>
    change(flags, (text) => {
      if (flags.yes === true && backsEtcdUp(text)) requireDrill(flags.stack, waive);
      return upgraded(text, version, sha256);
    }),
  );

/** Whether there are snapshots that a drill can prove. */
const backsEtcdUp = (text: string): boolean => {
  const { config } = parse(text) as { config?: { readonly "quintet:backup"?: { readonly kind?: string } } }; // its own form
  return config?.["quintet:backup"]?.kind === "etcd";
};

/** There is no way back from an upgrade but a snapshot. @throws when none is known to be good, and nobody waives that */
function requireDrill(stack: string, waiver: string | undefined): void {
  const { may, says } = mayChange(lastDrill(stack), Date.now(), waiver);
  if (!may) throw new Error(`Nothing is changed. ${says} (npm run drill -- --stack ${stack} …, or --waive "why")`);
  console.log(says);
}

command("renew-certificates", "new certificates, node by node").action((flags: Flags) =>
  change(flags, withNewCertificates),
);

command("add", "one more node")
  .requiredOption("--name <name>", "its host name")
  .requiredOption("--address <address>", "its address in nodeCidr")
  .requiredOption("--rack <rack>", "where it stands")
  .addOption(new Option("--role <role>", "what it does").choices(["server", "agent"]).default("agent"))
  .requiredOption("--host-key <key>", "the public key of its SSH server, from its own console")
  .action(({ name, address, rack, role, hostKey, ...flags }: Flags & NewNode) =>
    change(flags, (text) => withNode(text, { name, address, rack, role, hostKey })),
  );

command("remove <name>", "one node less: drained, out of the cluster and of etcd, and without k3s").action(
  (name: string, flags: Flags) => change(flags, (text) => withoutNode(text, name)),
);

command("replace <name>", "one node made anew, without its old data: on its own machine, or on another one")
  .option("--host-key <key>", "the public key of the other machine's SSH server, from its own console")
  .action((name: string, { hostKey, ...flags }: Flags & { readonly hostKey?: string }) =>
    change(flags, (text) => withNodeAnew(text, name, hostKey)),
  );

command("rotate-token", "another token to join with, made here and kept as a secret").action(async (flags: Flags) => {
  if (flags.yes !== true) {
    console.log(
      "Would put a new random token into quintet:k3sToken and rotate it, node by node. Run again with --yes.",
    );
    return;
  }
  await ensureTools(["engine"], { progress: showProgress() });
  const stack = new Stack(flags);
  await stack.setSecret("k3sToken", randomBytes(32).toString("hex"));
  process.exitCode = await stack.run("up", ["--yes"]);
});

/** Changes the environment's file and runs `up`, or shows on a copy what that would do. */
async function change({ stack, yes }: Flags, edit: (text: string) => string): Promise<void> {
  const file = join(root, `Pulumi.${stack}.yaml`);
  const text = edit(readFileSync(file, "utf8"));
  const { config } = parse(text) as { config: Record<string, unknown> }; // the edit has found the cluster in it
  const checked = schemas.cluster.safeParse(config["quintet:cluster"]);
  if (!checked.success) {
    throw new Error(["Nothing is changed:", ...problemsOf("quintet:cluster.", checked.error)].join("\n  "));
  }
  await ensureTools(["engine"], { progress: showProgress() });
  if (yes === true) {
    writeFileSync(file, text);
    process.exitCode = await new Stack({ stack }).run("up", ["--yes"]);
    return;
  }
  const copies = mkdtempSync(join(tmpdir(), "quintet-"));
  try {
    const copy = join(copies, `Pulumi.${stack}.yaml`);
    writeFileSync(copy, text);
    process.exitCode = await new Stack({ stack, config: copy }).run("preview", ["--diff"]);
    console.log("Nothing is changed. Run it again with --yes to do it.");
  } finally {
    rmSync(copies, { recursive: true });
  }
}

try {
  await program.parseAsync();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
