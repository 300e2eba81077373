/** The cgroup of a node, in every hierarchy that this machine mounts (version 1, version 2, or both). */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { NodeMount } from "./node.ts";

/** One mounted hierarchy. `data` is the mount option that names its controllers; empty for version 2. */
export interface Hierarchy {
  readonly version: 1 | 2;
  readonly mountPoint: string;
  readonly data: string;
  /** The group of the calling process, relative to the mount point. */
  readonly own: string;
}

/**
 * The hierarchies to put a node into: all of version 1, or the one of version 2 when there is no other.
 * A version 2 hierarchy beside version 1 has no controllers, and a kubelet does not look at it.
 *
 * @param mountInfo the text of /proc/self/mountinfo (proc(5))
 * @param ownGroups the text of /proc/self/cgroup (cgroups(7))
 */
export function hierarchies(mountInfo: string, ownGroups: string): Hierarchy[] {
  const own = new Map(
    ownGroups
      .trim()
      .split("\n")
      .map((line) => {
        const [, controllers = "", group = "/"] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
        return [controllers, group] as const;
      }),
  );
  const all = mountInfo
    .trim()
    .split("\n")
    .flatMap((line): Hierarchy[] => {
      const [left = "", right = ""] = line.split(" - ");
      const mountPoint = left.split(" ")[4] ?? "";
      const [type = "", , options = ""] = right.split(" ");
      if (type === "cgroup2") {
        // The caller's own group has processes, and such a group may not hand controllers on; the root may.
        return [{ version: 2, mountPoint, data: "", own: "/" }];
      }
      if (type !== "cgroup") {
        return [];
      }
      const controllers = options
        .split(",")
        .filter((o) => !["rw", "ro", "xattr", "clone_children"].includes(o) && !o.startsWith("release_agent="));
      const name = controllers.join(",");
      return [
        { version: 1, mountPoint, data: name.startsWith("name=") ? `none,${name}` : name, own: own.get(name) ?? "/" },
      ];
    });
  const first = all.filter((h) => h.version === 1);
  return first.length > 0 ? first : all;
}

/** The hierarchies of this machine. */
export function hostHierarchies(): Hierarchy[] {
  return hierarchies(readFileSync("/proc/self/mountinfo", "utf8"), readFileSync("/proc/self/cgroup", "utf8"));
}

/** The mounts that give a node its own view of the hierarchies, in which its group is the root. */
export function cgroupMounts(all: readonly Hierarchy[]): NodeMount[] {
  if (all.every((h) => h.version === 2)) {
    return [{ type: "cgroup2", source: "cgroup2", target: "/sys/fs/cgroup" }];
  }
  return [
    { type: "tmpfs", source: "tmpfs", target: "/sys/fs/cgroup", data: "mode=755" },
    ...all.map((h) => ({
      type: "cgroup",
      source: "cgroup",
      target: `/sys/fs/cgroup/${path.basename(h.mountPoint)}`,
      data: h.data,
    })),
  ];
}

/** The folder of a group in one hierarchy: below the caller's own group, so that the caller's limits go on to hold. */
function groupDir(hierarchy: Hierarchy, group: string): string {
  return path.join(hierarchy.mountPoint, hierarchy.own, group);
}

/** Makes the group in every hierarchy and gives the files to write a process's number to. */
export function makeGroup(group: string, all: readonly Hierarchy[] = hostHierarchies()): string[] {
  return all.map((hierarchy) => {
    const parts = group.split("/");
    for (const i of parts.keys()) {
      const dir = groupDir(hierarchy, parts.slice(0, i + 1).join("/"));
      mkdirSync(dir, { recursive: true });
      inheritCpuset(dir);
      if (hierarchy.version === 2) {
        delegateControllers(path.dirname(dir));
      }
    }
    return path.join(groupDir(hierarchy, group), "cgroup.procs");
  });
}

/**
 * Sets what share of the processor a group gets when not everybody can have all they want. Without it a group has the
 * weight of one process, however many are in it.
 *
 * @param shares 2 to 262144, as version 1's cpu.shares; a process outside of any group has 1024
 */
export function weighGroup(group: string, shares: number, all: readonly Hierarchy[] = hostHierarchies()): void {
  for (const hierarchy of all) {
    const dir = groupDir(hierarchy, group);
    if (hierarchy.version === 2) {
      // The conversion of the OCI runtimes: both ranges, end to end.
      writeFileSync(path.join(dir, "cpu.weight"), String(Math.floor(1 + ((shares - 2) * 9999) / 262142)));
    } else if (hierarchy.data.split(",").includes("cpu")) {
      writeFileSync(path.join(dir, "cpu.shares"), String(shares));
    }
  }
}

/** Removes the group with all below it, in every hierarchy. No process may be left in it. */
export function removeGroup(group: string, all: readonly Hierarchy[] = hostHierarchies()): void {
  for (const hierarchy of all) {
    removeDir(groupDir(hierarchy, group));
  }
}

function removeDir(dir: string): void {
  if (!existsSync(dir)) {
    return;
  }
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      removeDir(path.join(dir, entry.name));
    }
  }
  rmdirSync(dir);
}

/** A new cpuset group of version 1 is empty, and takes no process until it has processors and memory nodes. */
function inheritCpuset(dir: string): void {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    const target = path.join(dir, file);
    if (
      existsSync(path.join(dir, "cgroup.clone_children")) &&
      existsSync(target) &&
      readFileSync(target, "utf8").trim() === ""
    ) {
      writeFileSync(target, readFileSync(path.join(path.dirname(dir), file)));
    }
  }
}

/** In version 2 a group hands each controller on to the groups below it explicitly. */
function delegateControllers(dir: string): void {
  const controllers = readFileSync(path.join(dir, "cgroup.controllers"), "utf8").trim().split(" ");
  writeFileSync(
    path.join(dir, "cgroup.subtree_control"),
    controllers
      .filter((c) => c !== "")
      .map((c) => `+${c}`)
      .join(" "),
  );
}
