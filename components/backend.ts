/** The sample backend: podinfo behind a Service, autoscaled. */
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2/horizontalPodAutoscaler.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import * as pulumi from "@pulumi/pulumi";
import { type BackendSpec, planBackend } from "./backend-plan.ts";
import { placedIn } from "./namespace.ts";
import { ports } from "./podinfo-plan.ts";

/** Arguments of {@link Backend}. */
export interface BackendArgs extends BackendSpec {
  /** The namespace that holds it. */
  readonly namespace: pulumi.Input<string>;
}

/** How long `up` waits for the pods, the pull of their image included, before it fails and says what is missing. */
const customTimeouts = { create: "5m", update: "10m" };

/** The sample backend: podinfo behind a Service, autoscaled. */
export class Backend extends pulumi.ComponentResource {
  /** The name of the Service. */
  public readonly service: pulumi.Output<string>;
  /** The Service's address, which also this machine reaches on a cluster of its own. */
  public readonly clusterIp: pulumi.Output<string>;
  /** Where pods reach it, in any cluster domain. */
  public readonly url: pulumi.Output<string>;

  public constructor(name: string, args: BackendArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Backend", name, {}, opts);
    const plan = planBackend(args);
    const placed = placedIn(args.namespace);
    const child = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };

    const account = new ServiceAccount(`${name}-service-account`, placed(plan.serviceAccount), child);
    new Deployment(`${name}-deployment`, placed(plan.deployment), {
      ...child,
      customTimeouts,
      // It is named by a plain string, and the first pods are refused without it.
      dependsOn: [account],
    });
    new HorizontalPodAutoscaler(`${name}-autoscaler`, placed(plan.horizontalPodAutoscaler), child);
    new PodDisruptionBudget(`${name}-disruption-budget`, placed(plan.podDisruptionBudget), {
      ...child,
      customTimeouts,
    });
    const service = new Service(`${name}-service`, placed(plan.service), child);

    this.service = service.metadata.name;
    this.clusterIp = service.spec.clusterIP;
    this.url = pulumi.interpolate`http://${service.metadata.name}.${service.metadata.namespace}.svc:${String(ports.service)}`;
    this.registerOutputs({ service: this.service, clusterIp: this.clusterIp, url: this.url });
  }
}
