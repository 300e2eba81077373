/** k3s on machines that are there already, over SSH. */
import { Command } from "@pulumi/command/remote/command.js";
import { CopyToRemote } from "@pulumi/command/remote/copyToRemote.js";
import * as pulumi from "@pulumi/pulumi";
import { connectionTo, type SshSecrets } from "./connection.ts";
import type { Mirrors } from "./plan.ts";
import type { K3sConfig } from "./schema.ts";
import { clusterSteps, planSteps, type Run, type Step } from "./steps.ts";

/** Arguments of {@link K3sCluster}. */
export interface K3sClusterArgs {
  /** The cluster as the configuration describes it. */
  readonly config: K3sConfig;
  readonly ssh: SshSecrets;
  /** What nodes join with. Another one changes it on every node, in order. */
  readonly token: pulumi.Input<string>;
  /** Where images may be had instead. @default nowhere else */
  readonly mirrors?: Mirrors;
  /** Whether the engine refuses to delete the cluster, and with it etcd's data. @default true */
  readonly protect?: boolean;
}

export const defaults = { mirrors: {}, protect: true } as const satisfies Partial<K3sClusterArgs>;

/** A k3s cluster on machines that are there already. */
export class K3sCluster extends pulumi.ComponentResource {
  /** The administrator's kubeconfig, a secret. */
  public readonly kubeconfig: pulumi.Output<string>;
  /** What tells this cluster from every other one: the uid of its namespace kube-system. */
  public readonly id: pulumi.Output<string>;
  /** What is there exactly as long as the cluster, for `deletedWith`. */
  public readonly resource: pulumi.Resource;

  public constructor(name: string, args: K3sClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:K3sCluster", name, {}, opts);
    const made = new Map<string, pulumi.Resource>();
    const secrets = { ...args, token: pulumi.secret(pulumi.interpolate`${args.token}\n`) };
    for (const step of planSteps(args.config, args.mirrors ?? defaults.mirrors)) {
      const options = {
        parent: this,
        // What is made anew by hand is taken away first, or taking it away would undo it.
        deleteBeforeReplace: true,
        dependsOn: step.after.map((before) => found(made, before)),
        ...(step.name === clusterSteps.bootstrap ? { protect: args.protect ?? defaults.protect } : {}),
        // It never changes, so that nothing that hangs on it may become unknown because another server is asked.
        ...(step.name === clusterSteps.id ? { ignoreChanges: ["connection", "create", "update"] } : {}),
      };
      made.set(step.name, resourceOf(`${name}-${step.name}`, step, secrets, options));
    }
    this.resource = found(made, clusterSteps.bootstrap);
    this.kubeconfig = pulumi.secret(printed(made, clusterSteps.kubeconfig));
    this.id = printed(made, clusterSteps.id);
    this.registerOutputs({ kubeconfig: this.kubeconfig, id: this.id });
  }
}

type Secrets = Pick<K3sClusterArgs, "config" | "ssh"> & { readonly token: pulumi.Output<string> };

function resourceOf(
  name: string,
  step: Step,
  secrets: Secrets,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const connection = connectionTo(secrets.config.ssh, step.node, secrets.ssh);
  if (step.kind === "copy") {
    const source = new pulumi.asset.FileAsset(step.source);
    return new CopyToRemote(
      name,
      { connection, source, remotePath: step.target, triggers: [...step.triggers] },
      options,
    );
  }
  const { create, update, delete: remove } = step;
  return new Command(
    name,
    {
      connection,
      create,
      update,
      ...(remove === undefined ? {} : { delete: remove }),
      ...stdinOf(step, secrets),
      ...(step.prints === "secret" ? { logging: "none" as const } : {}),
      // Or the last run's output would go to the node as variables of its environment.
      addPreviousOutputInEnv: false,
    },
    step.prints === "secret" ? { ...options, additionalSecretOutputs: ["stdout", "stderr"] } : options,
  );
}

function stdinOf({ stdin }: Run, { token }: Secrets) {
  if (stdin === undefined) return {};
  return { stdin: stdin === "token" ? token : stdin.text };
}

function found(made: ReadonlyMap<string, pulumi.Resource>, name: string): pulumi.Resource {
  const resource = made.get(name);
  if (resource === undefined) throw new Error(`The step ${name} comes before what it needs.`);
  return resource;
}

function printed(made: ReadonlyMap<string, pulumi.Resource>, name: string): pulumi.Output<string> {
  const command = found(made, name);
  if (!(command instanceof Command)) throw new Error(`The step ${name} prints nothing.`);
  return command.stdout;
}
