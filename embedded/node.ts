/**
 * One embedded node: a set of namespaces (network, mount, UTS, IPC, PID, cgroup) with a file tree, a containerd and a
 * kubelet of its own. Its first process is tools/quintet/node-init, which follows the plan made here; when that ends,
 * the kernel ends everything in it.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { cgroupMounts, hostHierarchies, makeGroup, removeGroup, weighGroup, type Hierarchy } from "./cgroups.ts";
import { containerdConfig, containerdSocket, registryHosts } from "./containerd.ts";
import { nodeNamespace } from "./network.ts";
import { problemFiles, problemsCommand, problemsFolder, problemsLogin } from "./node-problems.ts";
import { nodeRelease, placePrograms, programsFolder } from "./releases.ts";
import { alive, identify, kill, run, succeeds, until } from "./run.ts";
import type { ClusterSpec, NodeSpec } from "./spec.ts";
import { cacheDir } from "../toolchain/index.ts";
import type { ClusterState } from "./state.ts";

/** A mount below the node's root, as node-init takes it. */
export interface NodeMount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly data?: string;
  readonly readOnly?: boolean;
}

/** A process of the node that is started again whenever it ends. */
interface NodeService {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly after?: string;
  readonly log: string;
}

/** What node-init makes of a node; the counterpart of `Plan` in tools/quintet/node-init/main.go. */
export interface NodePlan {
  readonly hostname: string;
  readonly root: string;
  readonly mounts: readonly NodeMount[];
  readonly services: readonly NodeService[];
}

/** Folders of this machine with programs and libraries: a node has them with changes of its own, such as /lib/modules. */
const sharedFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
/** Folders of settings that a node sees as they are. */
const sharedEtc = ["/etc/alternatives", "/etc/ssl", "/etc/pki", "/etc/ld.so.conf.d"];
const copiedEtc = ["passwd", "group", "nsswitch.conf", "ld.so.cache", "ld.so.conf", "os-release"];
const ownFolders = [
  "etc/cni/net.d",
  "etc/containerd",
  "etc/kubernetes",
  "opt/cni/bin",
  "root",
  "tmp",
  "var/lib",
  "var/log",
  "var/tmp",
];
const cniPlugins = ["calico", "host-local", "loopback", "portmap"];

const startDeadline = 30_000;

/** The node's own programs have a group of their own beside the pods', as a service manager gives them. */
const serviceGroup = "system";

/** Each node counts as much as one busy process of this machine (cpu.shares), which would else starve all five. */
const nodeShares = 1024;

/**
 * The plan of a node; pure, so that a test can read it.
 *
 * @param present whether a shared folder of this machine is there, and no link
 */
export function nodePlan(
  node: NodeSpec,
  root: string,
  toolsDir: string,
  all: readonly Hierarchy[],
  { tellsOfKernel, present }: { readonly tellsOfKernel: boolean; readonly present: (folder: string) => boolean },
): NodePlan {
  const bind = (source: string, readOnly: boolean): NodeMount => ({ type: "bind", source, target: source, readOnly });
  const search = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  const env = [`PATH=${[programsFolder, path.join(toolsDir, "bin"), ...search].join(":")}`, "HOME=/root"];
  return {
    hostname: node.name,
    root,
    mounts: [
      ...sharedFolders.filter(present).map((folder) => overlay(folder, path.join(root, "..", "changes", folder))),
      ...sharedEtc.filter(present).map((folder) => bind(folder, true)),
      bind(path.join(toolsDir, "tools"), true),
      bind(path.join(toolsDir, "bin"), true),
      { type: "proc", source: "proc", target: "/proc" },
      { type: "sysfs", source: "sysfs", target: "/sys" },
      ...cgroupMounts(all),
      bind("/dev", false),
      { type: "tmpfs", source: "tmpfs", target: "/dev/shm", data: "mode=1777" },
      { type: "tmpfs", source: "tmpfs", target: "/run", data: "mode=755" },
    ],
    services: [
      { name: "containerd", command: [path.join(toolsDir, "bin", "containerd")], env, log: "/var/log/containerd.log" },
      {
        name: "kubelet",
        command: ["/bin/sh", "-c", kubeletCommand(path.join(programsFolder, "kubelet"))],
        env,
        after: "/var/lib/kubelet/config.yaml", // kubeadm writes it when the node has joined
        log: "/var/log/kubelet.log",
      },
      {
        name: "node-problem-detector",
        command: problemsCommand(path.join(toolsDir, "bin", "node-problem-detector"), node.name, tellsOfKernel),
        env,
        after: problemsLogin,
        log: "/var/log/node-problem-detector.log",
      },
    ],
  };
}

