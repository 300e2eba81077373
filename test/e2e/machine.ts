/** What a cluster can leave on this machine, as lists that are compared before and after. */
import { readFileSync, readdirSync, readlinkSync, statSync } from "node:fs";
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
        return /\/(node-init|containerd|containerd-shim-runc-v2|kubelet|mirror|kube-apiserver|etcd|kwok|coredns|podinfo|pause|pilot-discovery|pilot-agent|envoy)( \(deleted\))?$/.test(
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

/** Collects the command line of every process of this machine, ten times a second, until it is ended. */
export function watchCommands(): { readonly end: () => string } {
  const seen = new Set<string>();
  const timer = setInterval(() => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
      } catch {
        // The process has ended since.
      }
    }
  }, 100);
  return {
    end: () => {
      clearInterval(timer);
      return [...seen].join("\n");
    },
  };
}

/** The texts of all small files below some folders, nodes' own file trees left out. */
export function texts(folders: readonly string[]): string {
  return folders.flatMap(filesBelow).join("\n");
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "nodes" ? [] : filesBelow(file);
    return entry.isFile() && statSync(file).size < 4 * 1024 ** 2 ? [readFileSync(file, "utf8")] : [];
  });
}
