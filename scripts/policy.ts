/** `npm run policy -- check FILES`: the rules on any YAML, and on a stack's state. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { parse } from "yaml";
import { readPolicyConfig } from "../policies/lib/config.ts";
import { judge } from "../policies/lib/judge.ts";
import { Objects } from "../policies/lib/object.ts";
import { rules } from "../policies/packs.ts";
import { policyConfigFile, stackPolicies } from "./policy-config.ts";
import { type Reading, readFiles, readText } from "./policy-read.ts";
import { asJson, asText, findingsOf, type Located } from "./policy-report.ts";
import { asSarif } from "./policy-sarif.ts";

const root = join(import.meta.dirname, "..");

interface Flags {
  readonly state?: true;
  readonly stack?: string;
  readonly config?: string;
  readonly json?: true;
  readonly sarif?: true;
  readonly output?: string;
}

const program = new Command("policy").description("The rules that every preview is held to, on files and on state.");

program
  .command("check")
  .description("Exit code 0: nothing mandatory was found. 1: something was. 2: something could not be read.")
  .argument(
    "[files...]",
    "YAML or JSON of Kubernetes, exported state of the engine, folders of them, - for the standard input",
  )
  .option("--state", "the objects in the stack's state, too")
  .option("--stack <name>", "whose state (default: dev), and whose registries and sidecars the rules count with")
  .option("--config <file>", "levels, parameters and exemptions (default: policies/config.json)")
  .option("--json", "prints a list of the findings")
  .option("--sarif", "prints the findings for code scanning")
  .option("--output <file>", "writes what --json or --sarif would print, and prints the findings as text")
  .action(async (files: readonly string[], flags: Flags) => {
    try {
      process.exitCode = await check(files, flags);
    } catch (error) {
      console.error((error as Error).message);
      process.exitCode = 2;
    }
  });

await program.parseAsync();

async function check(files: readonly string[], flags: Flags): Promise<number> {
  if (files.length === 0 && flags.state !== true) throw new Error("Say what to check: files, folders, or --state.");
  if (flags.output !== undefined && flags.json !== true && flags.sarif !== true)
    throw new Error("Say in which form --output is to be written: --json or --sarif.");
  const configFile = flags.config ?? policyConfigFile;
  const stack = flags.stack ?? (flags.state === true ? "dev" : undefined);
  const config =
    stack === undefined ? readPolicyConfig(configFile, rules) : stackPolicies(stackConfig(stack), configFile);
  const settings = { config, today: new Date().toISOString().slice(0, 10) };
  const readings = [readFiles(files), ...(flags.state === true ? [await readState(stack ?? "dev")] : [])];
  const objects = new Objects(readings.flatMap((reading) => reading.objects));
  const problems = readings.flatMap((reading) => reading.problems);
  for (const problem of problems) console.error(problem);
  const findings = findingsOf(judge(rules, objects, settings), settings, configFile);
  const report = reportOf(findings, flags);
  if (flags.output !== undefined && report !== undefined) writeFileSync(flags.output, `${report}\n`);
  const shown = flags.output === undefined ? report : undefined;
  console.log(shown ?? asText(findings, objects.all.length));
  if (problems.length > 0) return 2;
  return findings.some(({ level }) => level === "mandatory") ? 1 : 0;
}

/** The findings for programs; `undefined` where text is asked for. */
function reportOf(findings: readonly Located[], { json, sarif, stack }: Flags): string | undefined {
  if (sarif === true) return asSarif(findings, { rules, root, ...(stack === undefined ? {} : { category: stack }) });
  return json === true ? asJson(findings) : undefined;
}

function stackConfig(stack: string): Readonly<Record<string, unknown>> {
  const file = join(root, `Pulumi.${stack}.yaml`);
  // What is wrong with it, config.ts says.
  return (parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> }).config ?? {};
}

async function readState(stack: string): Promise<Reading> {
  const { Stack } = await import("./stack.ts"); // which wants a cluster's state around it
  return readText(await new Stack({ stack }).exported(), `state of ${stack}`);
}
