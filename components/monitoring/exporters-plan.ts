/** What turns objects and machines into figures: kube-state-metrics and node-exporter, as plain manifests. No Pulumi here. */
import { httpProbe, lockedDown, nobody, unprivileged } from "../pod-plan.ts";
import type { Rights } from "../rights.ts";
import { alone, onEachNode } from "../workload-plan.ts";
import { monitoringLabels, monitoringPorts } from "./names.ts";

/** The kinds that are counted, by their groups. */
const counted: Readonly<Record<string, readonly string[]>> = {
  "": ["nodes", "pods", "resourcequotas"],
  apps: ["daemonsets", "deployments", "statefulsets"],
  batch: ["cronjobs", "jobs"],
  autoscaling: ["horizontalpodautoscalers"],
  policy: ["poddisruptionbudgets"],
};

/** The figures that alerts, dashboards and people ask for; it has four hundred more. */
export const objectFigures = [
  "kube_node_(info|spec_unschedulable|status_condition|status_allocatable)",
  "kube_pod_(info|status_phase|status_ready|container_resource_(requests|limits))",
  "kube_pod_container_status_(waiting_reason|restarts_total|last_terminated_reason)",
  "kube_deployment_(spec_replicas|status_replicas_available|status_replicas_updated)",
  "kube_statefulset_(replicas|status_replicas_ready)",
  "kube_daemonset_status_(desired_number_scheduled|number_available)",
  "kube_job_status_(failed|succeeded|active)",
  "kube_cronjob_(spec_suspend|status_last_(schedule|successful)_time)",
  "kube_horizontalpodautoscaler_(spec_(min|max)_replicas|status_(current|desired)_replicas)",
  "kube_poddisruptionbudget_status_(pod_disruptions_allowed|desired_healthy|current_healthy)",
  "kube_resourcequota",
];

/** What each is promised, and may take at most. */
const amounts = {
  state: { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "250m", memory: "256Mi" } },
  node: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "250m", memory: "96Mi" } },
} as const;

const health = { state: 8081 } as const;

/** Every manifest of kube-state-metrics. */
export function planKubeStateMetrics({ image }: { readonly image: string }) {
  const [name, labels] = ["kube-state-metrics", monitoringLabels.kubeStateMetrics];
  const metadata = { name, labels };
  const rights: Rights = {
    cluster: Object.entries(counted).map(([group, resources]) => ({
      apiGroups: [group],
      resources: [...resources],
      verbs: ["list", "watch"],
    })),
    namespace: [],
  };
  const pod = {
    ...unprivileged(name, { user: nobody, token: true }),
    containers: [
      {
        name,
        image,
        args: [
          `--port=${String(monitoringPorts.kubeStateMetrics)}`,
          `--telemetry-port=${String(health.state)}`,
          `--resources=${Object.values(counted).flat().sort().join(",")}`,
          `--metric-allowlist=${objectFigures.map((one) => `^${one}$`).join(",")}`,
        ],
        ports: [
          { name: "metrics", containerPort: monitoringPorts.kubeStateMetrics },
          { name: "health", containerPort: health.state },
        ],
        resources: amounts.state,
        readinessProbe: httpProbe("/readyz", "health", 5),
        livenessProbe: httpProbe("/livez", "metrics", 15),
        securityContext: lockedDown,
      },
    ],
  };
  return {
    serviceAccount: { metadata, automountServiceAccountToken: false },
    rights,
    deployment: alone(name, labels, pod), // two would count everything twice; where it is missing, another is made
  };
}

/**
 * Every manifest of node-exporter. Its pods have a network of their own, so that policies hold for them as for others;
 * what goes through the nodes' own cards is what cAdvisor says of the root container.
 *
 * @param textfiles folders of the nodes with figures that other programs leave there
 */
export function planNodeExporter({
  image,
  textfiles,
}: {
  readonly image: string;
  readonly textfiles: readonly string[];
}) {
  const [name, labels] = ["node-exporter", monitoringLabels.nodeExporter];
  const metadata = { name, labels };
  const root = "/host/root";
  const placeOf = (index: number) => `/host/textfiles/${String(index)}`;
  const pod = {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    tolerations: [{ operator: "Exists" }], // every node is a machine, whoever may use it
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name,
        image,
        args: [
          "--path.procfs=/host/proc",
          "--path.sysfs=/host/sys",
          `--path.rootfs=${root}`,
          "--collector.disable-defaults",
          ...["cpu", "diskstats", "filesystem", "loadavg", "meminfo", "stat", "textfile", "time", "uname"].map(
            (one) => `--collector.${one}`,
          ),
          "--collector.filesystem.mount-points-exclude=^/(dev|proc|sys|run|tmp|var/lib/(kubelet|containerd|containers))($|/)",
          "--collector.filesystem.fs-types-exclude=^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|mqueue|nsfs|overlay|proc|pstore|securityfs|sysfs|tmpfs|tracefs)$",
          ...textfiles.map((_, index) => `--collector.textfile.directory=${placeOf(index)}`),
          `--web.listen-address=:${String(monitoringPorts.nodeExporter)}`,
        ],
        ports: [{ name: "metrics", containerPort: monitoringPorts.nodeExporter }],
        resources: amounts.node,
        readinessProbe: httpProbe("/", "metrics", 10),
        livenessProbe: httpProbe("/", "metrics", 30),
        // The figures of backups lie in a folder that is root's alone; as its owner it needs no capability.
        securityContext: { ...lockedDown, runAsUser: 0, runAsGroup: 0 },
        volumeMounts: [
          { name: "proc", mountPath: "/host/proc", readOnly: true },
          { name: "sys", mountPath: "/host/sys", readOnly: true },
          { name: "root", mountPath: root, readOnly: true, mountPropagation: "HostToContainer" },
          ...textfiles.map((_, index) => ({
            name: `textfiles-${String(index)}`,
            mountPath: placeOf(index),
            readOnly: true,
          })),
        ],
      },
    ],
    volumes: [
      { name: "proc", hostPath: { path: "/proc", type: "Directory" } },
      { name: "sys", hostPath: { path: "/sys", type: "Directory" } },
      { name: "root", hostPath: { path: "/", type: "Directory" } },
      // Made where nobody has left any yet, as on nodes that save nothing.
      ...textfiles.map((path, index) => ({
        name: `textfiles-${String(index)}`,
        hostPath: { path, type: "DirectoryOrCreate" },
      })),
    ],
  };
  return {
    serviceAccount: { metadata, automountServiceAccountToken: false },
    rights: { cluster: [], namespace: [] },
    daemonSet: onEachNode(name, labels, pod),
  };
}
