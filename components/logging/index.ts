/** Logging: Loki, and who brings it what containers say and what happens to objects. */
import { DaemonSet } from "@pulumi/kubernetes/apps/v1/daemonSet.js";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { StatefulSet } from "@pulumi/kubernetes/apps/v1/statefulSet.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig } from "../../config.ts";
import { versions } from "../../versions.ts";
import { type ClusterFacts, racksOf } from "../cluster/facts.ts";
import { grant } from "../grants.ts";
import { Namespace, type NamespaceArgs, placedIn } from "../namespace.ts";
import { type CollectorSpec, planEventCollector, planNodeCollector } from "./collector-plan.ts";
import { logOwners } from "./half.ts";
import { type LokiSpec, planLoki } from "./loki-plan.ts";
import { collectorNamespace, loggingNamespace } from "./names.ts";

/** Arguments of {@link Logging}. */
export interface LoggingArgs extends Pick<NamespaceArgs, "owner" | "kubernetesMinor" | "policies"> {
  readonly loki: LokiSpec;
  readonly collectors: CollectorSpec;
}

/** How long `up` waits for each step, the pull of an image included, before it fails and says what is missing. */
const customTimeouts = { create: "5m", update: "5m", delete: "5m" };

/** Logging: Loki, and who brings it what containers say and what happens to objects. */
export class Logging extends pulumi.ComponentResource {
  public constructor(name: string, args: LoggingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Logging", name, {}, opts);
    const { loki, collectors, ...owned } = args;
    const wide = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const home = new Namespace(name, { namespace: loggingNamespace, ...owned }, wide);
    const inside = { parent: this, deletedWith: home.resource };
    const placed = placedIn(home.namespace);

    const kept = planLoki(loki);
    const own = `${name}-loki`;
    const known = grant(own, { ...kept, namespace: home.namespace }, { wide, inside });
    const file = new ConfigMap(`${own}-files`, placed(kept.configMap), inside);
    const service = new Service(`${own}-service`, placed(kept.service), inside);
    new PodDisruptionBudget(`${own}-disruption-budget`, placed(kept.podDisruptionBudget), inside);
    new StatefulSet(`${own}-stateful-set`, placed(kept.statefulSet), {
      ...inside,
      customTimeouts,
      dependsOn: [...known, file, service], // named by plain strings
    });

    const events = planEventCollector(collectors);
    const watching = grant(`${name}-events`, { ...events, namespace: home.namespace }, { wide, inside });
    const eventFile = new ConfigMap(`${name}-events-files`, placed(events.configMap), inside);
    new Deployment(`${name}-events-deployment`, placed(events.deployment), {
      ...inside,
      customTimeouts,
      dependsOn: [...watching, eventFile],
    });

    const nodes = planNodeCollector(collectors);
    const below = new Namespace(
      `${name}-collector`,
      // Pods with folders of their node are what the level "privileged" is for; these drop every capability.
      { namespace: collectorNamespace, ...owned, podSecurity: "privileged" },
      wide,
    );
    const there = { parent: this, deletedWith: below.resource };
    const placedThere = placedIn(below.namespace);
    const reading = grant(`${name}-collector`, { ...nodes, namespace: below.namespace }, { wide, inside: there });
    const nodeFile = new ConfigMap(`${name}-collector-files`, placedThere(nodes.configMap), there);
    new DaemonSet(`${name}-collector-daemon-set`, placedThere(nodes.daemonSet), {
      ...there,
      customTimeouts,
      dependsOn: [...reading, nodeFile],
    });
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
  const { logging, tenants } = config;
  if (logging.kind === "none") return;
  const { collector, ...kept } = logging;
  const { images } = versions;
  new Logging(
    "logging",
    {
      ...owned,
      loki: { ...kept, image: images.loki, racks: racksOf(facts).length > 1 },
      collectors: { image: images.otelCollector, owners: logOwners(tenants), collector },
    },
    options,
  );
}
