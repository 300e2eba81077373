/** Every insight of one platform: which parts it has, and what each says of itself. No Pulumi here. */
import type { ClusterFacts } from "../cluster/facts.ts";
import { apiServerPort } from "../cluster/half.ts";
import type { BackupKind } from "../etcd-backup-schema.ts";
import { secondsBetween } from "../cron.ts";
import type { NotifyConfig } from "../logging/notify-schema.ts";
import { backups } from "./insights/backups.ts";
import { apiServers, controlPlane, kubelets } from "./insights/cluster.ts";
import { logs } from "./insights/logging.ts";
import { istiod, promises, proxies } from "./insights/mesh.ts";
import { monitoring } from "./insights/monitoring.ts";
import { certificates, dns } from "./insights/platform.ts";
import { objectBackups } from "./insights/object-backups.ts";
import { probed } from "./insights/probes.ts";
import { machines, objects } from "./insights/workloads.ts";
import { traces } from "./insights/tracing.ts";
import type { Insight } from "./insight.ts";
import type { Probe } from "./probes.ts";

/** What decides which parts there are. */
export interface Watched {
  readonly facts: Pick<ClusterFacts, "controlPlaneMetrics" | "apiServer" | "nodes">;
  readonly backup: BackupKind;
  /** Whether cert-manager is ours. */
  readonly certificates: boolean;
  /** The namespaces whose pods have sidecars; none where there is no mesh. */
  readonly sidecars: readonly string[] | undefined;
  readonly backend: { readonly namespace: string; readonly name: string };
  /** Which of the rules over lines and events are left out; `undefined` where none are kept. */
  readonly logging: Pick<NotifyConfig, "without"> | undefined;
  /** Whether requests are followed. */
  readonly tracing: boolean;
  /** Whether what is measured is brought somewhere else, too. */
  readonly remoteWrite: boolean;
  /** What is asked as users ask it. */
  readonly probes: readonly Probe[];
  /** How many days the certificate of the public names lives; `undefined` where there is none. */
  readonly certificateDays: number | undefined;
}

/** Every insight of one platform. */
export function insightsOf({
  facts,
  backup,
  certificates: own,
  sidecars,
  backend,
  logging,
  tracing,
  remoteWrite,
  ...asked
}: Watched): Insight[] {
  const ownServers = facts.apiServer === undefined && facts.nodes.some(({ role }) => role === "control-plane");
  return [
    apiServers(ownServers ? apiServerPort : undefined),
    kubelets,
    ...(facts.controlPlaneMetrics === true ? [controlPlane] : []),
    objects,
    machines,
    dns,
    ...(own ? [certificates] : []),
    ...(backup.kind === "etcd" ? [backups(secondsBetween(backup.schedule), backup.s3 !== undefined)] : []),
    ...(backup.kind === "objects" ? [objectBackups(secondsBetween(backup.schedule))] : []),
    ...(sidecars === undefined ? [] : [istiod, proxies(sidecars), promises(backend)]),
    ...(logging === undefined ? [] : [logs(logging)]),
    ...(tracing ? [traces] : []),
    probed(asked),
    monitoring(remoteWrite),
  ];
}
