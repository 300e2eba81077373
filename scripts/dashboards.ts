/** `npm run dashboards`: draws every dashboard of an embedded cluster from its Prometheus, where no Grafana runs. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { readPanel } from "../status/dashboards.ts";
import { drawDashboard } from "../status/dashboards-svg.ts";
import { showProgress } from "../toolchain/display.ts";
import { ensureTools } from "../toolchain/index.ts";
import { getterOf, kubeconfigOf, type StackFlags } from "./find-stack.ts";
import { partsOfStack } from "./live-insights.ts";

interface Flags extends StackFlags {
  readonly minutes: number;
  readonly out: string;
}

/** How many values a line has; more are finer than it is wide. */
const values = 240;

function minutesOf(value: string): number {
  if (/^[1-9]\d{0,4}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("It is a whole number of minutes from 1 to 99999.");
}

const program = new Command("dashboards")
  .description("Draws the dashboards of an embedded cluster as pictures, from what its Prometheus has.")
  .option("--stack <name>", "the environment", "dev")
  .option("--config <file>", "its configuration (default: Pulumi.<stack>.yaml)")
  .option("--minutes <number>", "how far they look back", minutesOf, 30)
  .option("--out <folder>", "where the pictures go", "dashboards")
  .action(async (flags: Flags) => {
    const kubeconfig = kubeconfigOf(flags);
    await ensureTools(["kubectl"], { progress: showProgress() });
    const get = getterOf(kubeconfig, "30s");
    const end = Math.floor(Date.now() / 1000);
    const stretch = { start: end - flags.minutes * 60, end, step: Math.max(15, (flags.minutes * 60) / values) };
    mkdirSync(flags.out, { recursive: true });
    for (const { of, panels } of partsOfStack(flags, readFileSync(kubeconfig, "utf8"), kubeconfig)) {
      const drawn = [];
      for (const panel of panels) drawn.push(await readPanel(get, panel, stretch));
      const file = join(flags.out, `${of}.svg`);
      writeFileSync(file, drawDashboard(of, drawn, stretch));
      console.log(`${file}: ${String(panels.length)} panels`);
    }
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
