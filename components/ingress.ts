/** The ingress: the gateway's pods, and the routes through them to the backend. */
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import * as pulumi from "@pulumi/pulumi";
import type { MeshPolicy } from "./authorization-plan.ts";
import { Authorization } from "./authorization.ts";
import type { Issuing } from "./certificates.ts";
import { type GatewaySpec, gatewayNamespace, planGateway } from "./gateway-plan.ts";
import { grant } from "./grants.ts";
import {
  certificateName,
  type Front,
  type IngressSpec,
  namesOf,
  planIngress,
  planRoute,
  publicUrl,
} from "./ingress-plan.ts";
import { Namespace, type NamespaceArgs, placedIn } from "./namespace.ts";
import { ServerCertificate } from "./server-certificate.ts";

/** Arguments of {@link Ingress}. */
export interface IngressArgs
  extends
    Omit<GatewaySpec, "exposure">,
    Omit<IngressSpec, "ports" | "backend" | "trustedProxies">,
    Pick<NamespaceArgs, "owner" | "kubernetesMinor" | "policies"> {
  /** How the outside reaches the gateway. */
  readonly front: Front;
  /** What is behind it. */
  readonly backend: IngressSpec["backend"];
  /** Who signs the certificate of the public names. */
  readonly issuing: Issuing;
  /** Whom the gateway lets in. */
  readonly authorization: readonly MeshPolicy[];
  /** What must be there before: a control plane that is ready, and the namespaces of what is behind it. */
  readonly after: readonly pulumi.Resource[];
}

/** How long `up` waits for each step, the pull of an image included, before it fails and says what is missing. */
const customTimeouts = { create: "5m", update: "10m", delete: "5m" };

/** The ingress: the gateway's pods, and the routes through them to the backend. */
export class Ingress extends pulumi.ComponentResource {
  /** The address under which clients find the backend. */
  public readonly url: string;
  /** The public names. */
  public readonly names: readonly string[];
  /** The addresses that the public names are to point at: of nodes, or what the cloud has named its load balancer. */
  public readonly addresses: pulumi.Output<readonly string[]>;

  public constructor(name: string, args: IngressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Ingress", name, {}, opts);
    const { owner, kubernetesMinor, policies, front, after } = args;
    const pods = planGateway({ ...args, exposure: front.exposure });
    const routes = planIngress({ ...args, ports: front.ports });
    const wide = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const home = new Namespace(name, { namespace: gatewayNamespace, owner, kubernetesMinor, policies }, wide);
    const { namespace } = home;
    const inside = { parent: this, deletedWith: home.resource };
    const placed = placedIn(namespace);

    const granted = grant(name, { ...pods, namespace }, { wide, inside });
    new PodDisruptionBudget(`${name}-disruption-budget`, placed(pods.podDisruptionBudget), inside);

    const object = (what: string, apiVersion: string, kind: string, manifest: object, dependsOn: pulumi.Resource[]) =>
      new CustomResource(`${name}-${what}`, { apiVersion, kind, ...manifest }, { ...wide, customTimeouts, dependsOn });
    const limits = object("limits", "networking.istio.io/v1alpha3", "EnvoyFilter", routes.limits, [home, ...after]);
    const { ready: guarded } = new Authorization(
      `${name}-authorization`,
      { policies: args.authorization, after: [home, ...after] },
      wide,
    );
    const deployment = new Deployment(`${name}-deployment`, placed(pods.deployment), {
      ...inside,
      customTimeouts,
      // They are named by plain strings; no pod is to serve a request without the limits, or whom it is not to let in.
      dependsOn: [...granted, limits, ...guarded, ...after],
    });
    const service = new Service(`${name}-service`, placed(pods.service), {
      ...inside,
      customTimeouts,
      dependsOn: [deployment],
    });
    const api = "gateway.networking.k8s.io/v1";
    const gateway = object("gateway", api, "Gateway", routes.gateway, [service, limits]);
    object("redirect", api, "HTTPRoute", routes.redirect, [gateway]);
    const certificate = new ServerCertificate(
      `${name}-certificate`,
      {
        certificate: certificateName,
        namespace,
        dnsNames: namesOf(args),
        // An ACME server asks through the gateway, so the certificate comes after it.
        issuing: { ...args.issuing, ready: [...args.issuing.ready, gateway] },
      },
      wide,
    );
    object("route", api, "HTTPRoute", routes.route, [gateway, certificate.resource]);
    for (const other of args.others ?? []) {
      const what = `${other.namespace}-${other.service}-route`;
      object(what, api, "HTTPRoute", planRoute(other, args), [gateway, certificate.resource]);
    }

    this.url = publicUrl(args, front);
    this.names = namesOf(args);
    this.addresses =
      front.exposure.kind === "cloud"
        ? service.status.loadBalancer.ingress.apply((all) =>
            all.map(({ hostname, ip }) => (hostname as string | undefined) ?? ip),
          )
        : pulumi.output(front.addresses);
    this.registerOutputs({ url: this.url, names: this.names, addresses: this.addresses });
  }
}
