/** Monitoring: Prometheus, Alertmanager, and what turns objects and machines into figures. */
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import * as pulumi from "@pulumi/pulumi";
import { grant } from "../grants.ts";
import { Namespace, type NamespaceArgs, placedIn } from "../namespace.ts";
import { makeProgram } from "../program.ts";
import { customTimeouts } from "../timeouts.ts";
import { planAlertmanager } from "./alertmanager-plan.ts";
import { planKubeStateMetrics, planNodeExporter } from "./exporters-plan.ts";
import { grafanaSecret, planGrafana } from "./grafana-plan.ts";
import type { Seen } from "./grafana-sources.ts";
import { monitoringNamespace, nodeExporterNamespace } from "./names.ts";
import { planPrometheus, type PrometheusSpec } from "./prometheus-plan.ts";
import { receiverSecret } from "./receiver-plan.ts";
import { logsIn } from "./receiver-schema.ts";
import { remoteWriteSecret } from "./remote-write-plan.ts";
import { writeLogsIn } from "./remote-write-schema.ts";
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
  /** What Prometheus logs in with where it brings what it measures, used where it does. A secret. */
  readonly remoteWriteSecret: pulumi.Input<string>;
  /** What Alertmanager logs in with at whoever is told of alerts, used where it does. A secret. */
  readonly alertReceiverSecret: pulumi.Input<string>;
  /** What Grafana has to look at beside figures. */
  readonly seen: Seen;
  /** Folders of the nodes with figures that other programs leave there. */
  readonly textfiles: readonly string[];
}

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
      remoteWriteSecret: login,
      alertReceiverSecret,
      seen,
      ...spec
    } = args;
    const wide = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const shared = { owner, kubernetesMinor, policies };
    const home = new Namespace(name, { namespace: monitoringNamespace, ...shared }, wide);
    const { namespace } = home;
    const inside = { parent: this, deletedWith: home.resource };
    const placed = placedIn(namespace);

    const farSecret = (
      what: string,
      { name: own, key }: { readonly name: string; readonly key: string },
      value: pulumi.Input<string>,
    ) =>
      new Secret(
        `${name}-${what}-secret`,
        placed({ metadata: { name: own }, stringData: { [key]: pulumi.secret(value) } }),
        inside,
      );

    const alerts = planAlertmanager({ ...alertmanager, image: images.alertmanager, racks });
    const told = logsIn(alertmanager.receiver)
      ? [farSecret("alert-receiver", receiverSecret, alertReceiverSecret)]
      : [];
    makeProgram(`${name}-alertmanager`, alerts, { wide, home, after: told });
    const logins = writeLogsIn(spec.remoteWrite) ? [farSecret("remote-write", remoteWriteSecret, login)] : [];
    const measuring = planPrometheus({ ...spec, image: images.prometheus, racks });
    makeProgram(`${name}-prometheus`, measuring, { wide, home, after: logins });
    const state = planKubeStateMetrics({ image: images.kubeStateMetrics });
    makeProgram(`${name}-kube-state-metrics`, state, { wide, home });

    if (grafana.kind === "grafana") {
      const { insights } = spec;
      const drawn = planGrafana({ image: images.grafana, resources: grafana.resources, insights, seen });
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
    makeProgram(`${name}-node-exporter`, machines, { wide, home: below });
    this.registerOutputs({});
  }
}
