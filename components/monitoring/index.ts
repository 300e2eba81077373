/** Monitoring: Prometheus, Alertmanager, and what turns objects and machines into figures. */
import { DaemonSet } from "@pulumi/kubernetes/apps/v1/daemonSet.js";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { StatefulSet } from "@pulumi/kubernetes/apps/v1/statefulSet.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import * as pulumi from "@pulumi/pulumi";
import { grant } from "../grants.ts";
import { Namespace, type NamespaceArgs, placedIn } from "../namespace.ts";
import { planAlertmanager } from "./alertmanager-plan.ts";
import { planKubeStateMetrics, planNodeExporter } from "./exporters-plan.ts";
import { grafanaSecret, planGrafana } from "./grafana-plan.ts";
import { monitoringNamespace, nodeExporterNamespace } from "./names.ts";
import { planPrometheus, type PrometheusSpec } from "./prometheus-plan.ts";
import type { PrometheusConfig } from "./schema.ts";

/** Arguments of {@link Monitoring}. */
export interface MonitoringArgs
  extends
    Omit<PrometheusConfig, "kind">,
    Pick<PrometheusSpec, "racks" | "external" | "insights" | "runbooks">,
    Pick<NamespaceArgs, "owner" | "kubernetesMinor" | "policies"> {
  readonly images: Readonly<
    Record<"prometheus" | "alertmanager" | "kubeStateMetrics" | "nodeExporter" | "grafana", string>
  >;
  /** What Grafana's administrator comes in with, used where there is one. A secret. */
  readonly grafanaPassword: pulumi.Input<string>;
  /** Folders of the nodes with figures that other programs leave there. */
  readonly textfiles: readonly string[];
}

/** How long `up` waits for each step, the pull of an image included, before it fails and says what is missing. */
const customTimeouts = { create: "5m", update: "5m", delete: "5m" };

/** Monitoring: Prometheus, Alertmanager, and what turns objects and machines into figures. */
export class Monitoring extends pulumi.ComponentResource {
  public constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Monitoring", name, {}, opts);
    const {
      images,
      owner,
      kubernetesMinor,
      policies,
      racks,
      textfiles,
      alertmanager,
      grafana,
      grafanaPassword,
      ...spec
    } = args;
    const wide = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const shared = { owner, kubernetesMinor, policies };
    const home = new Namespace(name, { namespace: monitoringNamespace, ...shared }, wide);
    const { namespace } = home;
    const inside = { parent: this, deletedWith: home.resource };
    const placed = placedIn(namespace);

    for (const [role, plan] of [
      ["alertmanager", planAlertmanager({ ...alertmanager, image: images.alertmanager, racks })],
      ["prometheus", planPrometheus({ ...spec, image: images.prometheus, racks })],
    ] as const) {
      const own = `${name}-${role}`;
      const granted = grant(own, { ...plan, namespace }, { wide, inside });
      const file = new ConfigMap(`${own}-files`, placed(plan.configMap), inside);
      const service = new Service(`${own}-service`, placed(plan.service), inside);
      new PodDisruptionBudget(`${own}-disruption-budget`, placed(plan.podDisruptionBudget), inside);
      new StatefulSet(`${own}-stateful-set`, placed(plan.statefulSet), {
        ...inside,
        customTimeouts,
        dependsOn: [...granted, file, service], // named by plain strings
      });
    }

    const state = planKubeStateMetrics({ image: images.kubeStateMetrics });
    const counting = grant(`${name}-kube-state-metrics`, { ...state, namespace }, { wide, inside });
    new Deployment(`${name}-kube-state-metrics-deployment`, placed(state.deployment), {
      ...inside,
      customTimeouts,
      dependsOn: counting,
    });

    if (grafana.kind === "grafana") {
      const { insights } = spec;
      const drawn = planGrafana({ image: images.grafana, resources: grafana.resources, insights });
      const own = `${name}-grafana`;
      const files = (["provisioning", "dashboards"] as const).map(
        (role) => new ConfigMap(`${own}-${role}`, placed(drawn[role]), inside),
      );
      const stringData = { [grafanaSecret.key]: pulumi.secret(grafanaPassword) };
      const password = new Secret(
        `${own}-secret`,
        placed({ metadata: { name: grafanaSecret.name }, stringData }),
        inside,
      );
      const known = grant(own, { ...drawn, namespace }, { wide, inside });
      const deployment = new Deployment(`${own}-deployment`, placed(drawn.deployment), {
        ...inside,
        customTimeouts,
        dependsOn: [...known, ...files, password], // named by plain strings
      });
      new Service(`${own}-service`, placed(drawn.service), { ...inside, dependsOn: [deployment] });
    }

    const machines = planNodeExporter({ image: images.nodeExporter, textfiles });
    const below = new Namespace(
      `${name}-node-exporter`,
      // Pods with folders of their node are what the level "privileged" is for; these drop every capability.
      { namespace: nodeExporterNamespace, ...shared, podSecurity: "privileged" },
      wide,
    );
    const there = { parent: this, deletedWith: below.resource };
    const known = grant(`${name}-node-exporter`, { ...machines, namespace: below.namespace }, { wide, inside: there });
    new DaemonSet(`${name}-node-exporter-daemon-set`, placedIn(below.namespace)(machines.daemonSet), {
      ...there,
      customTimeouts,
      dependsOn: known,
    });
    this.registerOutputs({});
  }
}
