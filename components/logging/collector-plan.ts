/** The collectors of lines and of events, as plain manifests: no Pulumi here. */
import { parseQuantity } from "../../quantity.ts";
import { asUser, httpProbe, lockedDown, nobody, softLimit, unprivileged } from "../pod-plan.ts";
import type { Rights } from "../rights.ts";
import { alone, hashedName, onEachNode } from "../workload-plan.ts";
import { eventCollectorConfig } from "./event-collector.ts";
import { lineCollectorConfig, memory, podLogs } from "./line-collector.ts";
import { loggingLabels, loggingPorts, type LogOwner } from "./names.ts";
import type { LokiConfig } from "./schema.ts";

/** What decides the shape of the collectors. */
export interface CollectorSpec {
  readonly image: string;
  readonly owners: readonly LogOwner[];
  readonly collector: LokiConfig["collector"];
}

/** Every manifest of the collectors of the nodes; namespaces are added by who applies it. */
export function planNodeCollector(spec: CollectorSpec) {
  const [name, labels] = ["log-collector", loggingLabels.nodes];
  const rights = { cluster: [reading("pods")], namespace: [] };
  const { pod, ...common } = collectorOf(name, labels, rights, lineCollectorConfig, spec);
  const folder = (volume: string, mountPath: string, readOnly: boolean) => ({ name: volume, mountPath, readOnly });
  const own = pod(
    {
      tolerations: [{ operator: "Exists" }], // whatever runs on a node says something
      // The lines belong to root and its group; as one of that group it needs no capability and is not root.
      securityContext: { ...asUser(nobody), runAsGroup: 0 },
    },
    [folder("lines", podLogs, true), folder("memory", memory, false)],
    [
      { name: "lines", hostPath: { path: podLogs, type: "Directory" } },
      { name: "memory", emptyDir: { sizeLimit: "64Mi" } },
    ],
  );
  return { ...common, daemonSet: onEachNode(name, labels, own) };
}

/** Every manifest of the collector of events; namespaces are added by who applies it. */
export function planEventCollector(spec: CollectorSpec) {
  const [name, labels] = ["event-collector", loggingLabels.events];
  const rights = { cluster: [reading("events")], namespace: [] };
  const { pod, ...common } = collectorOf(name, labels, rights, eventCollectorConfig, spec);
  // Two would keep everything twice; where it is missing, another is made.
  return { ...common, deployment: alone(name, labels, pod({}, [], [])) };
}

const reading = (resource: string) => ({
  apiGroups: [""],
  resources: [resource],
  verbs: ["get", "list", "watch"],
});

/** Where a container sees a volume. */
type Mount = Readonly<{ name: string; mountPath: string; readOnly: boolean }>;

const mebi = 1024n * 1024n * 1_000_000_000n;

function collectorOf(
  name: string,
  labels: Readonly<Record<string, string>>,
  rights: Rights,
  configOf: (owners: readonly LogOwner[], limitMiB: number) => object,
  { image, owners, collector }: CollectorSpec,
) {
  const metadata = { name, labels };
  const limit = Number((parseQuantity(collector.memory) ?? 0n) / mebi);
  const file = JSON.stringify(configOf(owners, limit), undefined, 1);
  // It reads its file once: another one is another ConfigMap, with which the pods are rolled.
  const configName = hashedName(name, file);
  const folder = "/etc/otelcol";
  return {
    serviceAccount: { metadata, automountServiceAccountToken: false },
    rights,
    configMap: { metadata: { name: configName, labels }, data: { "collector.json": file } },
    pod: <More extends object, Volume>(more: More, volumeMounts: readonly Mount[], volumes: readonly Volume[]) => ({
      ...unprivileged(name, { user: nobody, token: true }),
      ...more,
      containers: [
        {
          name,
          image,
          args: [`--config=${folder}/collector.json`],
          env: [
            { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
            { name: "GOMEMLIMIT", value: String(softLimit(collector.memory)) },
          ],
          ports: [
            { name: "metrics", containerPort: loggingPorts.figures },
            { name: "health", containerPort: loggingPorts.health },
          ],
          resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: collector },
          readinessProbe: httpProbe("/", "health", 5),
          livenessProbe: httpProbe("/", "health", 15),
          securityContext: lockedDown,
          volumeMounts: [{ name: "config", mountPath: folder, readOnly: true }, ...volumeMounts],
        },
      ],
      volumes: [{ name: "config", configMap: { name: configName } }, ...volumes],
    }),
  };
}
