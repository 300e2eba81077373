/** `npm run policy -- check FILES`: the rules on any YAML, and on a stack's state. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { parse } from "yaml";
import { readPolicyConfig } from "../policies/lib/config.ts";
import { judge } from "../policies/lib/judge.ts";
import { Objects } from "../policies/lib/object.ts";
import { rules } from "../policies/packs.ts";
import { policyConfigFile, stackPolicies } from "./policy-config.ts";
import { type Reading, readFiles, readText } from "./policy-read.ts";
import { asJson, asSarif, asText, findingsOf } from "./policy-report.ts";

interface Flags {
  readonly state?: true;
  readonly stack: string;
  readonly config?: string;
  readonly json?: true;
  readonly sarif?: true;
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
  .option("--stack <name>", "whose state, and whose registries and sidecars", "dev")
  .option("--config <file>", "levels, parameters and exemptions (default: policies/config.json)")
  .option("--json", "prints a list of the findings")
  .option("--sarif", "prints the findings for code scanning")
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
  const configFile = flags.config ?? policyConfigFile;
  const config =
    flags.state === true ? stackPolicies(stackConfig(flags.stack), configFile) : readPolicyConfig(configFile, rules);
  const settings = { config, today: new Date().toISOString().slice(0, 10) };
  const readings = [readFiles(files), ...(flags.state === true ? [await readState(flags.stack)] : [])];
  const objects = new Objects(readings.flatMap((reading) => reading.objects));
  const problems = readings.flatMap((reading) => reading.problems);
  for (const problem of problems) console.error(problem);
  const findings = findingsOf(judge(rules, objects, settings), settings, configFile);
  if (flags.sarif === true) console.log(asSarif(findings, rules));
  else console.log(flags.json === true ? asJson(findings) : asText(findings, objects.all.length));
  if (problems.length > 0) return 2;
  return findings.some(({ level }) => level === "mandatory") ? 1 : 0;
}

function stackConfig(stack: string): Readonly<Record<string, unknown>> {
  const file = join(import.meta.dirname, "..", `Pulumi.${stack}.yaml`);
  // What is wrong with it, config.ts says.
  return (parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> }).config ?? {};
}

async function readState(stack: string): Promise<Reading> {
  const { Stack } = await import("./stack.ts"); // which wants a cluster's state around it
  return readText(await new Stack({ stack }).exported(), `state of ${stack}`);
}
