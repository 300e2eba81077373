/**
 * Checks before anything is touched. Some tell that this machine does not allow real nodes at all: then the simulated
 * cluster is the way. The others tell what is in the way and can be mended: then nothing is started.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import path from "node:path";
import { cacheDir } from "../toolchain/index.ts";
import { hostHierarchies } from "./cgroups.ts";
import { hostInterface, isolationRules } from "./network.ts";
import { canBecomeRoot, isRoot } from "./owner.ts";
import { findProgram, run, succeeds } from "./run.ts";
import { overlap, type ClusterSpec } from "./spec.ts";

/** Programs that the nodes and their network need, and the Debian package of each. */
const programs: Readonly<Record<string, string>> = {
  ip: "iproute2",
  nft: "nftables",
  iptables: "iptables",
  "iptables-nft-restore": "iptables",
  ipset: "ipset",
  conntrack: "conntrack",
  runc: "runc",
  nsenter: "util-linux",
  unshare: "util-linux",
  mount: "mount",
};

const leastMemory = 3 * 1024 ** 3; // the five nodes with the sample backend, measured
const leastDisk = 5 * 1024 ** 3; // images unpacked on five nodes, with etcd's data
const controllers = ["cpu", "cpuset", "memory", "pids"];

/** The first reason why this user can't have real nodes on this machine, or undefined. Asks for no password. */
export function whyNotReal(): string | undefined {
  if (process.platform !== "linux") {
    return `real nodes need Linux, and this is ${process.platform}`;
  }
  if (!canBecomeRoot()) {
    return "real nodes need root, and this user is neither root nor can use sudo";
  }
  return undefined;
}

/** The first reason why the kernel refuses real nodes even to root, or undefined. Run as root. */
export async function whyKernelRefuses(): Promise<string | undefined> {
  if (!(await succeeds("unshare", ["-m", "-u", "-i", "-p", "-n", "-C", "--fork", "--mount-proc", "true"]))) {
    return "the kernel lets even root make no namespaces (unshare -m -u -i -p -n -C)";
  }
  const links = "ip link add b0 type bridge && ip link add v0 type veth peer name v1";
  if (!(await succeeds("unshare", ["-n", "sh", "-c", links]))) {
    return "the kernel has no bridge or no veth devices";
  }
  if (!(await overlayWorks())) {
    return `the kernel can't mount an overlay with its changes in ${cacheDir()}`;
  }
  const missing = missingControllers();
  return missing.length > 0 ? `there is no cgroup controller for ${missing.join(", ")}` : undefined;
}

/** What can be mended and has to be, before a cluster is made: a sentence each. Run as root. */
export async function obstacles(spec: ClusterSpec): Promise<string[]> {
  const memory = Number(/^MemAvailable:\s+(\d+) kB/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1] ?? 0) * 1024;
  const disk = statfsSync(cacheDir());
  const free = disk.bavail * disk.bsize;
  const gib = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
  return [
    ...(memory < leastMemory
      ? [`Memory: ${gib(memory)} is available, and the cluster needs ${gib(leastMemory)}. End something.`]
      : []),
    ...(free < leastDisk
      ? [
          `Disk: ${gib(free)} is free in ${cacheDir()}, and the cluster needs ${gib(leastDisk)}. Free some, or set QUINTET_CACHE to another disk.`,
        ]
      : []),
    ...(/[\s,:\\']/.test(cacheDir())
      ? [
          `Cache: the path ${cacheDir()} has a character that mount options can't carry. Set QUINTET_CACHE to a plain path.`,
        ]
      : []),
    ...(await usedRanges(spec)),
    ...(await nftProblem(spec)),
  ];
}

/** The needed programs that this machine lacks. */
export function missingPrograms(): string[] {
  return Object.keys(programs).filter((program) => findProgram(program) === undefined);
}

/** Installs what of the needed programs is missing, where this is Debian or a child of it. Run as root. */
export async function installPrograms(say: (line: string) => void): Promise<void> {
  const missing = missingPrograms();
  if (missing.length === 0) {
    return;
  }
  const packages = [...new Set(missing.map((program) => programs[program] ?? program))];
  if (findProgram("apt-get") === undefined) {
    throw new Error(
      `Not on this machine: ${missing.join(", ")}. Install the packages that have them (on Debian: ${packages.join(" ")}).`,
    );
  }
  say(`Installing ${packages.join(", ")} with apt-get, for ${missing.join(", ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update"], { env, timeout: 300_000 });
  await run("apt-get", ["install", "-y", "--no-install-recommends", ...packages], { env, timeout: 600_000 });
}

async function overlayWorks(): Promise<boolean> {
  mkdirSync(cacheDir(), { recursive: true });
  const dir = mkdtempSync(path.join(cacheDir(), "overlay-"));
  const [upper, work, merged] = [path.join(dir, "upper"), path.join(dir, "work"), path.join(dir, "merged")];
  try {
    for (const folder of [upper, work, merged]) mkdirSync(folder);
    const options = `lowerdir=/usr,upperdir=${upper},workdir=${work}`;
    return await succeeds("unshare", ["-m", "mount", "-t", "overlay", "overlay", "-o", options, merged]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function missingControllers(): string[] {
  const all = hostHierarchies();
  const there = all.flatMap((h) =>
    h.version === 1
      ? h.data.split(",")
      : readFileSync(path.join(h.mountPoint, "cgroup.controllers"), "utf8").trim().split(" "),
  );
  return controllers.filter((c) => !there.includes(c));
}

/** A route of this machine, as `ip -json route` gives it. */
export interface Route {
  readonly dst: string;
  readonly dev?: string;
  readonly type?: string;
}

/** The cluster's ranges that routes of this machine already lead elsewhere: a sentence each. */
export function routeConflicts(spec: ClusterSpec, routes: readonly Route[]): string[] {
  // What this very cluster left when its removal was cut off is in nobody's way.
  const own = (r: Route) => r.dev === hostInterface(spec) || (r.type === "unreachable" && r.dst === spec.podCidr);
  const ranges = { "--subnet": spec.subnet, "--pod-cidr": spec.podCidr, "--service-cidr": spec.serviceCidr };
  return Object.entries(ranges).flatMap(([option, range]) =>
    routes
      .filter((r) => r.dst !== "default" && !own(r) && overlap(range, r.dst.includes("/") ? r.dst : `${r.dst}/32`))
      .map(
        (r) =>
          `Address range: ${range} (${option}) overlaps this machine's route to ${r.dst} (${r.dev ?? r.type ?? "no device"}). Choose another with ${option}.`,
      ),
  );
}

async function usedRanges(spec: ClusterSpec): Promise<string[]> {
  return routeConflicts(
    spec,
    JSON.parse(await run("ip", ["-4", "-json", "route", "show", "table", "main"])) as Route[],
  );
}

async function nftProblem(spec: ClusterSpec): Promise<string[]> {
  try {
    await run("nft", ["--check", "-f", "-"], { input: isolationRules(spec) });
    return [];
  } catch (error) {
    return [`nftables: the rules that keep the cluster in can't be loaded: ${(error as Error).message}`];
  }
}

/** Throws all obstacles in one message. Run as root. */
export async function refuseObstacles(spec: ClusterSpec): Promise<void> {
  if (!isRoot()) {
    throw new Error("The cluster's nodes are made by root.");
  }
  const found = await obstacles(spec);
  if (found.length > 0) {
    throw new Error(
      `Cluster ${spec.name} can't be started here, and nothing has been changed:\n${found.map((o) => `  ${o}`).join("\n")}`,
    );
  }
}
