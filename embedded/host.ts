/** Kernel settings of this machine that kubelets change or need: kept before the first cluster, restored after the last. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ClusterState, clustersDir } from "./state.ts";

/** What the kubelet sets (k8s.io/kubernetes/pkg/kubelet/cm, setupKernelTunables), and so has to be put back. */
const kubeletTunables = [
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
];

/** Five kubelets and containerds watch many files; the kernel's defaults suffice for about one. */
const needed: Readonly<Record<string, number>> = {
  "fs/inotify/max_user_instances": 8192,
  "fs/inotify/max_user_watches": 524288,
};

function sysctl(name: string): string {
  return path.join("/proc/sys", name);
}

function keptFile(): string {
  return path.join(clustersDir(), "host-sysctls.json");
}

/** Keeps this machine's settings, unless an earlier cluster did, and raises what is too low. */
export function prepareHost(): void {
  if (!existsSync(keptFile())) {
    const names = [...kubeletTunables, ...Object.keys(needed)].filter((name) => existsSync(sysctl(name)));
    mkdirSync(clustersDir(), { recursive: true });
    writeFileSync(
      keptFile(),
      JSON.stringify(Object.fromEntries(names.map((n) => [n, readFileSync(sysctl(n), "utf8").trim()]))),
    );
  }
  for (const [name, least] of Object.entries(needed)) {
    if (Number(readFileSync(sysctl(name), "utf8")) < least) {
      writeFileSync(sysctl(name), String(least));
    }
  }
}

/** Puts this machine's settings back when no cluster with kubelets is left: a simulated one has none, and needs none. */
export function restoreHost(): void {
  const others =
    existsSync(clustersDir()) && readdirSync(clustersDir()).some((name) => existsSync(new ClusterState(name).nodesDir));
  if (others || !existsSync(keptFile())) {
    return;
  }
  // Only prepareHost writes this file, so its shape is known.
  const kept = JSON.parse(readFileSync(keptFile(), "utf8")) as Record<string, string>;
  for (const [name, value] of Object.entries(kept)) {
    writeFileSync(sysctl(name), value);
  }
  rmSync(keptFile());
}
