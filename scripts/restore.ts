/** `npm run restore`: brings an embedded cluster's etcd back, one member of it, or objects of any cluster, out of a snapshot. */
import { basename, join } from "node:path";
import { createInterface } from "node:readline/promises";
import { Command, Option } from "commander";
import { Api } from "../backup/api.ts";
import { compareWithLive, readSnapshot } from "../backup/drill.ts";
import { objectsOf } from "../backup/objects.ts";
import { planK3sReset } from "../backup/k3s-reset-plan.ts";
import { k3sMisfits, raisedDatabase, reachServers } from "../backup/k3s-restore.ts";
import { carryOut, type Watch } from "../backup/reset.ts";
import { type Phase, planReplace, planReset, planText } from "../backup/reset-plan.ts";
import { type OpenedBundle, withReader } from "../backup/reader.ts";
import { databaseIn, Scratch } from "../backup/scratch.ts";
import { type DatabaseManifest, openBundle } from "../backup/snapshot.ts";
import { findSnapshot } from "../backup/sources.ts";
import { inWorkspace } from "../backup/workspace.ts";
import { type DrillResult, duration, type Fault, mayChange, restoredText } from "../backup/verdict.ts";
import { existing } from "../embedded/cluster.ts";
import { asRoot, inPlace, isRoot } from "../embedded/owner.ts";
import { apiAnswers, handsOf, liveId, misfits, saveBefore } from "../embedded/restore.ts";
import { run, until } from "../embedded/run.ts";
import { controlPlane, type ClusterSpec } from "../embedded/spec.ts";
import { ClusterState } from "../embedded/state.ts";
import { showProgress } from "../toolchain/display.ts";
import { ensureTools, toolPath } from "../toolchain/index.ts";
import { k3sOf } from "./k3s-stack.ts";
import { lastDrill } from "./last-drill.ts";
import { snapshotOptions, type SnapshotFlags, snapshotTools, target, type Target } from "./snapshots.ts";
import { root } from "./stack.ts";

interface Flags extends SnapshotFlags {
  readonly member?: string;
  readonly stack?: string;
  readonly fresh?: true;
  readonly subnet?: string;
  readonly podCidr?: string;
  readonly serviceCidr?: string;
  readonly namespace?: string;
  readonly object?: string;
  readonly list?: true;
  readonly waive?: string;
  readonly save: boolean;
  readonly yes?: true;
}

const flags = snapshotOptions(
  new Command("restore").description("Brings etcd back out of a snapshot. It shows what it will do, and asks."),
)
  .option("--snapshot <name>", "latest, a name, or a file", "latest")
  .addOption(
    new Option(
      "--member <node>",
      "only this node's member of etcd is lost: it joins anew, without a snapshot",
    ).conflicts(["fresh", "namespace", "object", "list"]),
  )
  .addOption(
    new Option("--fresh", "the cluster is gone: makes its nodes anew from the snapshot").conflicts([
      "namespace",
      "object",
      "list",
    ]),
  )
  .option("--subnet <cidr>", "of --fresh, as `up` had it")
  .option("--pod-cidr <cidr>", "of --fresh, as `up` had it")
  .option("--service-cidr <cidr>", "of --fresh, as `up` had it")
  .addOption(
    new Option("--stack <name>", "the environment whose k3s servers go back, reached over SSH").conflicts([
      "member",
      "fresh",
      "namespace",
      "object",
      "list",
    ]),
  )
  .option("--namespace <name>", "only the objects of this namespace, into the cluster that runs")
  .option("--object <kind/name>", "only this one of --namespace, or without it one that is in none")
  .option("--list", "shows which objects these are, and changes nothing")
  .option("--waive <reason>", "goes on although the last drill is red or old")
  .option("--no-save", "does not take a snapshot before")
  .option("--yes", "does not ask")
  .parse()
  .opts<Flags>();

const apiDeadline = 180_000;
/** What a server of k3s may take to come up, as `up` gives it. */
const serversDeadline = 600_000;

const told: Watch = {
  started: (title) => {
    console.log(`… ${title}`);
  },
  done: (title, seconds) => {
    console.log(`✔ ${title}: ${duration(seconds)}`);
  },
};

