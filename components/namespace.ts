/** A namespace with its pod security level and its NetworkPolicies. */
import * as core from "@pulumi/kubernetes/core/v1/namespace.js";
import * as pulumi from "@pulumi/pulumi";
import { Connectivity } from "./connectivity.ts";
import type { NetworkPolicy } from "./network-policy.ts";
import { ownerAnnotation } from "./owner.ts";

/** How much a pod may ask for, by the Pod Security Standards. */
export type PodSecurity = "restricted" | "baseline" | "privileged";

/** Arguments of {@link Namespace}. */
export interface NamespaceArgs {
  /** The namespace's name in the cluster. */
  readonly namespace: string;
  /**
   * The stack that makes it, by its full name. A namespace of that name that another stack made is refused, where the
   * provider would else take it over, and delete it with this stack: docs/decisions/0007-a-namespace-has-one-stack.md.
   */
  readonly owner: string;
  /** The NetworkPolicies of all namespaces, of which it gets its own: those that {@link planPolicies} makes. */
  readonly policies: readonly NetworkPolicy[];
  /** The level that pods are held to; those that miss it are refused. @default "restricted" */
  readonly podSecurity?: PodSecurity;
  /** The Kubernetes minor release whose definition of the level holds, as in "1.36". */
  readonly kubernetesMinor: string;
  /** Further labels; those of the level stand above them. @default none */
  readonly labels?: Readonly<Record<string, string>>;
}

export const defaults = { podSecurity: "restricted" } as const satisfies Partial<NamespaceArgs>;

/** The labels that make the API server enforce the level and warn about what misses it. */
export function podSecurityLabels(
  args: Pick<NamespaceArgs, "podSecurity" | "kubernetesMinor">,
): Record<string, string> {
  const level = args.podSecurity ?? defaults.podSecurity;
  const version = `v${args.kubernetesMinor}`;
  return Object.fromEntries(
    ["enforce", "warn"].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, level],
      [`pod-security.kubernetes.io/${mode}-version`, version],
    ]),
  );
}

/** Puts manifests into a namespace. */
export const placedIn =
  (namespace: pulumi.Input<string>) =>
  <T extends { metadata: object }>(manifest: T) => ({ ...manifest, metadata: { ...manifest.metadata, namespace } });

/** A namespace with its pod security level and its NetworkPolicies. */
export class Namespace extends pulumi.ComponentResource {
  /** The namespace's name, known once it exists and its policies: what is handed this is created in it and after them. */
  public readonly namespace: pulumi.Output<string>;
  /** The namespace itself, for `deletedWith`: deleting it deletes what it holds. */
  public readonly resource: core.Namespace;

  public constructor(name: string, args: NamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Namespace", name, {}, opts);
    this.resource = new core.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: args.namespace,
          labels: { ...args.labels, ...podSecurityLabels(args) },
          annotations: { [ownerAnnotation]: args.owner },
        },
      },
      {
        parent: this,
        customTimeouts: { delete: "5m" },
        ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }),
      },
    );
    const { namespace } = new Connectivity(
      `${name}-connectivity`,
      {
        namespace: this.resource.metadata.name,
        policies: args.policies.filter((policy) => policy.namespace === args.namespace),
      },
      { parent: this, deletedWith: this.resource },
    );
    this.namespace = namespace;
    this.registerOutputs({ namespace: this.namespace });
  }
}
