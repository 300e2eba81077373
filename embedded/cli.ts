/** `npm run cluster -- up|down|status|kubectl|exec|start|stop …`: the embedded cluster on the command line. */
import { chownSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { showProgress } from "../toolchain/display.ts";
import { cacheDir, ensureTools, toolPath } from "../toolchain/index.ts";
import { withLock } from "../toolchain/lock.ts";
import { down, existing, isUp, start, stop, up } from "./cluster.ts";
import { buildImages } from "./images.ts";
import { enter } from "./node.ts";
import { asRoot, inPlace, isRoot, owner } from "./owner.ts";
import { installPrograms, missingPrograms, refuseObstacles, whyKernelRefuses, whyNotReal } from "./preflight.ts";
import { downSimulated, isSimulated, upSimulated } from "./simulated.ts";
import { extraTools, type Release, releaseNamed, releasesOf } from "./releases.ts";
import { defaults, labCluster, nodeNamed, type ClusterOptions, type ClusterSpec, type NodeSpec } from "./spec.ts";
import { ClusterState, clustersDir } from "./state.ts";
import { statusTable } from "./status.ts";
import { certificates, upgradeCluster, type UpgradeFlags } from "./upgrade-command.ts";
import { versions } from "../versions.ts";

interface UpFlags extends ClusterOptions {
  readonly simulate?: true;
  readonly upstream?: true;
  /** Set by this program for itself, when it has become root: the images are built already. */
  readonly layout?: string;
  /** Set by scripts/restore.ts. */
  readonly restored?: string;
}

/** This machine does not allow real nodes; the reason is on standard output. */
const notReal = 3;

const self = fileURLToPath(import.meta.url);
const program = new Command("cluster")
  .description("The embedded five-node cluster")
  .showHelpAfterError()
  .enablePositionalOptions();

function command(name: string, description: string): Command {
  return program.command(name).description(description).option("--name <name>", "the cluster", defaults.name);
}

command("up", "make the cluster, or start what of it is stopped")
  .option("--subnet <cidr>", "the nodes' network, a /24", defaults.subnet)
  .option("--pod-cidr <cidr>", "the pods' addresses", defaults.podCidr)
  .option("--service-cidr <cidr>", "the Services' addresses", defaults.serviceCidr)
  .option("--kubernetes <version>", "its release (default: the one that it has, else the newest)")
  .option("--simulate", "simulated nodes (kwok): no root, no traffic")
  .option("--upstream", "the mirror may fetch other images from the registries that they name")
  .option("--layout <dir>", "images that are built already")
  .option("--restored <dir>", "an opened snapshot to start from")
  .action(async (flags: UpFlags) => {
    const kubernetes = flags.kubernetes ?? existing(flags.name)?.kubernetesVersion ?? versions.kubernetes;
    const spec = labCluster({ ...flags, kubernetes });
    if (flags.simulate === true) {
      if (kubernetes !== versions.kubernetes) {
        throw new Error(`--kubernetes ${kubernetes}: simulated nodes are of ${versions.kubernetes} alone.`);
      }
      refuseOtherMode(spec, "simulated");
      await locked(spec, () => upSimulated(spec));
      console.log(`Cluster ${spec.name} is up, SIMULATED: objects are real, pods only say that they run.`);
      return;
    }
    refuseOtherMode(spec, "nodes");
    if (missingPrograms().length > 0 && !(await install())) {
      return;
    }
    const layout = flags.layout ?? (await images(releasesOf(spec, new ClusterState(spec.name))));
    if (!isRoot()) {
      const options = [
        "--name",
        flags.name,
        "--subnet",
        flags.subnet,
        "--pod-cidr",
        flags.podCidr,
        "--service-cidr",
        flags.serviceCidr,
        "--kubernetes",
        kubernetes,
      ];
      const restored = flags.restored === undefined ? [] : ["--restored", flags.restored];
      again(["up", ...options, "--layout", layout, ...restored, ...(flags.upstream === true ? ["--upstream"] : [])]);
      return;
    }
    await locked(spec, async () => {
      if (!isUp(spec)) {
        await refuseObstacles(spec);
      }
      const restored = flags.restored === undefined ? {} : { restored: flags.restored };
      await up(spec, { layout, upstream: flags.upstream === true, owner: owner(), ...restored });
    });
    console.log(`Cluster ${spec.name} is up. Try: npm run cluster -- kubectl get pods -A`);
  });

command("down", "remove the cluster with all that belongs to it").action(async ({ name }: { name: string }) => {
  const spec = existing(name) ?? labCluster({ ...defaults, name });
  if (isSimulated(name)) {
    await locked(spec, () => downSimulated(spec));
  } else if (isRoot()) {
    await locked(spec, () => down(spec));
  } else {
    again(["down", "--name", name]);
  }
});

command("check", "say whether this machine allows real nodes").action(async () => {
  const reason = whyNotReal();
  if (reason === undefined && !isRoot()) {
    again(["check"]);
    return;
  }
  if (reason === undefined) {
    await installPrograms(console.error);
  }
  const why = reason ?? (await whyKernelRefuses());
  console.log(why ?? "This machine allows real nodes.");
  process.exitCode = why === undefined ? 0 : notReal;
});

command("status", "show the nodes").action(async ({ name }: { name: string }) => {
  console.log(isSimulated(name) ? `Cluster ${name} is SIMULATED.` : await statusTable(known(name)));
});

onNode("start", "start a node again", start);
onNode("stop", "end a node at once, as pulling its plug would", stop);

command("upgrade", "take the cluster to the next release of Kubernetes, node by node: docs/upgrade.md")
  .requiredOption("--to <version>", "as v1.36.3")
  .option("--check", "only says what would be done, and what stands against it")
  .option("--waive <reason>", "goes on although the last drill is red or old")
  .option("--drain-timeout <duration>", "how long the pods of a node may take to move", "5m")
  .option("--layout <dir>", "images that are built already")
  .action(async ({ name, layout, ...flags }: UpgradeFlags & { name: string; layout?: string }) => {
    const spec = known(name);
    if (isRoot()) {
      await locked(spec, async () => {
        const built = layout === undefined ? images : () => Promise.resolve(layout);
        process.exitCode = await upgradeCluster(spec, flags, built);
      });
      return;
    }
    const { to, drainTimeout, waive } = flags;
    const reason = waive === undefined ? [] : ["--waive", waive];
    const words = ["upgrade", "--name", name, "--to", to, "--drain-timeout", drainTimeout, ...reason];
    again([...words, "--check"]);
    if (flags.check === true || process.exitCode !== 0) return;
    again([...words, "--layout", await images(releasesOf(spec, new ClusterState(name), releaseNamed(to)))]);
  });

command("certificates", "say how long each certificate lasts; 1 when one has 14 days or less")
  .option("--renew", "renews those of the control plane, one node after the other")
  .action(async ({ name, ...flags }: { name: string; renew?: true }) => {
    const spec = known(name);
    if (!isRoot()) {
      again(["certificates", "--name", name, ...(flags.renew === true ? ["--renew"] : [])]);
      return;
    }
    await locked(spec, async () => {
      process.exitCode = await certificates(spec, flags);
    });
  });

command("exec", "run a program inside a node, as root there")
  .argument("<node>")
  .argument("[command...]", "a shell, when none is given")
  .passThroughOptions()
  .action(async (node: string, words: string[], { name }: { name: string }) => {
    const inner = words[0] === "--" ? words.slice(1) : words;
    if (!isRoot()) {
      again(["exec", "--name", name, node, ...inner]);
      return;
    }
    const inside = await enter(nodeNamed(known(name), node), new ClusterState(name));
    process.exitCode = inPlace(["nsenter", ...inside, ...(inner.length > 0 ? inner : ["/bin/sh"])]);
  });

command("kubectl", "run kubectl on the cluster")
  .argument("[words...]")
  .allowUnknownOption()
  .passThroughOptions()
  .action((words: string[], { name }: { name: string }) => {
    const { kubeconfig } = new ClusterState(name);
    if (!existsSync(kubeconfig)) {
      throw new Error(`There is no cluster ${name}. Make it with \`npm run cluster -- up\`.`);
    }
    process.exitCode = inPlace([toolPath("kubectl"), "--kubeconfig", kubeconfig, ...words]);
  });

/** A command that does something with one node, as root. */
function onNode(word: string, what: string, work: (spec: ClusterSpec, node: NodeSpec) => Promise<void>): void {
  command(word, what)
    .argument("<node>")
    .action(async (node: string, { name }: { name: string }) => {
      if (isRoot()) {
        await work(known(name), nodeNamed(known(name), node));
      } else {
        again([word, "--name", name, node]);
      }
    });
}

/** Installs the programs that are missing, as root; whether that worked. */
async function install(): Promise<boolean> {
  if (isRoot()) {
    await installPrograms(console.error);
    return true;
  }
  again(["check"]);
  return process.exitCode === 0;
}

/** Everything that a cluster of real nodes is made of: the tools, and the images in the mirror's layout. */
async function images(releases: readonly Release[]): Promise<string> {
  const wanted = ["control-plane", "nodes", "images", ...extraTools(releases)] as const;
  const tools: Record<string, string> = await ensureTools(wanted, { progress: showProgress() });
  return buildImages((name) => tools[name] ?? toolPath(name), releases);
}

function known(name: string): ClusterSpec {
  const spec = existing(name);
  if (spec === undefined) {
    throw new Error(`There is no cluster ${name}. Make it with \`npm run cluster -- up\`.`);
  }
  return spec;
}

function refuseOtherMode(spec: ClusterSpec, wanted: "nodes" | "simulated"): void {
  const there = isSimulated(spec.name) ? "simulated" : existing(spec.name) === undefined ? undefined : "nodes";
  if (there !== undefined && there !== wanted) {
    const kind = there === "simulated" ? "simulated" : "real";
    throw new Error(
      `Cluster ${spec.name} exists with ${kind} nodes. Remove it first with \`npm run cluster -- down --name ${spec.name}\`, or choose another --name.`,
    );
  }
}

/** One change of a cluster at a time; a second one waits and says for whom. */
async function locked(spec: ClusterSpec, work: () => Promise<void>): Promise<void> {
  const onWait = (pid: number) => {
    console.error(`Waiting for process ${String(pid)}, which is at work on cluster ${spec.name}`);
  };
  const locks = join(cacheDir(), "locks");
  for (const folder of [cacheDir(), clustersDir(), locks]) {
    mkdirSync(folder, { recursive: true });
    chownSync(folder, owner().uid, owner().gid);
  }
  await withLock(join(locks, `cluster-${spec.name}.lock`), work, { onWait });
}

/** Runs this program once more, as root. */
function again(args: readonly string[]): void {
  process.exitCode = inPlace(asRoot(self, args));
}

try {
  await program.parseAsync();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
