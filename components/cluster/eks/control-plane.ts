/** The control plane of a cluster, with its role and its logs. */
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { Cluster } from "@pulumi/aws/eks/cluster.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import * as pulumi from "@pulumi/pulumi";
import { controlPlaneLogs, roleName } from "./name-plan.ts";
import { EksRole } from "./role.ts";
import { controlPlanePolicies, controlPlaneTrust, secretsPolicy } from "./role-plan.ts";
import type { EksConfig } from "./schema.ts";

/** Arguments of {@link EksControlPlane}. */
export interface EksControlPlaneArgs {
  readonly config: EksConfig;
  /** From where EKS reaches the nodes, in two zones or more. */
  readonly subnetIds: pulumi.Input<string>[];
  /** The ARN of the key that encrypts Secrets. */
  readonly secretsKey: pulumi.Input<string>;
  /** The ARN of the key that encrypts logs. */
  readonly logsKey: pulumi.Input<string>;
  /** The ARN of the role of the nodes that Auto Mode starts. */
  readonly nodeRole: pulumi.Input<string>;
  /** The addresses under which the nodes are seen, for a cluster that answers only in public. */
  readonly nodeAddresses: pulumi.Input<string>[];
}

/** All that EKS can log of a control plane. */
const logTypes = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/** The control plane of a cluster, with its role and its logs. */
export class EksControlPlane extends pulumi.ComponentResource {
  /** The cluster itself. */
  public readonly cluster: Cluster;

  public constructor(name: string, args: EksControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:EksControlPlane", name, {}, opts);
    const { config } = args;
    const logs = new LogGroup(
      `${name}-log-group`,
      { name: controlPlaneLogs(config.name), retentionInDays: config.logRetentionDays, kmsKeyId: args.logsKey },
      { parent: this, protect: config.deletionProtection },
    );
    const role = new EksRole(
      name,
      {
        roleName: roleName(config, "control-plane"),
        description: `Control plane of EKS cluster ${config.name}`,
        trust: controlPlaneTrust(config),
        managed: controlPlanePolicies(config),
        policy: pulumi.output(args.secretsKey).apply(secretsPolicy),
      },
      { parent: this },
    );
    this.cluster = new Cluster(
      `${name}-cluster`,
      {
        name: config.name,
        version: config.version,
        roleArn: role.arn,
        accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
        bootstrapSelfManagedAddons: false,
        vpcConfig: this.reachOf(args),
        kubernetesNetworkConfig: {
          ipFamily: "ipv4",
          serviceIpv4Cidr: config.serviceCidr,
          elasticLoadBalancing: { enabled: config.autoMode },
        },
        // EKS wants all three together, and leaves Auto Mode on where they are only left out.
        computeConfig: config.autoMode
          ? { enabled: true, nodePools: ["general-purpose", "system"], nodeRoleArn: args.nodeRole }
          : { enabled: false },
        storageConfig: { blockStorage: { enabled: config.autoMode } },
        encryptionConfig: { resources: ["secrets"], provider: { keyArn: args.secretsKey } },
        enabledClusterLogTypes: logTypes,
        upgradePolicy: { supportType: config.supportType.toUpperCase() },
        zonalShiftConfig: { enabled: config.zonalShift },
        deletionProtection: config.deletionProtection,
      },
      {
        parent: this,
        protect: config.deletionProtection,
        // Without the group EKS would make one of its own, and without the rights of its role it could delete nothing.
        dependsOn: [logs, role],
      },
    );
    for (const cidr of config.endpoint.privateCidrs) {
      new SecurityGroupIngressRule(
        `${name}-api-from-${cidr.replace("/", "-")}`,
        {
          securityGroupId: this.cluster.vpcConfig.clusterSecurityGroupId,
          description: "Kubernetes API from a listed network",
          ipProtocol: "tcp",
          fromPort: 443,
          toPort: 443,
          cidrIpv4: cidr,
        },
        { parent: this },
      );
    }
    this.registerOutputs({ cluster: this.cluster.arn });
  }

  /** From where the API server is reached. What answers only in public must let its own nodes in, too. */
  private reachOf({ config: { endpoint }, subnetIds, nodeAddresses }: EksControlPlaneArgs) {
    const isPublic = endpoint.publicCidrs.length > 0;
    const nodes = endpoint.private ? [] : nodeAddresses.map((address) => pulumi.interpolate`${address}/32`);
    return {
      subnetIds,
      endpointPrivateAccess: endpoint.private,
      endpointPublicAccess: isPublic,
      ...(isPublic ? { publicAccessCidrs: [...endpoint.publicCidrs, ...nodes] } : {}),
    };
  }
}
