/** What a cluster can leave on this machine, as lists that are compared before and after. */
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { run } from "../../embedded/run.ts";
import { hostHierarchies } from "../../embedded/cgroups.ts";
import { readdir } from "node:fs/promises";
import path from "node:path";

/** Each kind of thing that a cluster makes on the machine, with what there is of it. */
export type Traces = Readonly<Record<string, readonly string[]>>;

/** What is there now and was not there before, or is there more often. */
export function added(before: Traces, now: Traces): string[] {
  return Object.entries(now).flatMap(([kind, items]) => {
    const known = [...(before[kind] ?? [])];
    return items
      .filter((item) => {
        const at = known.indexOf(item);
        if (at >= 0) known.splice(at, 1);
        return at < 0;
      })
      .map((item) => `${kind}: ${item}`);
  });
}

/** Takes stock of the machine. */
export async function traces(): Promise<Traces> {
  const lines = async (command: string, ...args: string[]) =>
    (await run(command, args))
      .split("\n")
      .filter((l) => l.trim() !== "")
      .sort();
  return {
    namespaces: await lines("ip", "netns", "list"),
    links: (await lines("ip", "-o", "link")).map((l) => l.split(": ")[1] ?? l),
    routes: await lines("ip", "-4", "route"),
    nftTables: await lines("nft", "list", "tables"),
    mounts: readFileSync("/proc/self/mounts", "utf8").trim().split("\n").sort(),
    cgroups: (await Promise.all(hostHierarchies().map((h) => groups(path.join(h.mountPoint, h.own))))).flat().sort(),
    programs: programs(),
    sysctls: [
      "vm/overcommit_memory",
      "vm/panic_on_oom",
      "kernel/panic",
      "kernel/panic_on_oops",
      "kernel/keys/root_maxkeys",
      "fs/inotify/max_user_instances",
      "net/ipv4/ip_forward",
    ].map((name) => `${name}=${readFileSync(`/proc/sys/${name}`, "utf8").trim()}`),
  };
}

async function groups(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries.filter((e) => e.isDirectory() && e.name.startsWith("quintet")).map((e) => path.join(dir, e.name));
}

/** The programs of the toolchain that run, whoever started them. */
function programs(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const program = readlinkSync(`/proc/${pid}/exe`);
        return /\/(node-init|containerd|containerd-shim-runc-v2|kubelet|mirror|kube-apiserver|etcd|kwok|coredns|podinfo|pause)( \(deleted\))?$/.test(
          program,
        )
          ? [path.basename(program)]
          : [];
      } catch {
        return []; // a kernel thread, or a process that just ended
      }
    })
    .sort();
}
