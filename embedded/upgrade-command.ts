/** `npm run cluster -- upgrade` and `certificates`: what is looked at, what stops them, and what they say. */
import { setTimeout as sleep } from "node:timers/promises";
import { duration, type DrillResult, mayChange } from "../backup/verdict.ts";
import { parseDuration } from "../duration.ts";
import { table } from "../table.ts";
import { BackupStore } from "./backups.ts";
import { readCertificates } from "./certificate-files.ts";
import { renewalSteps } from "./certificate-renewal.ts";
import { areDue, certificateLines } from "./certificates.ts";
import { clusterUid } from "./kubectl.ts";
import { owner } from "./owner.ts";
import { type Release, releaseNamed, releases, releasesOf } from "./releases.ts";
import { saveBefore } from "./restore.ts";
import { controlPlane, type ClusterSpec } from "./spec.ts";
import { ClusterState } from "./state.ts";
import { steps, timed, type Took } from "./steps.ts";
import { begun, forgetBegun, upgradeSteps } from "./upgrade.ts";
import { type Finding, findingLines, findings } from "./upgrade-checks.ts";
import { readFacts, readVersions } from "./upgrade-facts.ts";
import { isDone, planLines, planUpgrade, upgradeProblems } from "./upgrade-plan.ts";

/** The options of `upgrade`. */
export interface UpgradeFlags {
  readonly to: string;
  readonly check?: true;
  readonly waive?: string;
  readonly drainTimeout: string;
}

/**
 * Upgrades a cluster, or says what stands against it.
 *
 * @param images gives the folder of the layout with the images of those releases
 * @returns the exit code
 */
export async function upgradeCluster(
  spec: ClusterSpec,
  flags: UpgradeFlags,
  images: (releases: readonly Release[]) => Promise<string>,
): Promise<number> {
  const state = new ClusterState(spec.name);
  const drainDeadline = parseDuration(flags.drainTimeout);
  if (drainDeadline === undefined) throw new Error(`--drain-timeout "${flags.drainTimeout}": write it like 90s or 5m.`);
  const seen = await readVersions(spec, state);
  const problems = upgradeProblems(seen, flags.to, releases, begun(state));
  if (problems.length > 0) {
    const lines = problems.map((problem) => `  ${problem}.`);
    throw new Error([`Cluster ${spec.name} cannot be upgraded. Nothing is changed:`, ...lines].join("\n"));
  }
  const to = releaseNamed(flags.to);
  const plan = planUpgrade(seen, to, begun(state));
  if (isDone(plan)) {
    forgetBegun(state);
    console.log(`Cluster ${spec.name} is of Kubernetes ${to}: there is nothing to do.`);
    return 0;
  }
  const goesOn = begun(state) !== undefined;
  const found = await look(spec, state, to, goesOn ? settling : 0);
  console.log(
    [`Kubernetes ${spec.kubernetesVersion} to ${to}:`, ...planLines(plan), ...findingLines(found)].join("\n"),
  );
  const drill = state.read("drill.json") as DrillResult | undefined; // scripts/drill.ts wrote it
  const { may, says } = mayChange(drill, Date.now(), flags.waive);
  if (!goesOn) console.log(says);
  if (found.some(({ blocks }) => blocks)) {
    console.log("Nothing is changed: mend what blocks first.");
    return 1;
  }
  if (flags.check === true) return 0;
  if (!may && !goesOn) throw new Error(`Nothing is changed. (--waive "why")`);
  const layout = await images(releasesOf(spec, state, to));
  if (!goesOn) await saveSnapshot(spec, state);
  const [took, start]: [Took[], number] = [[], performance.now()];
  await steps(timed(upgradeSteps({ spec, state, to, layout, owner: owner(), drainDeadline }, plan, seen), took));
  const all = duration((performance.now() - start) / 1000);
  console.log([...summary(took), `Cluster ${spec.name} is of Kubernetes ${to} after ${all}.`].join("\n"));
  return 0;
}

/** How long pods and nodes that an upgrade has left in the middle may take to come back, in milliseconds. */
const settling = 90_000;

/** What stands against it, asked again for some time while something blocks. */
async function look(spec: ClusterSpec, state: ClusterState, to: string, patience: number): Promise<Finding[]> {
  const end = Date.now() + patience;
  for (;;) {
    const found = findings(await readFacts(spec, state), to);
    if (Date.now() >= end || !found.some(({ blocks }) => blocks)) return found;
    await sleep(2_000);
  }
}

/** What a restore would go back to. */
async function saveSnapshot(spec: ClusterSpec, state: ClusterState): Promise<void> {
  const [first] = controlPlane(spec);
  if (first === undefined) throw new Error(`Cluster ${spec.name} has no control-plane node.`);
  const { recipient } = await new BackupStore(spec.name).facts(spec);
  const of = { clusterId: await clusterUid(state), recipients: [recipient] };
  await saveBefore(spec, state, first.name, of, "before-upgrade");
  console.log(`A snapshot before the upgrade is on ${first.name}.`);
}

/** How long each node took, and of what it took longest. */
export function summary(took: readonly Took[]): string[] {
  const nodes = Map.groupBy(took, ({ title }) => title.split(": ")[0] ?? title);
  const rows = [...nodes].map(([name, own]) => {
    const seconds = own.reduce((sum, one) => sum + one.seconds, 0);
    const [longest] = own.toSorted((a, b) => b.seconds - a.seconds);
    const what = own.length > 1 ? `${longest?.title.split(": ")[1] ?? ""} ${duration(longest?.seconds ?? 0)}` : "";
    return { name, seconds, what };
  });
  return table(
    [
      ["WHERE", ...rows.map(({ name }) => name)],
      ["TOOK", ...rows.map(({ seconds }) => duration(seconds))],
      ["LONGEST", ...rows.map(({ what }) => what)],
    ],
    3,
  );
}

/**
 * Says how long each certificate lasts, and renews those of the control plane when told.
 *
 * @returns the exit code
 */
export async function certificates(spec: ClusterSpec, { renew }: { readonly renew?: true }): Promise<number> {
  const state = new ClusterState(spec.name);
  if (renew === true) await steps(renewalSteps(spec, state, owner()));
  const [all, now] = [readCertificates(spec, state), Date.now()];
  console.log(certificateLines(all, now).join("\n"));
  return areDue(all, now) ? 1 : 0;
}
