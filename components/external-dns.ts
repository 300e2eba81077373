/** external-dns: it keeps the public names in a zone of the cloud. */
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import * as pulumi from "@pulumi/pulumi";
import { externalDnsNamespace, type ExternalDnsSpec, planExternalDns } from "./external-dns-plan.ts";
import { grant } from "./grants.ts";
import { Namespace, type NamespaceArgs, placedIn } from "./namespace.ts";

/** Arguments of {@link ExternalDns}. */
export interface ExternalDnsArgs
  extends ExternalDnsSpec, Pick<NamespaceArgs, "owner" | "kubernetesMinor" | "policies"> {}

/** How long `up` waits for it, the pull of its image included, before it fails and says what is missing. */
const customTimeouts = { create: "5m", update: "5m" };

/** external-dns: it keeps the public names of the gateway in a zone of the cloud. */
export class ExternalDns extends pulumi.ComponentResource {
  /** What a Service that asks for names is to come after, so that they are taken out of the zone when it goes. */
  public readonly ready: pulumi.Resource;

  public constructor(name: string, args: ExternalDnsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:ExternalDns", name, {}, opts);
    const { owner, kubernetesMinor, policies } = args;
    const { serviceAccount, rights, deployment } = planExternalDns(args);
    const wide = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const home = new Namespace(name, { namespace: externalDnsNamespace, owner, kubernetesMinor, policies }, wide);
    const { namespace } = home;
    const inside = { parent: this, deletedWith: home.resource };
    this.ready = new Deployment(`${name}-deployment`, placedIn(namespace)(deployment), {
      ...inside,
      customTimeouts,
      dependsOn: grant(name, { serviceAccount, rights, namespace }, { wide, inside }),
    });
    this.registerOutputs({});
  }
}
