/** cert-manager: it issues certificates from the issuers that there are, and renews them. */
import { MutatingWebhookConfiguration } from "@pulumi/kubernetes/admissionregistration/v1/mutatingWebhookConfiguration.js";
import { ValidatingWebhookConfiguration } from "@pulumi/kubernetes/admissionregistration/v1/validatingWebhookConfiguration.js";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import { ClusterRole } from "@pulumi/kubernetes/rbac/v1/clusterRole.js";
import * as pulumi from "@pulumi/pulumi";
import { type CertManagerSpec, planCertManager } from "./cert-manager-plan.ts";
import { grant } from "./grants.ts";
import { type Namespace, placedIn } from "./namespace.ts";
import { customTimeouts } from "./timeouts.ts";

/** Arguments of {@link CertManager}. */
export interface CertManagerArgs extends CertManagerSpec {
  /** The definitions of its kinds, of the same release as the images, as they are made. */
  readonly definitions: readonly pulumi.Resource[];
  /** The namespace that it runs in, its own: the one that its plan names. */
  readonly namespace: Namespace;
}

/**
 * cert-manager: it issues certificates from the issuers that there are, and renews them. Its kinds come first, then its
 * programs, then the webhook's configurations; it is taken down the other way round, so that whoever comes after
 * {@link CertManager.ready} is gone while there is still somebody to take its objects apart.
 */
export class CertManager extends pulumi.ComponentResource {
  /** What to come after: the webhook is served and trusted, and the controller runs. */
  public readonly ready: readonly pulumi.Resource[];

  public constructor(name: string, args: CertManagerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:CertManager", name, {}, opts);
    const { namespace } = args.namespace;
    const plan = planCertManager(args);
    const wide = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const inside = { parent: this, deletedWith: args.namespace.resource };
    const placed = placedIn(namespace);

    new ClusterRole(`${name}-viewer`, { ...plan.viewerRole, rules: [...plan.viewerRole.rules] }, wide);

    const deployments = plan.parts.map(({ part, ...manifests }) => {
      const own = `${name}-${part}`;
      const granted = grant(own, { ...manifests, namespace }, { wide, inside });
      const configuration = new ConfigMap(`${own}-configuration`, placed(manifests.configMap), inside);
      new PodDisruptionBudget(`${own}-disruption-budget`, placed(manifests.podDisruptionBudget), inside);
      return new Deployment(`${own}-deployment`, placed(manifests.deployment), {
        ...inside,
        customTimeouts,
        // They are named by plain strings, and a program without them ends and is started again and again.
        dependsOn: [configuration, ...granted, ...args.definitions],
      });
    });
    const service = new Service(`${name}-webhook-service`, placed(plan.webhookService), {
      ...inside,
      customTimeouts,
      dependsOn: deployments, // it is done once it has endpoints
    });
    const { webhooks } = plan;
    const gate = { ...wide, customTimeouts, dependsOn: [service, ...deployments] };
    this.ready =
      webhooks === undefined
        ? [service, ...deployments]
        : [
            new ValidatingWebhookConfiguration(`${name}-validating`, webhooks.validating, gate),
            new MutatingWebhookConfiguration(`${name}-mutating`, webhooks.mutating, gate),
          ];
    this.registerOutputs({});
  }
}