/** A folder of this machine, with the changes kept elsewhere. */
function overlay(folder: string, changes: string): NodeMount {
  const [upperdir, workdir] = overlayFolders(changes);
  return {
    type: "overlay",
    source: "overlay",
    target: folder,
    data: `lowerdir=${folder},upperdir=${upperdir},workdir=${workdir}`,
  };
}

function overlayFolders(changes: string): readonly [upper: string, work: string] {
  return [path.join(changes, "upper"), path.join(changes, "work")];
}

/** The command line that kubeadm's systemd unit uses; the file with its own flags is a shell fragment. */
function kubeletCommand(kubelet: string): string {
  return [
    ". /var/lib/kubelet/kubeadm-flags.env;",
    `exec ${kubelet}`,
    "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf",
    "--kubeconfig=/etc/kubernetes/kubelet.conf",
    "--config=/var/lib/kubelet/config.yaml",
    "$KUBELET_KUBEADM_ARGS",
  ].join(" ");
}

/** Makes the node's root directory; what is there already, such as etcd's data, stays. */
export function prepareRoot(spec: ClusterSpec, node: NodeSpec, state: ClusterState): void {
  const root = state.nodeRoot(node.name);
  const file = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  };
  for (const folder of ownFolders) {
    mkdirSync(path.join(root, folder), { recursive: true, mode: folder.endsWith("tmp") ? 0o1777 : 0o755 });
  }
  for (const name of copiedEtc.filter((n) => existsSync(path.join("/etc", n)))) {
    copyFileSync(path.join("/etc", name), path.join(root, "etc", name));
  }
  for (const folder of sharedFolders.filter((f) => existsSync(f))) {
    if (isLink(folder)) {
      replaceLink(readlinkSync(folder), path.join(root, folder));
    } else {
      overlayFolders(path.join(root, "..", "changes", folder)).forEach((dir) => mkdirSync(dir, { recursive: true }));
    }
  }
  for (const plugin of cniPlugins) {
    replaceLink(path.join(cacheDir(), "bin", plugin), path.join(root, "opt/cni/bin", plugin));
  }
  placePrograms(node.name, state, nodeRelease(spec, node.name, state));
  if (!existsSync(path.join(root, "etc/machine-id"))) {
    file("etc/machine-id", `${randomBytes(16).toString("hex")}\n`);
  }
  const names = spec.nodes.map(({ name, address }) => `${address} ${name}`);
  file("etc/hosts", ["127.0.0.1 localhost", ...names, ""].join("\n"));
  file("etc/hostname", `${node.name}\n`);
  file("etc/resolv.conf", ""); // there is no outside to ask
  file("etc/containerd/config.toml", containerdConfig({ restrictOomScore: lacksSysResource() }));
  file("etc/containerd/certs.d/_default/hosts.toml", registryHosts(spec.hostAddress));
  for (const [name, content] of Object.entries(problemFiles(tellsOfKernel(spec, node)))) {
    file(path.join(problemsFolder, name), JSON.stringify(content, undefined, 1));
  }
}

/** All nodes have the kernel of this machine: the first one tells of it. */
const tellsOfKernel = (spec: ClusterSpec, node: NodeSpec): boolean => spec.nodes[0]?.name === node.name;

