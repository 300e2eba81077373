/** Logging: Loki, and who brings it what containers say and what happens to objects. */
import * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig } from "../../config.ts";
import { versions } from "../../versions.ts";
import { type ClusterFacts, racksOf } from "../cluster/facts.ts";
import { alertmanagerUrls } from "../monitoring/alertmanager-plan.ts";
import { Namespace, type NamespaceArgs } from "../namespace.ts";
import { makeProgram } from "../program.ts";
import { type CollectorSpec, planEventCollector, planNodeCollector } from "./collector-plan.ts";
import { logOwners } from "./half.ts";
import { type LokiSpec, planLoki } from "./loki-plan.ts";
import { collectorNamespace, loggingNamespace } from "./names.ts";

/** Arguments of {@link Logging}. */
export interface LoggingArgs extends Pick<NamespaceArgs, "owner" | "kubernetesMinor" | "policies"> {
  readonly loki: LokiSpec;
  readonly collectors: CollectorSpec;
}

/** Logging: Loki, and who brings it what containers say and what happens to objects. */
export class Logging extends pulumi.ComponentResource {
  public constructor(name: string, args: LoggingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Logging", name, {}, opts);
    const { loki, collectors, ...owned } = args;
    const wide = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const home = new Namespace(name, { namespace: loggingNamespace, ...owned }, wide);
    makeProgram(`${name}-loki`, planLoki(loki), { wide, home });
    makeProgram(`${name}-events`, planEventCollector(collectors), { wide, home });

    const below = new Namespace(
      `${name}-collector`,
      // Pods with folders of their node are what the level "privileged" is for; these drop every capability.
      { namespace: collectorNamespace, ...owned, podSecurity: "privileged" },
      wide,
    );
    makeProgram(`${name}-collector`, planNodeCollector(collectors), { wide, home: below });
    this.registerOutputs({});
  }
}

/** What logging is made from. */
export interface LoggingParts extends Pick<LoggingArgs, "owner" | "kubernetesMinor" | "policies"> {
  readonly config: PlatformConfig;
  readonly facts: ClusterFacts;
}

/** Makes what keeps lines and events; nothing where none is wanted. */
export function createLogging(
  { config, facts, ...owned }: LoggingParts,
  options: pulumi.ComponentResourceOptions,
): void {
  const { logging, monitoring, tenants, environment } = config;
  if (logging.kind === "none") return;
  const { collector, notify, ...kept } = logging;
  const { images, runbooks } = versions;
  const owners = logOwners(tenants);
  const ruler =
    monitoring.kind === "none"
      ? undefined
      : {
          notify,
          owners,
          runbooks,
          external: { environment },
          alertmanagers: alertmanagerUrls(monitoring.alertmanager),
        };
  new Logging(
    "logging",
    {
      ...owned,
      loki: { ...kept, image: images.loki, racks: racksOf(facts).length > 1, ruler },
      collectors: { image: images.otelCollector, owners, collector },
    },
    options,
  );
}
