/** What the collector of a node reads, what it makes of it, and whose it is, as data. No Pulumi here. */
import { collectorConfig, othersOf } from "./collector-files.ts";
import { operators } from "./line-operators.ts";
import { collectorNamespace, type LogOwner, platformOwner } from "./names.ts";

/** Where each node keeps what its containers say, by the kubelet. */
export const podLogs = "/var/log/pods";

/** Where a collector remembers how far it has read. */
export const memory = "/var/lib/otelcol";

/** The lines of one namespace's containers. */
const linesOf = (namespace: string) => `${podLogs}/${namespace}_*/*/*.log`;

/** What a collector of a node does: it reads what the containers there say, each owner's by itself. */
export function lineCollectorConfig(owners: readonly LogOwner[], limitMiB: number) {
  const label = (key: string) => ({ tag_name: "app", key, from: "pod" });
  return collectorConfig(owners, limitMiB, {
    extensions: { file_storage: { directory: memory } },
    receiver: [
      "file_log",
      ({ name, namespaces }) => ({
        ...(name === platformOwner
          ? {
              include: [`${podLogs}/*/*/*.log`],
              // What a collector says of itself would make it say more.
              exclude: [...othersOf(owners), collectorNamespace].map(linesOf),
            }
          : { include: namespaces.map(linesOf) }),
        include_file_path: true,
        include_file_name: false,
        start_at: "beginning",
        poll_interval: "1s",
        storage: "file_storage",
        retry_on_failure: { enabled: true },
        resource: { source: "pods", node: "${env:NODE_NAME}" },
        operators,
      }),
    ],
    processors: {
      k8s_attributes: {
        auth_type: "serviceAccount",
        filter: { node_from_env_var: "NODE_NAME" },
        pod_association: [{ sources: [{ from: "resource_attribute", name: "k8s.pod.uid" }] }],
        extract: { metadata: ["k8s.node.name"], labels: [label("app.kubernetes.io/name"), label("k8s-app")] },
      },
    },
    steps: () => ["k8s_attributes"],
  });
}
