import { problemFiles, problemsCommand } from "../../embedded/node-problems.ts";

interface Rule {
  readonly type: string;
  readonly condition?: string;
  readonly reason: string;
  readonly pattern?: string;
  readonly args?: readonly string[];
}
interface File {
  readonly conditions: readonly { readonly type: string; readonly reason: string }[];
  readonly rules: readonly Rule[];
}
const files = problemFiles(true) as Readonly<Record<string, File>>;

test("the first node tells of the kernel that all have, and each of its own programs", () => {
  expect(Object.keys(files)).toEqual(["health.json", "kernel.json"]);
  expect(Object.keys(problemFiles(false))).toEqual(["health.json"]);
  const kernel = "--config.system-log-monitor=/etc/node-problem-detector/kernel.json";
  expect(problemsCommand("/cache/bin/npd", "qke-master", true)).toContain(kernel);
  expect(problemsCommand("/cache/bin/npd", "qke-worker-49-2", false)).not.toContain(kernel);
});

test("it comes as the node, which may write of itself, and listens nowhere", () => {
  expect(problemsCommand("/cache/bin/npd", "qke-worker-49-2", false)).toEqual([
    ...["/bin/sh", "-c", 'sleep 30 && exec "$0" "$@"', "/cache/bin/npd"],
    "--hostname-override=qke-worker-49-2",
    "--apiserver-override=?inClusterConfig=false&auth=/etc/kubernetes/kubelet.conf",
    "--config.custom-plugin-monitor=/etc/node-problem-detector/health.json",
    "--port=0",
    "--prometheus-port=0",
  ]);
});

test("what lasts is a condition that starts as well, with another reason", () => {
  for (const { conditions, rules } of Object.values(files)) {
    const lasting = rules.filter(({ type }) => type === "permanent");
    expect(lasting.map(({ condition }) => condition)).toEqual(conditions.map(({ type }) => type));
    const reasons = new Set(conditions.map(({ reason }) => reason));
    for (const { reason } of lasting) expect(reasons).not.toContain(reason);
  }
});

test.each<readonly [says: string, reasons: readonly string[]]>([
  ["Out of memory: Killed process 4711 (etcd) total-vm:1kB, anon-rss:1kB", ["OOMKilling"]],
  ["Memory cgroup out of memory: Killed process 4711 (podinfo) total-vm:1kB", []],
  ["EXT4-fs (vda): Remounting filesystem read-only", ["FilesystemIsReadOnly"]],
  ["INFO: task kubelet:4711 blocked for more than 120 seconds.", ["NodeProgramHung", "TaskHung"]],
  ["INFO: task java:4711 blocked for more than 120 seconds.", ["TaskHung"]],
  ["EXT4-fs error (device vda): ext4_lookup:1: inode #2", ["Ext4Error"]],
  ["Buffer I/O error on dev vda, logical block 1", ["IOError"]],
  ["BUG: unable to handle page fault for address: 0000", ["KernelOops"]],
  ["br0: port 3(p2) entered forwarding state", []],
])("of the kernel's words %p it tells %p", (says, reasons) => {
  const found = files["kernel.json"]?.rules.filter(({ pattern = "" }) => new RegExp(pattern).test(says)) ?? [];
  expect(found.map(({ reason }) => reason)).toEqual(reasons);
});
