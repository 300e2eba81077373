/** `npm run traces`: the newest requests that were followed through an environment's mesh, or one of them step by step. */
import { writeFileSync } from "node:fs";
import { Argument, Command, InvalidArgumentError } from "commander";
import { gatewayName } from "../components/gateway-plan.ts";
import { showProgress } from "../toolchain/display.ts";
import { ensureTools } from "../toolchain/index.ts";
import { newestOf, servicesOf, traceOf } from "../traces/reading.ts";
import { drawTrace } from "../traces/svg.ts";
import { listText, waterfallText } from "../traces/waterfall.ts";
import { getterOf, kubeconfigOf, type StackFlags } from "./find-stack.ts";

interface Flags extends StackFlags {
  readonly service?: string;
  readonly limit: number;
  readonly svg?: string;
  readonly json?: true;
}

function limitOf(value: string): number {
  if (/^[1-9]\d{0,2}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("It is a whole number from 1 to 999.");
}

function idOf(value: string): string {
  if (/^[0-9a-f]{1,32}$/.test(value)) return value;
  throw new InvalidArgumentError("It is what the list says: up to 32 of the letters 0-9 and a-f.");
}

const program = new Command("traces")
  .description("Lists the newest requests that were followed through an environment's mesh, or shows one step by step.")
  .addArgument(new Argument("[trace]", "one of the list, for its steps").argParser(idOf))
  .option("--stack <name>", "the environment", "dev")
  .option("--config <file>", "its configuration (default: Pulumi.<stack>.yaml)")
  .option("--kubeconfig <file>", "the way to the cluster, where it is no embedded one")
  .option("--service <name>", "who has a part in them (default: the gateway)")
  .option("--limit <number>", "how many", limitOf, 20)
  .option("--svg <file>", "draws the one that is shown, too")
  .option("--json", "as JSON")
  .action(async (id: string | undefined, flags: Flags) => {
    const kubeconfig = kubeconfigOf(flags);
    await ensureTools(["kubectl"], { progress: showProgress() });
    const get = getterOf(kubeconfig);
    if (id === undefined) {
      if (flags.svg !== undefined) throw new Error("--svg draws one trace: name it.");
      const service = flags.service ?? gatewayIn(await servicesOf(get));
      const traces = await newestOf(get, service, flags.limit);
      console.log(flags.json === true ? JSON.stringify(traces, undefined, 2) : listText(traces));
      return;
    }
    const trace = await traceOf(get, id);
    if (trace === undefined)
      throw new Error(`There is no trace ${id}: Jaeger keeps the newest, and forgets them with its pod.`);
    console.log(flags.json === true ? JSON.stringify(trace, undefined, 2) : waterfallText(trace));
    if (flags.svg === undefined) return;
    writeFileSync(flags.svg, drawTrace(trace));
    console.error(flags.svg);
  });

function gatewayIn(services: readonly string[]): string {
  const found = services.find((name) => name.startsWith(gatewayName));
  if (found !== undefined) return found;
  const known =
    services.length === 0 ? "Nobody has told of any yet" : `Others have: ${services.join(", ")} (--service)`;
  throw new Error(`The gateway has told of no request. ${known}.`);
}

try {
  await program.parseAsync();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
