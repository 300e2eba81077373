/** One group of nodes, with the template that its instances start from. */
import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate.js";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup.js";
import * as pulumi from "@pulumi/pulumi";
import { launchTemplateName } from "./name-plan.ts";
import type { NodeGroupPlan } from "./node-group-plan.ts";

/** Arguments of {@link EksNodeGroup}. */
export interface EksNodeGroupArgs {
  readonly clusterName: pulumi.Input<string>;
  /** The cluster's name as it is known beforehand, for names. */
  readonly cluster: string;
  readonly plan: NodeGroupPlan;
  /** The ARN of the nodes' role. */
  readonly nodeRole: pulumi.Input<string>;
  /** The private subnets of its zones. */
  readonly subnetIds: pulumi.Input<string>[];
  /** The tags of its instances and volumes, which the provider's default tags do not reach. */
  readonly tags: Readonly<Record<string, string>>;
  /** What must be there before: the ways out, what nodes run from the start, and the groups of earlier waves. */
  readonly after: readonly pulumi.Resource[];
}

/**
 * How long EKS may take to replace all nodes of a group. It gives up by itself when a pod cannot be evicted for 15
 * minutes, and reports which: pods are never killed past their disruption budget.
 */
const timeouts = { create: "30m", update: "3h", delete: "1h" };

/** One group of nodes, with the template that its instances start from. */
export class EksNodeGroup extends pulumi.ComponentResource {
  public constructor(name: string, args: EksNodeGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:EksNodeGroup", name, {}, opts);
    const { plan } = args;
    const instanceTags = { ...args.tags, Name: `${args.cluster}-${plan.name}` };
    const template = new LaunchTemplate(
      `${name}-template`,
      {
        name: launchTemplateName(args.cluster, plan.name),
        updateDefaultVersion: true,
        blockDeviceMappings: [
          {
            deviceName: "/dev/xvda",
            ebs: { volumeType: "gp3", volumeSize: plan.diskGiB, encrypted: "true", deleteOnTermination: "true" },
          },
        ],
        // One hop reaches the node and no pod: a pod's identity is its service account's.
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        monitoring: { enabled: true },
        tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
          resourceType,
          tags: instanceTags,
        })),
      },
      { parent: this },
    );
    new NodeGroup(
      `${name}-nodes`,
      {
        clusterName: args.clusterName,
        // A prefix, so that a group that is replaced stands and runs before the old one is drained.
        nodeGroupNamePrefix: `${plan.name}-`,
        nodeRoleArn: args.nodeRole,
        subnetIds: args.subnetIds,
        instanceTypes: plan.instanceTypes,
        amiType: plan.amiType,
        capacityType: plan.capacity === "spot" ? "SPOT" : "ON_DEMAND",
        version: plan.version,
        releaseVersion: plan.release,
        launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
        scalingConfig: { minSize: plan.nodes.min, desiredSize: plan.nodes.desired, maxSize: plan.nodes.max },
        updateConfig: { maxUnavailable: plan.maxUnavailable },
        nodeRepairConfig: { enabled: true },
        labels: plan.labels,
        taints: plan.taints.map((taint) => ({ ...taint })),
      },
      {
        parent: this,
        dependsOn: [...args.after],
        ignoreChanges: ["scalingConfig.desiredSize"], // the autoscaler's, once there is one
        customTimeouts: timeouts,
      },
    );
    this.registerOutputs({});
  }
}
