/** What the collector of events watches, what it makes of it, and whose it is, as data. No Pulumi here. */
import { collectorConfig, othersOf } from "./collector-files.ts";
import { type LogOwner, platformOwner } from "./names.ts";

/** What the collector of events does: it watches those of each owner's namespaces; a cluster's own are the platform's. */
export function eventCollectorConfig(owners: readonly LogOwner[], limitMiB: number) {
  const drop = othersOf(owners).map((namespace) => `attributes["k8s.namespace.name"] == "${namespace}"`);
  const beside = (key: string, from: string) => ({ key, from_attribute: from, action: "insert" });
  return collectorConfig(owners, limitMiB, {
    extensions: {}, // it reads no files
    receiver: [
      "k8s_events",
      ({ name, namespaces }) => ({
        auth_type: "serviceAccount",
        ...(name === platformOwner ? {} : { namespaces: [...namespaces] }),
      }),
    ],
    processors: {
      ...(drop.length === 0 ? {} : { "filter/platform": { error_mode: "ignore", logs: { log_record: drop } } }),
      attributes: { actions: [beside("namespace", "k8s.namespace.name")] },
      groupbyattrs: { keys: ["namespace"] },
      resource: {
        attributes: [
          { key: "source", value: "events", action: "insert" },
          beside("node", "k8s.node.name"),
          beside("kind", "k8s.object.kind"),
          beside("name", "k8s.object.name"),
        ],
      },
    },
    steps: ({ name }) => [
      ...(name === platformOwner && drop.length > 0 ? ["filter/platform"] : []),
      "attributes",
      "groupbyattrs",
      "resource",
    ],
  });
}
