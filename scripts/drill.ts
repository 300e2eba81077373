/** `npm run drill`: restores the newest snapshot on this machine, reads all of it, and compares it with the live cluster. */
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { drill } from "../backup/drill.ts";
import { Refused } from "../backup/snapshot.ts";
import { findSnapshot } from "../backup/sources.ts";
import { inWorkspace } from "../backup/workspace.ts";
import { type DrillResult, drillMetrics, drillText } from "../backup/verdict.ts";
import { parseDuration } from "../duration.ts";
import { asRoot, inPlace, isRoot } from "../embedded/owner.ts";
import { replaceFile } from "../replace-file.ts";
import { showProgress } from "../toolchain/display.ts";
import { ensureTools } from "../toolchain/index.ts";
import { keepDrill } from "./last-drill.ts";
import { snapshotOptions, type SnapshotFlags, snapshotTools, target } from "./snapshots.ts";

interface Flags extends SnapshotFlags {
  readonly maxAge: string;
  readonly every?: string;
  readonly metrics?: string;
  readonly json?: true;
  readonly live: boolean;
  readonly stack?: string;
}

/** The most that may lie between two drills, in milliseconds. */
const longest = 24 * 3_600_000;

const flags = snapshotOptions(
  new Command("drill").description(
    "Restores a snapshot on this machine alone and proves that it would bring back everything.",
  ),
)
  .option("--snapshot <name>", "latest, a name, or a file", "latest")
  .option("--max-age <duration>", "how old the newest snapshot may be: twice the schedule", "30m")
  .option("--every <duration>", "runs one after the other at that pace, until it is told to end")
  .option("--no-live", "compares with nothing, and is red for that: when there is no cluster to ask")
  .option("--metrics <file>", "writes the result in Prometheus' text format, too")
  .option("--stack <name>", "the environment that it is of: upgrades and restores of its k3s want a green one")
  .option("--json", "prints the result as JSON")
  .parse()
  .opts<Flags>();

try {
  process.exitCode = await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const maxAge = spanOf("--max-age", flags.maxAge);
  const every = flags.every === undefined ? undefined : spanOf("--every", flags.every);
  if (every !== undefined && (every === 0 || every > longest)) {
    throw new Error(
      `--every "${flags.every ?? ""}": a drill that is older than a day stops risky changes, so give 24h at most.`,
    );
  }
  const aim = target(flags);
  if (aim.state !== undefined && !isRoot()) return inPlace(asRoot(import.meta.filename, process.argv.slice(2))); // the nodes' folders are root's
  await ensureTools(snapshotTools, { progress: showProgress() });
  if (every === undefined) return drillOnce(aim, maxAge);
  for (;;) {
    // What hindered one of them may be over by the next, and the figures say how old the last one is.
    await drillOnce(aim, maxAge).catch((error: unknown) => {
      console.error((error as Error).message);
    });
    await sleep(every);
  }
}

/** A flag's length of time, in milliseconds. */
function spanOf(flag: string, given: string): number {
  const span = parseDuration(given);
  if (span === undefined) throw new Error(`${flag} "${given}": write it like 30m or 2h.`);
  return span;
}

async function drillOnce(aim: ReturnType<typeof target>, maxAge: number): Promise<number> {
  const { clusterId, kubeconfig, identity, sources, serviceCidr, state, exported } = aim;
  const live = flags.live ? { live: kubeconfig } : {};
  const result = await inWorkspace(async (folder) => {
    const found = await findSnapshot(flags.snapshot, sources, clusterId, folder);
    return drill({ ...found, identity, clusterId, ...live, maxAge, folder, ...serviceCidr });
  }).catch((error: unknown): DrillResult => {
    if (!(error instanceof Refused)) throw error;
    const faults = [{ reason: error.reason, says: error.message }];
    return { format: 1, ok: false, at: new Date().toISOString(), clusterId, faults };
  });
  state?.write("drill.json", result);
  if (flags.stack !== undefined) keepDrill(flags.stack, result);
  const given = flags.metrics === undefined ? [] : [flags.metrics];
  const metrics = drillMetrics(result);
  for (const file of [...given, ...exported]) replaceFile(file, metrics, 0o644);
  console.log(flags.json === true ? JSON.stringify(result, undefined, 2) : drillText(result));
  return result.ok ? 0 : 1;
}
