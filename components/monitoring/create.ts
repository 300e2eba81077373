/** Monitoring as a stack's configuration wants it. */
import type * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig } from "../../config.ts";
import { versions } from "../../versions.ts";
import type { ClusterFacts } from "../cluster/facts.ts";
import { racksOf } from "../cluster/facts.ts";
import { logOwners } from "../logging/half.ts";
import { platformInsights } from "../platform-insights.ts";
import { Monitoring, type MonitoringArgs } from "./index.ts";

/** What monitoring is made from. */
export interface MonitoringParts extends Pick<MonitoringArgs, "owner" | "kubernetesMinor" | "policies"> {
  readonly config: PlatformConfig;
  readonly facts: ClusterFacts;
}

/** Makes what watches every part of the platform; nothing where none is wanted. */
export function createMonitoring(
  { config, facts, ...owned }: MonitoringParts,
  options: pulumi.ComponentResourceOptions,
): void {
  const { monitoring, logging, tracing, tenants, environment, backup } = config;
  const { grafanaPassword, remoteWriteSecret, alertReceiverSecret } = config;
  if (monitoring.kind === "none") return;
  const { images, runbooks } = versions;
  new Monitoring(
    "monitoring",
    {
      ...owned,
      ...monitoring,
      images,
      runbooks,
      grafanaPassword,
      remoteWriteSecret,
      alertReceiverSecret,
      racks: racksOf(facts).length > 1,
      external: { environment },
      insights: platformInsights({ ...config, facts }),
      seen: {
        ...(logging.kind === "none" ? {} : { logs: logOwners(tenants).map(({ name }) => name) }),
        traces: tracing.kind !== "none",
      },
      textfiles: backup.kind === "etcd" ? [backup.local.directory] : [],
    },
    options,
  );
}
