/** The bookstore: six instances of podinfo that call each other, each in one or more versions. */
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import * as pulumi from "@pulumi/pulumi";
import { bookstoreEntry, type BookstoreSpec, planBookstore } from "./bookstore-plan.ts";
import { placedIn } from "./namespace.ts";
import { ports } from "./podinfo-plan.ts";

/** Arguments of {@link Bookstore}. */
export interface BookstoreArgs extends BookstoreSpec {
  /** The namespace that holds it. */
  readonly namespace: pulumi.Input<string>;
}

/** How long `up` waits for the pods, the pull of their image included, before it fails and says what is missing. */
const customTimeouts = { create: "5m", update: "10m" };

/** The bookstore: six instances of podinfo that call each other, each in one or more versions. */
export class Bookstore extends pulumi.ComponentResource {
  /** Where pods reach the service that calls the others, in any cluster domain. */
  public readonly url: pulumi.Output<string>;

  public constructor(name: string, args: BookstoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Bookstore", name, {}, opts);
    const placed = placedIn(args.namespace);
    const child = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };

    for (const { name: service, versions, ...plan } of planBookstore(args)) {
      const own = `${name}-${service}`;
      const account = new ServiceAccount(`${own}-service-account`, placed(plan.serviceAccount), child);
      for (const { version, deployment, podDisruptionBudget } of versions) {
        new Deployment(`${own}-${version}-deployment`, placed(deployment), {
          ...child,
          customTimeouts,
          // It is named by a plain string, and the first pods are refused without it.
          dependsOn: [account],
        });
        new PodDisruptionBudget(`${own}-${version}-disruption-budget`, placed(podDisruptionBudget), child);
      }
      new Service(`${own}-service`, placed(plan.service), child);
    }

    this.url = pulumi.interpolate`http://${bookstoreEntry}.${args.namespace}.svc:${String(ports.service)}`;
    this.registerOutputs({ url: this.url });
  }
}
