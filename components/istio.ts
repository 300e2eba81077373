/** Istio's control plane: istiod, and what makes the API server ask it. */
import { MutatingWebhookConfiguration } from "@pulumi/kubernetes/admissionregistration/v1/mutatingWebhookConfiguration.js";
import { ValidatingWebhookConfiguration } from "@pulumi/kubernetes/admissionregistration/v1/validatingWebhookConfiguration.js";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2/horizontalPodAutoscaler.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { IngressClass } from "@pulumi/kubernetes/networking/v1/ingressClass.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import * as pulumi from "@pulumi/pulumi";
import { grant } from "./grants.ts";
import { istioNamespace } from "./istio-names.ts";
import { type IstioSpec, planIstio } from "./istio-plan.ts";
import { Namespace, type NamespaceArgs, placedIn } from "./namespace.ts";
import { customTimeouts } from "./timeouts.ts";

/** Arguments of {@link Istio}. */
export interface IstioArgs extends IstioSpec, Pick<NamespaceArgs, "owner" | "kubernetesMinor" | "policies"> {
  /** What must be there before its pods: the kinds that it reads, and names that resolve. */
  readonly after: readonly pulumi.Resource[];
}

/**
 * Istio's control plane: istiod, and then what makes the API server ask it. It is taken down the other way round, so that
 * whoever comes after {@link Istio.ready} is gone while there is still somebody to look after its objects.
 */
export class Istio extends pulumi.ComponentResource {
  /** What to come after: objects of Istio and of the Gateway API are validated and have an effect, and pods of the mesh get sidecars. */
  public readonly ready: readonly pulumi.Resource[];

  public constructor(name: string, args: IstioArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Istio", name, {}, opts);
    const { owner, kubernetesMinor, policies, after, ...spec } = args;
    const plan = planIstio(spec);
    const wide = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const home = new Namespace(name, { namespace: istioNamespace, owner, kubernetesMinor, policies }, wide);
    const { namespace } = home;
    const inside = { parent: this, deletedWith: home.resource };
    const placed = placedIn(namespace);

    const webhooksOf = (
      owner: string,
      { validators, injectors }: ReturnType<typeof planIstio>["webhooks"],
      options: pulumi.CustomResourceOptions,
    ) => [
      ...validators.map(
        ({ role, manifest }) => new ValidatingWebhookConfiguration(`${owner}-${role}`, manifest, options),
      ),
      ...injectors.map(({ role, manifest }) => new MutatingWebhookConfiguration(`${owner}-${role}`, manifest, options)),
    ];
    const serving = plan.revisions.flatMap(({ revision, ...manifests }) => {
      const own = `${name}-${revision}`;
      const granted = grant(own, { ...manifests, namespace }, { wide, inside });
      const files = [
        new ConfigMap(`${own}-mesh`, placed(manifests.configMap), inside),
        new ConfigMap(`${own}-injector-files`, placed(manifests.injectorConfigMap), inside),
      ];
      new PodDisruptionBudget(`${own}-disruption-budget`, placed(manifests.podDisruptionBudget), inside);
      const deployment = new Deployment(`${own}-deployment`, placed(manifests.deployment), {
        ...inside,
        customTimeouts,
        // They are named by plain strings, and istiod without them ends and is started again and again.
        dependsOn: [...files, ...granted, ...after],
      });
      if (manifests.horizontalPodAutoscaler !== undefined) {
        const scaled = { ...inside, dependsOn: [deployment] };
        new HorizontalPodAutoscaler(`${own}-autoscaler`, placed(manifests.horizontalPodAutoscaler), scaled);
      }
      const service = new Service(`${own}-service`, placed(manifests.service), {
        ...inside,
        customTimeouts,
        dependsOn: [deployment], // it is done once it has endpoints
      });
      const gate = { ...wide, customTimeouts, dependsOn: [service, deployment] };
      return [deployment, service, ...webhooksOf(own, manifests.webhooks, gate)];
    });
    const gate = { ...wide, customTimeouts, dependsOn: serving };
    this.ready = [
      ...serving,
      ...webhooksOf(name, plan.webhooks, gate),
      new CustomResource(
        `${name}-gateway-class`,
        { apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass", ...plan.gatewayClass },
        gate,
      ),
      ...(plan.ingressClass === undefined ? [] : [new IngressClass(`${name}-ingress-class`, plan.ingressClass, gate)]),
    ];
    this.registerOutputs({});
  }
}
