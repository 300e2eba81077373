/** A compliant resource of each type that the pack judges, and what becomes of it when one field breaks. */
import type { Rule } from "../../../policies/lib/rule.ts";
import { judge } from "../../lib/judge.ts";

/** A field to change, by its path with dots, and its value; `undefined` takes it away. */
export type Break = readonly [path: string, value: unknown];

/** The Pulumi type of an AWS resource. */
export const aws = (module: string, kind: string) =>
  `aws:${module}/${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`;

const trust = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
const read = { Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::bucket/*"] };

/** What complies, by type. */
export const compliant: Readonly<Record<string, object>> = {
  [aws("eks", "Cluster")]: {
    accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
    deletionProtection: true,
    enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
    encryptionConfig: { resources: ["secrets"], provider: { keyArn: "arn:aws:kms:eu-west-1:111122223333:key/1" } },
    vpcConfig: { endpointPrivateAccess: true, endpointPublicAccess: true, publicAccessCidrs: ["198.51.100.0/24"] },
  },
  [aws("ec2", "LaunchTemplate")]: {
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { encrypted: "true", volumeType: "gp3" } }],
  },
  [aws("ec2", "Instance")]: {
    metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
    rootBlockDevice: { encrypted: true },
  },
  [aws("ebs", "Volume")]: { encrypted: true },
  [aws("cloudwatch", "LogGroup")]: { kmsKeyId: "arn:aws:kms:eu-west-1:111122223333:key/1" },
  [aws("kms", "Key")]: {
    enableKeyRotation: true,
    policy: JSON.stringify({
      Statement: [
        { Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:root" }, Action: "kms:*", Resource: "*" },
      ],
    }),
  },
  [aws("ec2", "SecurityGroup")]: {
    ingress: [
      { protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["10.0.0.0/8"], ipv6CidrBlocks: ["fc00::/7"] },
    ],
    egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }],
  },
  [aws("ec2", "SecurityGroupRule")]: { type: "ingress", cidrBlocks: ["192.0.2.0/24"] },
  [aws("vpc", "SecurityGroupIngressRule")]: { cidrIpv4: "192.0.2.7/32" },
  [aws("iam", "Role")]: {
    assumeRolePolicy: JSON.stringify({ Statement: [trust] }),
    inlinePolicies: [{ policy: JSON.stringify({ Statement: [read] }) }],
  },
  [aws("iam", "RolePolicy")]: { policy: { Statement: read } },
  [aws("iam", "Policy")]: { policy: JSON.stringify({ Statement: [read] }) },
  [aws("iam", "RolePolicyAttachment")]: { policyArn: "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy" },
  "kubernetes:core/v1:ConfigMap": { metadata: { name: "settings", namespace: "kube-system" } },
};

/** A resource of a type that complies but for one field. */
export function broken(type: string, [path, value]: Break): object {
  const copy = structuredClone(compliant[type] ?? {}) as Record<string, unknown>;
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const parent = keys.reduce<Record<string, unknown>>((object, key) => {
    const inner = object[key] ?? {};
    object[key] = inner;
    return inner as Record<string, unknown>; // what a path leads through is an object or a list
  }, copy);
  parent[last] = value;
  return copy;
}

/** The verdict on what complies but for one field. */
export const judgeBroken = (rule: Rule, type: string, change: Break) => judge(rule, type, broken(type, change));
