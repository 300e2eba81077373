/** istio-cni: on every node, what leads the traffic of the mesh's pods to their sidecars. */
import { DaemonSet } from "@pulumi/kubernetes/apps/v1/daemonSet.js";
import * as pulumi from "@pulumi/pulumi";
import { grant } from "./grants.ts";
import { istioCniNamespace, type IstioCniSpec, planIstioCni } from "./istio-cni-plan.ts";
import { Namespace, type NamespaceArgs, placedIn } from "./namespace.ts";
import { customTimeouts } from "./timeouts.ts";

/** Arguments of {@link IstioCni}. */
export interface IstioCniArgs extends IstioCniSpec, Pick<NamespaceArgs, "owner" | "kubernetesMinor" | "policies"> {}

/** istio-cni: a pod of the mesh needs no right to change its own network, since its node does it. */
export class IstioCni extends pulumi.ComponentResource {
  /** What pods of the mesh come after: every node leads their traffic. */
  public readonly ready: pulumi.Resource;

  public constructor(name: string, args: IstioCniArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:IstioCni", name, {}, opts);
    const { owner, kubernetesMinor, policies, ...spec } = args;
    const plan = planIstioCni(spec);
    const wide = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const home = new Namespace(
      name,
      { namespace: istioCniNamespace, owner, kubernetesMinor, policies, podSecurity: "privileged" },
      wide,
    );
    const { namespace } = home;
    const inside = { parent: this, deletedWith: home.resource };
    this.ready = new DaemonSet(`${name}-agents`, placedIn(namespace)(plan.daemonSet), {
      ...inside,
      customTimeouts,
      // Named by a plain string.
      dependsOn: grant(name, { ...plan, namespace }, { wide, inside }),
    });
    this.registerOutputs({});
  }
}
