/** `npm run loadtest`: the lab's load test against an environment's ingress, and a ramp to its limit. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { ClusterState } from "../embedded/state.ts";
import { labRate } from "../loadtest/bar.ts";
import { loadTestChart, rampChart } from "../loadtest/chart.ts";
import { showLoad } from "../loadtest/display.ts";
import { loadTestJson, loadTestText, rampJson, rampText, verdictsOf, verdictText } from "../loadtest/report.ts";
import { loadTest, type Options, rampTest } from "../loadtest/run.ts";
import { drawSvg } from "../loadtest/svg.ts";
import type { Target } from "../loadtest/target.ts";
import { cacheDir, ensureTools } from "../toolchain/index.ts";
import { showProgress } from "../toolchain/display.ts";
import { publicCa } from "./ask.ts";
import { ingressOf, outputsOf, refuseSimulated, type StackFlags, stackOf } from "./find-stack.ts";

interface Flags extends Omit<StackFlags, "kubeconfig"> {
  readonly rate: number;
  readonly duration: number;
  readonly ramp?: true;
  readonly ca?: string;
  readonly out?: string;
  readonly bar: boolean;
}

/** A whole number of requests a second. */
function rateOf(value: string): number {
  if (/^[1-9]\d{0,5}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("It is a number of requests a second, as 50.");
}

/** Seconds of a text like `60s` or `2m`. */
function secondsOf(value: string): number {
  const [, number, unit] = /^([1-9]\d{0,4})(s|m)?$/.exec(value) ?? [];
  if (number !== undefined) return Number(number) * (unit === "m" ? 60 : 1);
  throw new InvalidArgumentError("It is a time like 60s or 2m.");
}

const flags = new Command("loadtest")
  .description("Sends requests to an environment's ingress at a constant rate, and compares the answers with the bar.")
  .option("--stack <name>", "the environment", "dev")
  .option("--config <file>", "its configuration (default: Pulumi.<stack>.yaml)")
  .option("--rate <number>", "requests a second; the first ones of a ramp", rateOf, labRate)
  .option("--duration <time>", "how long, as 60s or 2m", secondsOf, 60)
  .addOption(
    new Option("--ramp", "twice the rate every few seconds, until it is not held any more").conflicts("duration"),
  )
  .option(
    "--ca <file>",
    "the authority that vouches for the ingress (default: the embedded cluster's, or this machine's)",
  )
  .option("--out <folder>", "where the figures and the chart go (default: loadtest/<stack> in the cache)")
  .option("--no-bar", "measures, and compares with nothing")
  .parse()
  .opts<Flags>();

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    interrupted.abort();
  });
}
const display = showLoad();

try {
  const target = await targetOf(flags);
  const { vegeta } = await ensureTools(["vegeta"], { progress: showProgress(), signal: interrupted.signal });
  const options = { vegeta, watch: display.watch, signal: interrupted.signal };
  process.exitCode = flags.ramp === true ? await climb(target, options) : await hold(target, options);
} catch (error) {
  display.end();
  console.error(interrupted.signal.aborted ? "Stopped. Nothing is written." : (error as Error).message);
  process.exitCode = 1;
}

/** The constant rate. */
async function hold(target: Target, options: Options): Promise<number> {
  const test = await loadTest([target], { ...options, rate: flags.rate, seconds: flags.duration });
  display.end();
  console.log(`\n${loadTestText(test)}\n`);
  write("loadtest", loadTestJson(test), drawSvg(loadTestChart(test)));
  if (!flags.bar) return 0;
  const verdicts = verdictsOf(test);
  console.log(verdictText(verdicts));
  if (flags.rate !== labRate) {
    console.log(`The bar for the p99 is for ${String(labRate)} requests/s, so it is not compared.`);
  }
  return verdicts.every(({ met }) => met) ? 0 : 1;
}

/** The ramp; it has no bar but that its first rate is held. */
async function climb(target: Target, options: Options): Promise<number> {
  const found = await rampTest(target, { ...options, first: flags.rate });
  display.end();
  console.log(`\n${rampText(found)}\n`);
  write("ramp", rampJson(found), drawSvg(rampChart(found)));
  return flags.bar && found.held === undefined ? 1 : 0;
}

/** The ingress of a stack that is up. */
async function targetOf(given: Flags): Promise<Target> {
  const stack = stackOf(given);
  const outputs = await outputsOf(stack);
  const { url, addresses } = ingressOf(stack, outputs);
  refuseSimulated(stack, outputs);
  const authority =
    given.ca !== undefined
      ? readFileSync(given.ca, "utf8")
      : stack.cluster === undefined
        ? undefined
        : await publicCa(new ClusterState(stack.cluster));
  return { name: "ingress", url, addresses, ...(authority === undefined ? {} : { ca: authority }) };
}

function write(name: string, figures: object, chart: string): void {
  const folder = flags.out ?? join(cacheDir(), "loadtest", flags.stack);
  mkdirSync(folder, { recursive: true });
  const [json, svg] = [join(folder, `${name}.json`), join(folder, `${name}.svg`)];
  writeFileSync(json, `${JSON.stringify(figures, undefined, 2)}\n`);
  writeFileSync(svg, chart);
  console.log(`${json}\n${svg}\n`);
}
