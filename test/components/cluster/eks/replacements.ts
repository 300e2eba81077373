/** What a change of the program would do to the resources that are there, worked out from two recordings. */
import { isDeepStrictEqual } from "node:util";
import type { Recorded } from "../../../lib/record.ts";

/**
 * The inputs whose change replaces a resource, by type: `ForceNew` and `RequiresReplace` in the schemas under
 * internal/service/{ec2,eks,iam,kms,logs} of hashicorp/terraform-provider-aws, which @pulumi/aws bridges. The cluster's
 * encryptionConfig is replaced only when it goes away, but EKS takes no other key either.
 */
export const replacedBy: Readonly<Record<string, readonly string[]>> = {
  "aws:cloudwatch/logGroup:LogGroup": ["name"],
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ["vpcId"],
  "aws:ec2/eip:Eip": ["domain"],
  "aws:ec2/flowLog:FlowLog": [
    "iamRoleArn",
    "logDestination",
    "logDestinationType",
    "maxAggregationInterval",
    "trafficType",
    "vpcId",
  ],
  "aws:ec2/internetGateway:InternetGateway": [],
  "aws:ec2/launchTemplate:LaunchTemplate": ["name"],
  "aws:ec2/natGateway:NatGateway": ["allocationId", "subnetId"],
  "aws:ec2/route:Route": ["destinationCidrBlock", "routeTableId"],
  "aws:ec2/routeTable:RouteTable": ["vpcId"],
  "aws:ec2/routeTableAssociation:RouteTableAssociation": ["subnetId"],
  "aws:ec2/securityGroup:SecurityGroup": ["description", "name", "vpcId"],
  "aws:ec2/subnet:Subnet": ["availabilityZone", "cidrBlock", "vpcId"],
  "aws:ec2/vpc:Vpc": ["cidrBlock"],
  "aws:ec2/vpcEndpoint:VpcEndpoint": ["serviceName", "vpcEndpointType", "vpcId"],
  "aws:eks/accessEntry:AccessEntry": ["clusterName", "principalArn", "type"],
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": [
    "accessScope",
    "clusterName",
    "policyArn",
    "principalArn",
  ],
  "aws:eks/addon:Addon": ["addonName", "clusterName"],
  "aws:eks/cluster:Cluster": [
    "accessConfig.bootstrapClusterCreatorAdminPermissions",
    "bootstrapSelfManagedAddons",
    "computeConfig.nodeRoleArn",
    "encryptionConfig",
    "kubernetesNetworkConfig.ipFamily",
    "kubernetesNetworkConfig.serviceIpv4Cidr",
    "name",
    "roleArn",
  ],
  "aws:eks/nodeGroup:NodeGroup": [
    "amiType",
    "capacityType",
    "clusterName",
    "instanceTypes",
    "launchTemplate.id",
    "nodeGroupNamePrefix",
    "nodeRoleArn",
    "subnetIds",
  ],
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": ["clusterName", "namespace", "serviceAccount"],
  "aws:iam/role:Role": ["name"],
  "aws:iam/rolePolicy:RolePolicy": ["name", "role"],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ["policyArn", "role"],
  "aws:kms/alias:Alias": ["name"],
  "aws:kms/key:Key": [],
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ["securityGroupId"],
  "kubernetes:networking.k8s.io/v1:NetworkPolicy": ["metadata.name", "metadata.namespace"],
  "pulumi:providers:aws": [],
  "pulumi:providers:kubernetes": ["clusterIdentifier"],
};

/** What happens to which resources, by name without type; nothing where nothing does. */
export interface Effects {
  readonly created: readonly string[];
  readonly deleted: readonly string[];
  readonly replaced: readonly string[];
  readonly updated: readonly string[];
}

/**
 * What an update from one recording to another would do. What hangs on the id of a replaced resource changes with it,
 * and on the version of a launch template when the template does.
 *
 * @throws Error for a type that {@link replacedBy} does not know
 */
export function effectsOf(before: readonly Recorded[], after: readonly Recorded[]): Effects {
  const [old, next] = [custom(before), custom(after)];
  const replaced = new Set<string>();
  const updated = new Set<string>();
  for (let known = -1; known < replaced.size + updated.size;) {
    known = replaced.size + updated.size;
    const renewed = [
      ...[...replaced].flatMap((urn) => ["id", "arn", "ip", "version"].map((what) => `${nameOf(next, urn)}-${what}`)),
      ...[...updated].filter((urn) => urn.includes("LaunchTemplate")).map((urn) => `${nameOf(next, urn)}-version`),
    ];
    for (const [urn, resource] of next) {
      const was = old.get(urn);
      if (was === undefined || replaced.has(urn)) continue;
      const changes = changedPaths(was.inputs, renew(resource.inputs, renewed) as object, "").filter(
        (path) => resource.ignoreChanges?.includes(path) !== true,
      );
      if (changes.some((path) => replaces(resource.type, path))) {
        replaced.add(urn);
        updated.delete(urn);
      } else if (changes.length > 0) updated.add(urn);
    }
  }
  const names = (urns: Iterable<string>, from: ReadonlyMap<string, Recorded>) =>
    [...urns].map((urn) => nameOf(from, urn)).sort();
  return {
    created: names(
      [...next.keys()].filter((urn) => !old.has(urn)),
      next,
    ),
    deleted: names(
      [...old.keys()].filter((urn) => !next.has(urn)),
      old,
    ),
    replaced: names(replaced, next),
    updated: names(updated, next),
  };
}

const custom = (resources: readonly Recorded[]) =>
  new Map(resources.filter((one) => one.custom).map((one) => [one.urn, one]));

const nameOf = (from: ReadonlyMap<string, Recorded>, urn: string) => from.get(urn)?.name ?? urn;

function replaces(type: string, path: string): boolean {
  const known = replacedBy[type];
  if (known === undefined) throw new Error(`What replaces ${type} is not known: add it to replacedBy.`);
  return known.some((key) => path === key || path.startsWith(`${key}.`) || key.startsWith(`${path}.`));
}

/** The paths of the inputs that differ; a list is one value, in whatever order. */
function changedPaths(old: object, next: object, at: string): string[] {
  const [a, b] = [old, next] as Record<string, unknown>[];
  const keys = [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])];
  return keys.flatMap((key) => {
    const [left, right] = [a?.[key], b?.[key]];
    if (isObject(left) && isObject(right)) return changedPaths(left, right, `${at}${key}.`);
    return isDeepStrictEqual(left, right) ? [] : [`${at}${key}`];
  });
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Inputs in which everything made up for a replaced resource is made up anew. */
function renew(value: unknown, renewed: readonly string[]): unknown {
  if (typeof value === "string") {
    return renewed.reduce(
      (text, token) => text.replaceAll(new RegExp(`${escaped(token)}(?![\\w'-])`, "g"), `${token}'`),
      value,
    );
  }
  if (Array.isArray(value)) return value.map((inner) => renew(inner, renewed));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, renew(inner, renewed)]));
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