try {
  // The nodes' folders are root's; `up` becomes root itself.
  process.exitCode =
    isRoot() || flags.kubeconfig !== undefined || flags.fresh === true
      ? await main()
      : inPlace(asRoot(import.meta.filename, process.argv.slice(2)));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  if (flags.list === true && flags.namespace === undefined && flags.object === undefined) {
    throw new Error("--list shows the objects of a --namespace, or one --object: say which.");
  }
  if (flags.stack !== undefined && flags.kubeconfig === undefined) {
    throw new Error(
      "--stack is of a k3s cluster: say --kubeconfig, --cluster-id, --identity and where its snapshots are, too.",
    );
  }
  await ensureTools(snapshotTools, { progress: showProgress() });
  if (flags.member !== undefined) return replaceMember(flags.member);
  const aim = target(flags, flags.fresh === true);
  return inWorkspace(async (folder) => {
    const { bundle } = await findSnapshot(flags.snapshot, aim.sources, aim.clusterId, folder);
    const into = join(folder, "opened");
    const manifest = await openBundle({ bundle, identity: aim.identity, clusterId: aim.clusterId, into });
    const age = duration((Date.now() - Date.parse(manifest.takenAt)) / 1000);
    console.log(`${basename(bundle)}: ${manifest.reason}, taken ${manifest.takenAt}, ${age} ago. It is whole.`);
    const opened = { manifest, into, folder, age };
    if (flags.namespace !== undefined || flags.object !== undefined) return restoreObjects(aim, opened);
    if (manifest.format === 2) {
      throw new Error(
        "It is an export of objects, and etcd is somebody else's: say --namespace NAME, or --object kind/name.",
      );
    }
    if (flags.stack !== undefined) return restoreServers(flags.stack, aim, { ...opened, manifest });
    return flags.fresh === true ? restoreFresh(opened) : restoreAll(aim, { ...opened, manifest });
  });
}

interface Opened extends OpenedBundle {
  /** How long ago it was taken, in words. */
  readonly age: string;
}

/** All members go back to the snapshot. */
async function restoreAll(
  { spec, state, ...aim }: Target,
  { manifest, into, folder, age }: Opened & { readonly manifest: DatabaseManifest },
): Promise<number> {
  const { spec: cluster, state: kept } = embedded(spec, state);
  const problems = misfits(cluster, kept, manifest, join(into, "pki"));
  if (problems.length > 0) throw new Error(["Nothing is changed:", ...problems].join("\n  "));
  const members = controlPlane(cluster);
  const phases = planReset({ members, stamp: stampOf(new Date()) });
  const live = await liveId(kept);
  const answers = live === manifest.clusterId;
  if (answers)
    refuseUndrilled(kept.read("drill.json") as DrillResult | undefined); // scripts/drill.ts wrote it
  else if (live !== undefined)
    console.log(`What answers is no longer this cluster: its etcd has begun anew (${live}).`);
  console.log(planText(phases));
  await agree(
    cluster.name,
    `All of cluster ${cluster.name} goes back by ${age}; what was written since is lost to it.`,
  );
  const start = performance.now();
  const [first] = members;
  if (answers && flags.save && first !== undefined) {
    await saveBefore(cluster, kept, first.name, manifest);
    console.log(`A snapshot before the restore is on ${first.name}.`);
  }
  await carry(phases, cluster, kept, join(into, "etcd.db"));
  await until(`the API server at ${cluster.apiAddress}`, apiDeadline, () => apiAnswers(kept), 300);
  console.log(`Serving again after ${duration((performance.now() - start) / 1000)}.`);
  return await compareRestored(aim.kubeconfig, manifest, into, folder, cluster);
}

/** All servers of a k3s cluster go back to the snapshot. */
async function restoreServers(
  environment: string,
  { kubeconfig }: Target,
  { manifest, into, folder, age }: Opened & { readonly manifest: DatabaseManifest },
): Promise<number> {
  const { config, secrets } = await k3sOf(environment);
  const problems = k3sMisfits(config, manifest, into, secrets);
  if (problems.length > 0) throw new Error(["Nothing is changed:", ...problems].join("\n  "));
  const asked = ["--kubeconfig", kubeconfig, "get", "--raw", "/readyz", "--request-timeout=10s"];
  const answers = await run(toolPath("kubectl"), asked).then(
    (text) => text === "ok",
    () => false,
  );
  if (answers) refuseUndrilled(lastDrill(environment));
  using servers = await reachServers(config, secrets, await raisedDatabase(join(into, "etcd.db"), folder));
  const phases = planK3sReset({ servers: servers.names, stamp: stampOf(new Date()) });
  console.log(planText(phases));
  await agree(config.name, `All of cluster ${config.name} goes back by ${age}; what was written since is lost to it.`);
  const start = performance.now();
  await carryOut(phases, servers, told, serversDeadline);
  console.log(`All servers are there after ${duration((performance.now() - start) / 1000)}.`);
  return await compareRestored(kubeconfig, manifest, into, folder, config);
}

