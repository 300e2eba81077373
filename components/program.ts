/** One program in the cluster, out of its plan. */
import { DaemonSet, type DaemonSetArgs } from "@pulumi/kubernetes/apps/v1/daemonSet.js";
import { Deployment, type DeploymentArgs } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { StatefulSet, type StatefulSetArgs } from "@pulumi/kubernetes/apps/v1/statefulSet.js";
import { ConfigMap, type ConfigMapArgs } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Service, type ServiceArgs } from "@pulumi/kubernetes/core/v1/service.js";
import { PodDisruptionBudget, type PodDisruptionBudgetArgs } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import type * as pulumi from "@pulumi/pulumi";
import { type Grant, grant } from "./grants.ts";
import { type Namespace, placedIn } from "./namespace.ts";
import { customTimeouts } from "./timeouts.ts";

type Manifest<Args> = Args & { readonly metadata: object };

/** What a program is: who it is, what it may do, its file, how it is called, and what makes its pods. */
export interface ProgramPlan extends Pick<Grant, "serviceAccount" | "rights"> {
  readonly configMap?: Manifest<ConfigMapArgs>;
  readonly service?: Manifest<ServiceArgs>;
  readonly podDisruptionBudget?: Manifest<PodDisruptionBudgetArgs>;
  readonly deployment?: Manifest<DeploymentArgs>;
  readonly statefulSet?: Manifest<StatefulSetArgs>;
  readonly daemonSet?: Manifest<DaemonSetArgs>;
}

/** Where a program is made. */
export interface ProgramPlace {
  /** Options of what lives in no namespace. */
  readonly wide: pulumi.CustomResourceOptions;
  /** Where it runs, and with which it goes. */
  readonly home: Namespace;
  /** What its pods come after, beside what they name of their own. @default nothing */
  readonly after?: readonly pulumi.Resource[];
}

/** Makes everything of a plan. Pods name their account, their file and their StatefulSet's Service by plain strings, and come after them. */
export function makeProgram(name: string, plan: ProgramPlan, { wide, home, after = [] }: ProgramPlace): void {
  const { parent } = wide;
  const inside = { ...(parent === undefined ? {} : { parent }), deletedWith: home.resource };
  const placed = placedIn(home.namespace);
  const { configMap, service, podDisruptionBudget, deployment, statefulSet, daemonSet } = plan;
  const granted = grant(name, { ...plan, namespace: home.namespace }, { wide, inside });
  const files = configMap === undefined ? [] : [new ConfigMap(`${name}-files`, placed(configMap), inside)];
  const services = service === undefined ? [] : [new Service(`${name}-service`, placed(service), inside)];
  if (podDisruptionBudget !== undefined)
    new PodDisruptionBudget(`${name}-disruption-budget`, placed(podDisruptionBudget), inside);
  const pods = { ...inside, customTimeouts, dependsOn: [...granted, ...files, ...after] };
  if (deployment !== undefined) new Deployment(`${name}-deployment`, placed(deployment), pods);
  if (daemonSet !== undefined) new DaemonSet(`${name}-daemon-set`, placed(daemonSet), pods);
  if (statefulSet !== undefined) {
    const named = { ...pods, dependsOn: [...pods.dependsOn, ...services] };
    new StatefulSet(`${name}-stateful-set`, placed(statefulSet), named);
  }
}
