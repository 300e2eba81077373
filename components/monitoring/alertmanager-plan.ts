/** Alertmanager, as plain manifests: no Pulumi here. */
import { httpProbe, lockedDown, nobody, spreadInPlace, unprivileged } from "../pod-plan.ts";
import { hashedName, inPlace, unwaited } from "../workload-plan.ts";
import { clusterPort, monitoringLabels, monitoringNamespace, monitoringPorts } from "./names.ts";
import { configFolder, receiverEntry, receiverPod } from "./receiver-plan.ts";
import type { PrometheusConfig } from "./schema.ts";

type Settings = PrometheusConfig["alertmanager"];

/** What decides the shape of Alertmanager. */
export interface AlertmanagerSpec extends Settings {
  readonly image: string;
  /** Whether the nodes stand in more than one rack. */
  readonly racks: boolean;
}

const name = "alertmanager";
const labels = monitoringLabels.alertmanager;
const port = monitoringPorts.alertmanager;

/** What it takes is a few MiB; a thousand alerts at once are some more. */
const amounts = { cpu: "50m", memory: "96Mi" };

/** Who is told of what: alertmanager.yml. */
export function alertmanagerConfig({ receiver }: Pick<Settings, "receiver">) {
  const to = "people";
  return {
    route: {
      receiver: to,
      group_by: ["alertname", "namespace"],
      group_wait: "30s",
      group_interval: "5m",
      repeat_interval: "4h",
      // Whoever waits for the sign of life wants it often.
      routes: [
        {
          matchers: ['alertname="Watchdog"'],
          receiver: to,
          group_wait: "0s",
          repeat_interval: "5m",
          group_interval: "5m",
        },
      ],
    },
    receivers: [{ name: to, ...receiverEntry(receiver) }],
    inhibit_rules: [
      // A node that is lost is one message, and not one for each program on it.
      {
        source_matchers: ['alertname="NodeNotReady"'],
        target_matchers: ['alertname=~"KubeletDown|EtcdMemberDown|TargetDown"'],
        equal: ["node"],
      },
      // Who is asked by name cannot be asked without names.
      { source_matchers: ['alertname="CoreDnsDown"'], target_matchers: ['alertname="ProbeFailed"'] },
      { source_matchers: ['alertname="BackupStale"'], target_matchers: ['alertname="BackupNotAway"'] },
      {
        source_matchers: ['alertname="BackendErrorBudgetFast"'],
        target_matchers: ['alertname="BackendErrorBudgetSlow"'],
      },
      {
        source_matchers: ['alertname="BackendLatencyBudgetFast"'],
        target_matchers: ['alertname="BackendLatencyBudgetSlow"'],
      },
    ],
  };
}

/** The name of each of them. */
const hostsOf = ({ replicas }: Pick<Settings, "replicas">): string[] =>
  Array.from({ length: replicas }, (_, index) => `${name}-${String(index)}.${name}.${monitoringNamespace}.svc`);

/** Where each of them is told of alerts: all are, and tell each other what they have sent. */
export const alertmanagerUrls = (settings: Pick<Settings, "replicas">): string[] =>
  hostsOf(settings).map((host) => `http://${host}:${String(port)}`);

/** Every manifest of Alertmanager; namespaces are added by who applies it. */
export function planAlertmanager({ image, racks, replicas, receiver }: AlertmanagerSpec) {
  const metadata = { name, labels };
  const far = receiverPod(receiver);
  const data = { "alertmanager.json": JSON.stringify(alertmanagerConfig({ receiver }), undefined, 1), ...far.files };
  // It reads its file once: another one is another ConfigMap, with which the pods are rolled.
  const configMap = hashedName(name, Object.values(data).join(""));
  const pod = {
    ...unprivileged(name, { user: nobody, token: false }),
    topologySpreadConstraints: spreadInPlace(labels, racks),
    containers: [
      {
        name,
        image,
        args: [
          `--config.file=${configFolder}/alertmanager.json`,
          "--storage.path=/alertmanager",
          `--web.listen-address=:${String(port)}`,
          `--cluster.listen-address=${replicas === 1 ? "" : `$(POD_IP):${String(clusterPort)}`}`,
          ...(replicas === 1
            ? []
            : hostsOf({ replicas }).map((peer) => `--cluster.peer=${peer}:${String(clusterPort)}`)),
        ],
        env: [{ name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }],
        ports: [
          { name: "web", containerPort: port },
          ...(replicas === 1
            ? []
            : ["TCP", "UDP"].map((protocol) => ({
                name: `cluster-${protocol.toLowerCase()}`,
                containerPort: clusterPort,
                protocol,
              }))),
        ],
        resources: { requests: amounts, limits: amounts },
        readinessProbe: httpProbe("/-/ready", "web", 5),
        livenessProbe: httpProbe("/-/healthy", "web", 15, 4),
        securityContext: lockedDown,
        volumeMounts: [
          { name: "config", mountPath: configFolder, readOnly: true },
          { name: "data", mountPath: "/alertmanager" },
          ...far.mounts,
        ],
      },
    ],
    volumes: [
      { name: "config", configMap: { name: configMap } },
      { name: "data", emptyDir: { sizeLimit: "64Mi" } },
      ...far.volumes,
    ],
  };
  return {
    serviceAccount: { metadata, automountServiceAccountToken: false },
    rights: { cluster: [], namespace: [] },
    configMap: { metadata: { name: configMap, labels }, immutable: true, data },
    service: {
      metadata: unwaited(metadata),
      spec: {
        clusterIP: "None", // each is told by each Prometheus, and they find each other
        publishNotReadyAddresses: true,
        selector: labels,
        ports: [{ name: "http-web", port, targetPort: "web" }],
      },
    },
    ...inPlace(name, labels, replicas, pod, {}),
  };
}
