/**
 * node-problem-detector on a node, as a program of the node and not as a pod: it still speaks when the kubelet does not.
 * What it finds becomes conditions and events of the Node.
 */

/** Where a node has its configuration. */
export const problemsFolder = "/etc/node-problem-detector";

/** What it comes to the API server with: the node may write its own status and events. */
export const problemsLogin = "/etc/kubernetes/kubelet.conf";

/** How often a program of the node is asked, and how long it may take; one that is stopped answers nothing. */
const [interval, patience] = ["10s", "5s"];

interface Check {
  readonly condition: string;
  readonly of: string;
  readonly command: string;
}

const checks: readonly Check[] = [
  {
    condition: "KubeletUnhealthy",
    of: "the kubelet",
    command: `kubectl --server=http://127.0.0.1:10248 --request-timeout=${patience} get --raw /healthz`,
  },
  {
    condition: "ContainerRuntimeUnhealthy",
    of: "containerd",
    command: `ctr --connect-timeout ${patience} --timeout ${patience} version`,
  },
];

/** The reason of a condition: "KubeletIsHealthy" of "KubeletUnhealthy". */
const reasonOf = (condition: string, is: "Healthy" | "Unhealthy") => condition.replace(/Unhealthy$/, `Is${is}`);

/** Whether the programs answer without which no pod runs. */
const health = {
  plugin: "custom",
  pluginConfig: { invoke_interval: interval, timeout: "9s", max_output_length: 80, concurrency: checks.length },
  source: "health-check",
  conditions: checks.map(({ condition, of }) => ({
    type: condition,
    reason: reasonOf(condition, "Healthy"),
    message: `${of} answers`,
  })),
  rules: checks.map(({ condition, of, command }) => ({
    type: "permanent",
    condition,
    reason: reasonOf(condition, "Unhealthy"),
    path: "/bin/sh",
    args: ["-c", `${command} >/dev/null 2>&1 || { echo '${of} does not answer'; exit 1; }`],
    timeout: "9s",
  })),
};

/** What the kernel says of what it cannot heal, and of what has happened once. */
const kernel = {
  plugin: "kmsg",
  logPath: "/dev/kmsg",
  lookback: "5m",
  bufferSize: 10,
  source: "kernel-monitor",
  conditions: [
    { type: "ReadonlyFilesystem", reason: "FilesystemIsNotReadOnly", message: "every file system can be written" },
    { type: "KernelDeadlock", reason: "KernelHasNoDeadlock", message: "nothing is stuck in the kernel" },
  ],
  rules: [
    {
      type: "permanent",
      condition: "ReadonlyFilesystem",
      reason: "FilesystemIsReadOnly",
      pattern: "Remounting filesystem read-only",
    },
    {
      type: "permanent",
      condition: "KernelDeadlock",
      reason: "NodeProgramHung",
      pattern: "task (kubelet|containerd|containerd-shim|etcd):\\w+ blocked for more than \\d+ seconds\\.",
    },
    // Of the whole machine: that of one container is the kubelet's to tell.
    { type: "temporary", reason: "OOMKilling", pattern: "^Out of memory: Killed process \\d+ .+" },
    { type: "temporary", reason: "TaskHung", pattern: "task [\\S ]+:\\w+ blocked for more than \\d+ seconds\\." },
    { type: "temporary", reason: "KernelOops", pattern: "BUG: (unable to handle|kernel NULL pointer dereference).*" },
    { type: "temporary", reason: "Ext4Error", pattern: "EXT4-fs error .*" },
    { type: "temporary", reason: "IOError", pattern: "(Buffer I/O|blk_update_request: I/O|critical medium) error.*" },
  ],
};

/** Its files by their names; five nodes on one machine have one kernel, of which one of them tells. */
export const problemFiles = (tellsOfKernel: boolean): Readonly<Record<string, object>> => ({
  "health.json": health,
  ...(tellsOfKernel ? { "kernel.json": kernel } : {}),
});

/** How long a node has been there before anything is told, in seconds: its kubelet starts with it, and answers later. */
const quiet = 30;

/** Its command line on a node. */
export function problemsCommand(program: string, node: string, tellsOfKernel: boolean): string[] {
  return [
    ...["/bin/sh", "-c", `sleep ${String(quiet)} && exec "$0" "$@"`, program],
    `--hostname-override=${node}`,
    `--apiserver-override=?inClusterConfig=false&auth=${problemsLogin}`,
    `--config.custom-plugin-monitor=${problemsFolder}/health.json`,
    ...(tellsOfKernel ? [`--config.system-log-monitor=${problemsFolder}/kernel.json`] : []),
    "--port=0", // what it knows stands in the Node
    "--prometheus-port=0",
  ];
}
