/** `npm run rollout -- SERVICE [--stack NAME]`: takes a rollout to its end, step by step, or back. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Command } from "commander";
import { parse } from "yaml";
import { rolloutsSchema, type Rollout } from "../components/rollout-schema.ts";
import { problemsOf } from "../problems.ts";
import { showProgress } from "../toolchain/display.ts";
import { ensureTools } from "../toolchain/index.ts";
import { readSidecars } from "../topology/proxies.ts";
import { getterOf, kubeconfigOf, type StackFlags, stackOf } from "./find-stack.ts";
import { driveRollout } from "./rollout-driver.ts";
import { withStep } from "./rollout-edits.ts";
import { measureBy } from "./rollout-measure.ts";
import { root } from "./stack.ts";

const program = new Command("rollout")
  .description(
    "Takes quintet:rollouts of a Service to its end: each step is one number in the environment's file and one `up`. " +
      "It goes on while the objective holds, and back to step 0 when it does not. Interrupted, it goes on when run again.",
  )
  .argument("<service>", "the Service as namespace/name")
  .option("--stack <name>", "the environment", "dev")
  .option("--config <file>", "its configuration (default: Pulumi.<stack>.yaml)")
  .option("--kubeconfig <file>", "the way to the cluster, where it is no embedded one")
  .action(async (service: string, flags: StackFlags) => {
    const file = flags.config ?? join(root, `Pulumi.${flags.stack}.yaml`);
    const rules = rolloutOf(readFileSync(file, "utf8"), service);
    await ensureTools(["engine", "kubectl"], { progress: showProgress() });
    const kubeconfig = kubeconfigOf(flags);
    const get = getterOf(kubeconfig);
    const [namespace = "", name = ""] = service.split("/"); // the schema has checked it
    const { outcome, why } = await driveRollout(rules, {
      apply: async (step) => {
        writeFileSync(file, withStep(readFileSync(file, "utf8"), service, step));
        const { text, exitCode } = await stackOf(flags).capture("up", ["--yes"]);
        if (exitCode !== 0) console.error(text);
        return exitCode === 0;
      },
      measure: measureBy(readSidecars(get), { namespace, service: name, version: rules.to }),
      wait,
      now: () => performance.now(),
      say: (line) => {
        console.log(line);
      },
    });
    console.log(ends[outcome](rules, service, why));
    process.exitCode = outcome === "promoted" ? 0 : 1;
  });

/** What to say at the end. */
const ends: Record<"promoted" | "rolled-back" | "stuck", (rules: Rollout, service: string, why: string) => string> = {
  promoted: ({ to }, service, why) =>
    `Promoted: ${why}. To close it, put weights { ${to}: 100 } under quintet:traffic.${service}, in the place of the rollout.`,
  "rolled-back": ({ from }, _service, why) => `Rolled back: ${why}. ${from} gets all requests again.`,
  stuck: (_rules, _service, why) => `Stuck: ${why}.`,
};

/** The rollout of a Service in an environment's file. */
function rolloutOf(text: string, service: string): Rollout {
  const { config } = parse(text) as { config?: Record<string, unknown> }; // a stack's file
  const parsed = rolloutsSchema.safeParse(config?.["quintet:rollouts"]);
  if (!parsed.success) {
    throw new Error(["Nothing is changed:", ...problemsOf("quintet:rollouts.", parsed.error)].join("\n  "));
  }
  const rollout = Object.hasOwn(parsed.data, service) ? parsed.data[service] : undefined;
  if (rollout === undefined) {
    const refs = Object.keys(parsed.data).join(", ");
    const there = refs === "" ? "there are none" : `there are those of ${refs}`;
    throw new Error(`There is no rollout of ${service} under quintet:rollouts, ${there}.`);
  }
  return rollout;
}

try {
  await program.parseAsync();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
