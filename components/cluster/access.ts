/** The connection to a cluster. */
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";

/**
 * The requests per second, and in one burst, that the provider may send. The default of 50 and 100 makes previews of
 * some hundred objects wait for the client, not for the server, whose own priority and fairness protects it.
 */
const kubeClientSettings = { qps: 200, burst: 400 };

/** Arguments of {@link ClusterAccess}. */
export interface ClusterAccessArgs {
  /** What tells this cluster from every other one. Another id replaces the provider, and with it all it made. */
  readonly id: pulumi.Input<string>;
  /** The text of the kubeconfig; it becomes a secret. */
  readonly kubeconfig: pulumi.Input<string>;
  /** @default the kubeconfig's current context */
  readonly context?: string;
}

/** The connection to one cluster: its provider. */
export class ClusterAccess extends pulumi.ComponentResource {
  public readonly provider: Provider;

  public constructor(name: string, args: ClusterAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:ClusterAccess", name, {}, opts);
    this.provider = new Provider(
      `${name}-provider`,
      {
        kubeconfig: pulumi.secret(args.kubeconfig),
        clusterIdentifier: args.id,
        ...(args.context === undefined ? {} : { context: args.context }),
        kubeClientSettings,
        // A change is written into what is there, which is else deleted and made anew: nobody is without it in between.
        enableSecretMutable: true,
        enableConfigMapMutable: true,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
