/** `npm run topology`: who calls whom in an environment's mesh, how often, how well and how fast. */
import { writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import ora from "ora";
import { showProgress } from "../toolchain/display.ts";
import { ensureTools } from "../toolchain/index.ts";
import { readMesh } from "../topology/reading.ts";
import { topologyText } from "../topology/report.ts";
import { drawTopology } from "../topology/svg.ts";
import { topologyOf } from "../topology/topology.ts";
import { getterOf, kubeconfigOf, outputsOf, refuseSimulated, type StackFlags, stackOf } from "./find-stack.ts";

interface Flags extends StackFlags {
  readonly seconds: number;
  readonly json?: true;
  readonly svg?: string;
}

/** A whole number of seconds; Envoy brings its histograms up to date every five. */
function secondsOf(value: string): number {
  if (/^\d{1,4}$/.test(value) && Number(value) >= 5) return Number(value);
  throw new InvalidArgumentError("It is a whole number of seconds from 5 to 9999.");
}

const program = new Command("topology")
  .description(
    "Reads twice what the proxies of an environment's mesh have counted, and shows who called whom in between, " +
      "beside what the connectivity graph declares.",
  )
  .option("--stack <name>", "the environment", "dev")
  .option("--config <file>", "its configuration (default: Pulumi.<stack>.yaml)")
  .option("--kubeconfig <file>", "the way to the cluster, where it is no embedded one")
  .option("--seconds <number>", "between the two readings, at least 5", secondsOf, 10)
  .option("--json", "as JSON instead of a table")
  .option("--svg <file>", "draws it, too")
  .action(async (flags: Flags) => {
    const stack = stackOf(flags);
    const kubeconfig = kubeconfigOf(flags);
    await ensureTools(["engine", "kubectl"], { progress: showProgress() });
    const outputs = await outputsOf(stack);
    refuseSimulated(stack, outputs);
    if (outputs.mesh === undefined) {
      throw new Error(`Stack ${stack.name} has no mesh, or was brought up before it told of it: npm run up.`);
    }
    const get = getterOf(kubeconfig);
    const read = () => readMesh(get, { now: () => performance.now(), time: () => new Date().toISOString() });
    const progress = ora({ stream: process.stderr, discardStdin: false });
    try {
      progress.start("The proxies are read for the first time.");
      const before = await read();
      for (let left = flags.seconds; left > 0; left--) {
        progress.text = `${String(before.samples.length)} proxies are read, and once more in ${String(left)} s.`;
        await wait(1000);
      }
      progress.text = "The proxies are read for the second time.";
      const topology = topologyOf(before, await read(), outputs.mesh.calls);
      progress.stop();
      console.log(flags.json === true ? JSON.stringify(topology, undefined, 2) : topologyText(topology));
      if (flags.svg !== undefined) {
        writeFileSync(flags.svg, drawTopology(topology));
        console.error(flags.svg);
      }
    } finally {
      progress.stop();
    }
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