/** Starts the node and waits until its containerd answers. Does nothing when the node runs. */
export async function startNode(spec: ClusterSpec, node: NodeSpec, state: ClusterState): Promise<void> {
  if (state.process(processName(node)) !== undefined) {
    return;
  }
  prepareRoot(spec, node, state);
  const all = hostHierarchies();
  const root = state.nodeRoot(node.name);
  const group = nodeGroup(spec, node);
  removeGroup(group, all); // empty groups that a killed node left
  const groupFiles = makeGroup(group, all);
  const serviceFiles = makeGroup(`${group}/${serviceGroup}`, all);
  weighGroup(clusterGroup(spec), spec.nodes.length * nodeShares, all);
  const planFile = `nodes/${node.name}/plan.json`;
  state.write(
    planFile,
    nodePlan(node, root, cacheDir(), all, {
      tellsOfKernel: tellsOfKernel(spec, node),
      present: (folder) => existsSync(folder) && !isLink(folder),
    }),
  );
  const log = openSync(state.file("nodes", node.name, "node-init.log"), "a");
  // The first shell joins the groups before it becomes the node, so that the cgroup namespace has them as its roots;
  // the second one, which is in that namespace, goes on to the group beside the pods'.
  const join = (files: readonly string[]) => files.map((f) => `echo 0 > '${f}'`).join(" && ");
  const namespaces = `nsenter --net=/run/netns/${nodeNamespace(spec, node)} unshare -m -u -i -p -C --fork --kill-child`;
  const init = path.join(cacheDir(), "bin", "node-init");
  const inner = `${join(serviceFiles)} && exec '${init}' '${state.file(planFile)}'`;
  const child = spawn("sh", ["-c", `${join(groupFiles)} && exec ${namespaces} sh -c "${inner}"`], {
    detached: true,
    stdio: ["ignore", log, log],
  });
  child.unref();
  const id = child.pid === undefined ? undefined : identify(child.pid);
  if (id === undefined) {
    throw new Error(
      `Node ${node.name} cannot be started: its first process ended at once. See ${state.file("nodes", node.name, "node-init.log")}.`,
    );
  }
  state.keepProcess(processName(node), id);
  await until(
    `containerd on node ${node.name} (see ${path.join(root, "var/log/containerd.log")})`,
    startDeadline,
    async () => {
      if (!alive(id)) {
        throw new Error(`node-init ended; see ${state.file("nodes", node.name, "node-init.log")}`);
      }
      return succeeds("nsenter", [...(await enter(node, state)), "test", "-S", containerdSocket]);
    },
    100,
  );
}

/** Ends the node at once, as pulling its plug would. Its files stay. */
export async function stopNode(spec: ClusterSpec, node: NodeSpec, state: ClusterState): Promise<void> {
  const id = state.process(processName(node));
  if (id !== undefined) {
    await kill(id, "SIGKILL"); // unshare's child goes with it (--kill-child), and with that its PID namespace
  }
  const all = hostHierarchies();
  await until(
    `the processes of node ${node.name} to end`,
    startDeadline,
    () => {
      removeGroup(nodeGroup(spec, node), all); // fails while a process is left in it
      return Promise.resolve(true);
    },
    50,
  );
}

export function nodeRuns(node: NodeSpec, state: ClusterState): boolean {
  return state.process(processName(node)) !== undefined;
}

/** Runs a program inside a node and gives its standard output. */
export async function runInNode(
  node: NodeSpec,
  state: ClusterState,
  command: readonly string[],
  options: { readonly timeout?: number; readonly input?: string } = {},
): Promise<string> {
  return run("nsenter", [...(await enter(node, state)), ...command], options);
}

/** The arguments of nsenter(1) that lead into a running node, with the node's own PATH. */
export async function enter(node: NodeSpec, state: ClusterState): Promise<string[]> {
  const outer = state.process(processName(node));
  if (outer === undefined) {
    throw new Error(`Node ${node.name} does not run. Start it with \`npm run cluster -- start ${node.name}\`.`);
  }
  let inner = "";
  await until(
    `the first process of node ${node.name}`,
    startDeadline,
    () => {
      const pid = String(outer.pid);
      inner = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0] ?? "";
      return Promise.resolve(inner !== "" && readlinkSync(`/proc/${inner}/exe`).endsWith("/node-init"));
    },
    20,
  );
  const search = `PATH=${programsFolder}:${path.join(cacheDir(), "bin")}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  return ["-t", inner, "-m", "-u", "-i", "-n", "-p", "-C", "-w/", "env", "-i", search, "HOME=/root", "TERM=xterm"];
}

/** Removes the node's files. It must not run. */
export function removeNode(node: NodeSpec, state: ClusterState): void {
  rmSync(state.file("nodes", node.name), { recursive: true, force: true });
}

function processName(node: NodeSpec): string {
  return `nodes/${node.name}/node`;
}

function nodeGroup(spec: ClusterSpec, node: NodeSpec): string {
  return `${clusterGroup(spec)}/${node.name}`;
}

/** The group that all nodes of a cluster are in. */
export function clusterGroup({ name }: Pick<ClusterSpec, "name">): string {
  return `quintet-${name}`;
}

function isLink(file: string): boolean {
  return existsSync(file) && lstatSync(file).isSymbolicLink();
}

function replaceLink(target: string, link: string): void {
  rmSync(link, { force: true });
  symlinkSync(target, link);
}

const capSysResource = 24; // capabilities(7)

/** Whether this machine withholds CAP_SYS_RESOURCE even from root: then no process may lower its oom_score_adj. */
function lacksSysResource(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> BigInt(capSysResource)) & 1n) === 0n;
}
