/** Prometheus, as plain manifests: no Pulumi here. */
import { httpProbe, lockedDown, nobody, spreadInPlace, unprivileged } from "../pod-plan.ts";
import type { Rights } from "../rights.ts";
import { claimed, inPlace, unwaited } from "../workload-plan.ts";
import type { Insight } from "./insight.ts";
import { monitoringLabels, monitoringPorts } from "./names.ts";
import { prometheusConfig, rulesFile } from "./prometheus-files.ts";
import { caFileName, remoteWritePod } from "./remote-write-plan.ts";
import type { PrometheusConfig } from "./schema.ts";

/** What decides the shape of Prometheus. */
export interface PrometheusSpec extends Pick<
  PrometheusConfig,
  "replicas" | "interval" | "retention" | "storageClass" | "resources" | "remoteWrite" | "rules"
> {
  readonly image: string;
  /** Whether the nodes stand in more than one rack. */
  readonly racks: boolean;
  /** What every series and alert carries beyond the cluster, as the environment. */
  readonly external: Readonly<Record<string, string>>;
  readonly insights: readonly Insight[];
  /** Where the runbooks of all alerts are. */
  readonly runbooks: string;
}

const name = "prometheus";
const labels = monitoringLabels.prometheus;
const port = monitoringPorts.prometheus;

/** Whom it may look at, so that it finds its targets, and read the figures of. */
const rights: Rights = {
  cluster: [
    { apiGroups: [""], resources: ["nodes", "pods", "services"], verbs: ["get", "list", "watch"] },
    { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
  ],
  namespace: [],
  paths: [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }],
};

/** Every manifest of Prometheus; namespaces are added by who applies it. */
export function planPrometheus(spec: PrometheusSpec) {
  const { image, replicas, retention, storageClass, resources, racks, insights, runbooks, remoteWrite } = spec;
  const metadata = { name, labels };
  const folder = "/etc/prometheus";
  const files = {
    "prometheus.json": JSON.stringify(prometheusConfig(insights, spec), undefined, 1),
    "rules.json": JSON.stringify(rulesFile(insights, runbooks, spec.rules), undefined, 1),
    ...(remoteWrite?.tls.ca === undefined ? {} : { [caFileName]: remoteWrite.tls.ca }),
  };
  const remote = remoteWritePod(remoteWrite);
  const claims: Partial<ReturnType<typeof claimed>> =
    storageClass === undefined ? {} : claimed(storageClass, roomFor(retention.size));
  const pod = {
    ...unprivileged(name, { user: nobody, token: true }),
    topologySpreadConstraints: spreadInPlace(labels, racks),
    terminationGracePeriodSeconds: 60,
    containers: [
      {
        name,
        image,
        args: [
          `--config.file=${folder}/prometheus.json`,
          "--storage.tsdb.path=/prometheus",
          `--storage.tsdb.retention.time=${String(retention.days)}d`,
          `--storage.tsdb.retention.size=${bytesOf(retention.size)}`,
          "--storage.tsdb.wal-compression",
          "--config.auto-reload",
          "--config.auto-reload-interval=15s",
          `--web.listen-address=:${String(port)}`,
        ],
        ...(remote.env.length === 0 ? {} : { env: remote.env }),
        ports: [{ name: "web", containerPort: port }],
        // Its memory is what its series take: a limit below what it needs ends it again and again.
        resources: { requests: resources, limits: { cpu: resources.cpu, memory: resources.memory } },
        startupProbe: httpProbe("/-/ready", "web", 3, 200), // it reads its log again
        readinessProbe: httpProbe("/-/ready", "web", 5),
        livenessProbe: httpProbe("/-/healthy", "web", 15, 4),
        securityContext: lockedDown,
        volumeMounts: [
          { name: "config", mountPath: folder, readOnly: true },
          { name: "data", mountPath: "/prometheus" },
          ...remote.mounts,
        ],
      },
    ],
    volumes: [
      { name: "config", configMap: { name } },
      ...remote.volumes,
      ...(storageClass !== undefined ? [] : [{ name: "data", emptyDir: { sizeLimit: roomFor(retention.size) } }]),
    ],
  };
  return {
    serviceAccount: { metadata, automountServiceAccountToken: false },
    rights,
    configMap: { metadata, data: files },
    service: {
      metadata: unwaited(metadata),
      spec: { selector: labels, ports: [{ name: "http-web", port, targetPort: "web" }] },
    },
    ...inPlace(name, labels, replicas, pod, claims),
  };
}

/** A size as Prometheus writes it, whose units are powers of two: "8Gi" is "8GB". */
const bytesOf = (size: string) => size.replace("i", "B");

/** The blocks that are kept, and a quarter more for the log and what is being merged. */
function roomFor(size: string): string {
  const units: Readonly<Record<string, number>> = { Mi: 1, Gi: 1024, Ti: 1024 ** 2 };
  const mebi = Number.parseInt(size, 10) * (units[size.slice(-2)] ?? 1);
  return `${String(Math.ceil(mebi * 1.25))}Mi`;
}