/** Whether the cluster has all that the snapshot has. */
async function compareRestored(
  kubeconfig: string,
  manifest: DatabaseManifest,
  into: string,
  folder: string,
  { serviceCidr }: Pick<ClusterSpec, "serviceCidr">,
): Promise<number> {
  await using scratch = await Scratch.start({
    folder: join(folder, "scratch"),
    ...databaseIn(into),
    serviceCidr,
  });
  using api = await Api.open(scratch.kubeconfig);
  const faults: Fault[] = [];
  const inside = await readSnapshot(api, scratch, manifest, (reason, says) => faults.push({ reason, says }));
  const compared = await compareWithLive(inside, manifest, kubeconfig);
  const { missing, differs, vanished } = compared.counts;
  const found: DrillResult = {
    format: 1,
    ok: faults.length + missing + differs + vanished === 0,
    at: new Date().toISOString(),
    clusterId: manifest.clusterId,
    faults,
    objects: inside.entries.length,
    keys: inside.keys,
    compared,
  };
  console.log(restoredText(found));
  return found.ok ? 0 : 1;
}

/** One member joins anew. */
async function replaceMember(lost: string): Promise<number> {
  const { spec, state } = embedded(existing(flags.name), new ClusterState(flags.name));
  const phases = planReplace({ members: controlPlane(spec), stamp: stampOf(new Date()) }, lost);
  console.log(planText(phases));
  await agree(spec.name, `The member of etcd on ${lost} is taken out and joins anew.`);
  const start = performance.now();
  await carry(phases, spec, state, "");
  console.log(`All members are there after ${duration((performance.now() - start) / 1000)}.`);
  return 0;
}

/** New nodes, with the snapshot in them. */
function restoreFresh({ into }: Opened): number {
  const ranges = { subnet: flags.subnet, "pod-cidr": flags.podCidr, "service-cidr": flags.serviceCidr };
  const given = Object.entries(ranges).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  const args = [join(root, "embedded", "cli.ts"), "up", "--name", flags.name, "--restored", into, ...given];
  const status = inPlace([process.execPath, ...args]);
  if (status === 0) console.log("The nodes are new, and the cluster is the old one. Next: npm run up");
  return status;
}

/** Objects go back; nothing else is touched. */
async function restoreObjects({ kubeconfig, serviceCidr }: Target, opened: Opened): Promise<number> {
  const { namespace, object } = flags;
  const wanted = { ...(namespace === undefined ? {} : { namespace }), ...(object === undefined ? {} : { object }) };
  const objects = await withReader(opened, serviceCidr, (reader) => objectsOf(reader, wanted));
  for (const { kind = "", metadata } of objects) console.log(`  ${kind} ${metadata.name}`);
  if (flags.list === true) return 0;
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  const apply = ["apply", "--server-side", "--force-conflicts", "--field-manager=quintet-restore", "-f", "-"];
  const name = namespace ?? object ?? "";
  await agree(name, `They are as ${opened.age} ago, and what they have now is overwritten.`);
  console.log(await run(toolPath("kubectl"), ["--kubeconfig", kubeconfig, ...apply], { input }));
  return 0;
}

async function carry(
  phases: readonly Phase[],
  spec: ClusterSpec,
  state: ClusterState,
  database: string,
): Promise<void> {
  await carryOut(phases, handsOf(spec, state, database), told);
}

/** A cluster that still serves is not put back for a snapshot that nobody has proven. */
function refuseUndrilled(last: DrillResult | undefined): void {
  const { may, says } = mayChange(last, Date.now(), flags.waive);
  if (!may) throw new Error(`Nothing is changed. ${says} (--waive "why")`);
  console.log(says);
}

/** Asks for a name, so that nobody agrees out of habit. */
async function agree(name: string, what: string): Promise<void> {
  if (flags.yes === true) return;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${what}\nType "${name}" to go on: `);
  terminal.close();
  if (answer.trim() !== name) throw new Error("Nothing is changed.");
}

function embedded(
  spec: ClusterSpec | undefined,
  state: ClusterState | undefined,
): { readonly spec: ClusterSpec; readonly state: ClusterState } {
  if (spec !== undefined && state !== undefined) return { spec, state };
  throw new Error(
    "Only an embedded cluster, and with --stack one of k3s, is restored as a whole from here; docs/operations.md has the steps for others. " +
      "--namespace works with any --kubeconfig.",
  );
}

/** As `20261121T215900Z`. */
function stampOf(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d+/g, "");
}
