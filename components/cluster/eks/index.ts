/** A cluster that AWS runs, in a VPC of its own. */
import { Provider } from "@pulumi/aws/provider.js";
import type { Cluster as EksResource } from "@pulumi/aws/eks/cluster.js";
import type { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { DnsSettings } from "../../coredns-schema.ts";
import type { NetworkPolicy } from "../../network-policy.ts";
import { ClusterAccess } from "../access.ts";
import { EksAccess } from "./access.ts";
import { hasIdentity, planAddOns } from "./add-on-plan.ts";
import { EksAddOns } from "./add-ons.ts";
import { EksControlPlane } from "./control-plane.ts";
import { EksEndpoints } from "./endpoints.ts";
import { EksFlowLogs } from "./flow-logs.ts";
import { autoModeNetwork } from "./half.ts";
import { EksIdentities } from "./identities.ts";
import { EksKeys } from "./keys.ts";
import { kubeconfigOf } from "./kubeconfig.ts";
import { roleName, tagsOf } from "./name-plan.ts";
import { EksNetwork, required } from "./network.ts";
import { EksNodeGroup } from "./node-group.ts";
import { controlPlaneZones, planNodeGroups } from "./node-group-plan.ts";
import { EksRole } from "./role.ts";
import { type Exports, nodePolicies, nodeTrust } from "./role-plan.ts";
import type { EksConfig } from "./schema.ts";
import { EksSystemPolicies } from "./system-policies.ts";

/** Arguments of {@link EksCluster}. */
export interface EksClusterArgs {
  readonly config: EksConfig;
  /** Whose cluster it is, for the tags of all it is made of. */
  readonly environment: string;
  /** How names outside the cluster are resolved. */
  readonly dns: DnsSettings;
  /** Where the objects of the cluster are exported to with a role. @default nowhere */
  readonly exports?: Exports | undefined;
  /** The NetworkPolicies of kube-system. */
  readonly policies: readonly Pick<NetworkPolicy, "name" | "spec">[];
}

/**
 * A cluster that AWS runs, in a VPC of its own. Under `deletionProtection` what holds data, or a record of what was
 * done, is protected: the cluster with its etcd, its keys, its logs and its VPC. What Kubernetes has AWS make, load
 * balancers and volumes, goes with its Service or claim, not with the cluster, so those go first (API_DeleteCluster).
 */
export class EksCluster extends pulumi.ComponentResource {
  /** The cluster's ARN. */
  public readonly id: pulumi.Output<string>;
  /** What the platform goes through: it comes after the nodes, DNS and storage that it needs, and goes before them. */
  public readonly provider: KubernetesProvider;
  /** The cluster itself, for `deletedWith`. */
  public readonly resource: EksResource;

  public constructor(name: string, args: EksClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:EksCluster", name, {}, opts);
    const { config } = args;
    const { region, vpc, deletionProtection: protect } = config;
    const tags = tagsOf(config.name, args.environment);
    const aws = new Provider(
      `${name}-aws`,
      { region, allowedAccountIds: [config.account], defaultTags: { tags } },
      { parent: this },
    );
    const child = { parent: this, provider: aws };

    const network = new EksNetwork(`${name}-network`, { cluster: config.name, vpc, protect }, child);
    const { vpcId } = network;
    const keys = new EksKeys(`${name}-keys`, { place: config, protect }, child);
    new EksFlowLogs(`${name}-flow-logs`, { config, vpcId, keyArn: keys.logs }, child);
    const endpoints = new EksEndpoints(
      `${name}-endpoints`,
      {
        cluster: config.name,
        region,
        vpcId,
        vpcCidr: vpc.cidr,
        services: vpc.endpoints,
        subnetIds: [...network.subnets.intra.values()],
        routeTableIds: network.routeTables,
      },
      child,
    );
    const nodes = new EksRole(
      `${name}-node`,
      {
        roleName: roleName(config, "nodes"),
        description: `Nodes of EKS cluster ${config.name}`,
        trust: nodeTrust(),
        managed: nodePolicies(config),
      },
      child,
    );
    const { cluster } = new EksControlPlane(
      `${name}-control-plane`,
      {
        config,
        subnetIds: controlPlaneZones(config).map((zone) => required(network.subnets.intra, zone)),
        secretsKey: keys.secrets,
        logsKey: keys.logs,
        nodeRole: nodes.arn,
        nodeAddresses: network.publicAddresses,
      },
      child,
    );
    const access = new EksAccess(`${name}-access`, { cluster, access: config.access, protect }, child);
    this.resource = cluster;
    this.id = cluster.arn;
    // Nothing goes into the cluster before the role that runs `pulumi up` does.
    const kubeconfig = pulumi
      .all([cluster.endpoint, cluster.certificateAuthority.data, access.deployer])
      .apply(([server, authority]) => kubeconfigOf(config, { endpoint: server, authority }));
    const early = new ClusterAccess(`${name}-early`, { id: cluster.arn, kubeconfig }, { parent: this });
    const addOns = planAddOns(config, args.dns);
    const identities = new EksIdentities(
      `${name}-identities`,
      {
        cluster,
        place: config,
        vpcId,
        addOns: addOns.filter(hasIdentity),
        publicZone: config.publicZone?.id,
        exports: args.exports,
      },
      child,
    );
    const base = new EksAddOns(
      `${name}-base`,
      { cluster, addOns: addOns.filter(({ before }) => before), after: [identities] },
      child,
    );
    let ready: pulumi.Resource[] = [...network.waysOut, endpoints, nodes, base];
    for (const wave of planNodeGroups(config)) {
      ready = wave.map(
        (plan) =>
          new EksNodeGroup(
            `${name}-${plan.name}`,
            {
              clusterName: cluster.name,
              cluster: config.name,
              plan,
              nodeRole: nodes.arn,
              subnetIds: plan.zones.map((zone) => required(network.subnets.private, zone)),
              tags,
              after: ready,
            },
            child,
          ),
      );
    }
    const policies = new EksSystemPolicies(
      `${name}-system`,
      { policies: args.policies, autoModeNetwork: autoModeNetwork(config), after: [base] },
      { parent: this, provider: early.provider, deletedWith: cluster },
    );
    const services = new EksAddOns(
      `${name}-services`,
      { cluster, addOns: addOns.filter(({ before }) => !before), after: [...ready, policies] },
      child,
    );
    // By their URNs, since a preview knows those of what is new: without its kubeconfig a provider compares nothing.
    const settled = pulumi.all([...ready, policies, services].map(({ urn }) => urn)).apply(() => kubeconfig);
    this.provider = new ClusterAccess(name, { id: cluster.arn, kubeconfig: settled }, { parent: this }).provider;
    this.registerOutputs({ id: this.id });
  }
}
