import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  cgroupMounts,
  hierarchies,
  makeGroup,
  removeGroup,
  weighGroup,
  type Hierarchy,
} from "../../embedded/cgroups.ts";

const version1 = `25 20 0:21 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
26 25 0:22 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct
27 25 0:23 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset,clone_children
28 25 0:24 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,release_agent=/usr/lib/agent,name=systemd
29 25 0:25 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
`;

test("version 1: every hierarchy with its controllers, and the caller's own group in each", () => {
  expect(hierarchies(version1, "3:cpu,cpuacct:/box\n2:cpuset:/\n1:name=systemd:/box\n0::/\n")).toEqual([
    { version: 1, mountPoint: "/sys/fs/cgroup/cpu,cpuacct", data: "cpu,cpuacct", own: "/box" },
    { version: 1, mountPoint: "/sys/fs/cgroup/cpuset", data: "cpuset", own: "/" },
    { version: 1, mountPoint: "/sys/fs/cgroup/systemd", data: "none,name=systemd", own: "/box" },
  ]);
});

test("version 2 alone: its root, because the caller's own group has processes", () => {
  const all = hierarchies("29 20 0:25 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/user.slice/session.scope\n");
  expect(all).toEqual([{ version: 2, mountPoint: "/sys/fs/cgroup", data: "", own: "/" }]);
  expect(cgroupMounts(all)).toEqual([{ type: "cgroup2", source: "cgroup2", target: "/sys/fs/cgroup" }]);
});

test("a node mounts each version 1 hierarchy where this machine has it", () => {
  const targets = cgroupMounts(hierarchies(version1, "")).map(({ type, target, data }) => [type, target, data]);
  expect(targets).toEqual([
    ["tmpfs", "/sys/fs/cgroup", "mode=755"],
    ["cgroup", "/sys/fs/cgroup/cpu,cpuacct", "cpu,cpuacct"],
    ["cgroup", "/sys/fs/cgroup/cpuset", "cpuset"],
    ["cgroup", "/sys/fs/cgroup/systemd", "none,name=systemd"],
  ]);
});

describe("groups in a folder that looks like a hierarchy", () => {
  let mountPoint: string;
  beforeEach(() => {
    mountPoint = mkdtempSync(join(tmpdir(), "cgroup-"));
  });
  afterEach(() => {
    rmSync(mountPoint, { recursive: true });
  });

  test("are made below the caller's own group and removed with all below them", () => {
    const memory: Hierarchy = { version: 1, mountPoint, data: "memory", own: "/box" };
    expect(makeGroup("quintet-lab/node", [memory])).toEqual([join(mountPoint, "box/quintet-lab/node/cgroup.procs")]);
    mkdirSync(join(mountPoint, "box/quintet-lab/node/kubepods/burstable"), { recursive: true });
    removeGroup("quintet-lab", [memory]);
    expect(existsSync(join(mountPoint, "box/quintet-lab"))).toBe(false);
    expect(existsSync(join(mountPoint, "box"))).toBe(true);
  });

  test("a group is weighed where the processor is shared out, in each version's own measure", () => {
    mkdirSync(join(mountPoint, "quintet-lab"));
    const written = (name: string) => readdirSync(join(mountPoint, "quintet-lab")).includes(name);
    weighGroup("quintet-lab", 5120, [{ version: 1, mountPoint, data: "cpuset", own: "/" }]);
    expect(written("cpu.shares")).toBe(false);
    weighGroup("quintet-lab", 5120, [{ version: 1, mountPoint, data: "cpu,cpuacct", own: "/" }]);
    expect(readFileSync(join(mountPoint, "quintet-lab/cpu.shares"), "utf8")).toBe("5120");
    weighGroup("quintet-lab", 5120, [{ version: 2, mountPoint, data: "", own: "/" }]);
    expect(readFileSync(join(mountPoint, "quintet-lab/cpu.weight"), "utf8")).toBe("196");
  });

  test("version 2 hands the controllers on, group by group", () => {
    mkdirSync(join(mountPoint, "quintet-lab/node"), { recursive: true });
    for (const dir of [mountPoint, join(mountPoint, "quintet-lab")])
      writeFileSync(join(dir, "cgroup.controllers"), "cpu memory\n");
    makeGroup("quintet-lab/node", [{ version: 2, mountPoint, data: "", own: "/" }]);
    expect(readFileSync(join(mountPoint, "quintet-lab/cgroup.subtree_control"), "utf8")).toBe("+cpu +memory");
  });
});
