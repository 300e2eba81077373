/** Who may do what in AWS: trust and permissions as data. */
import { clusterTag, controlPlaneLogs, flowLogs } from "./name-plan.ts";
import type { EksConfig } from "./schema.ts";

/** One statement of a policy. */
export interface Statement {
  /** What it is for; where AWS takes no other resource than "*", why. */
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Principal?: { readonly Service: string } | { readonly AWS: string };
  readonly Action: readonly string[];
  /** Absent in trust policies. */
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A policy of IAM, or of a key. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

const policy = (...statements: Statement[]): PolicyDocument => ({ Version: "2012-10-17", Statement: statements });

type Place = Pick<EksConfig, "name" | "account" | "region">;

/** The ARN of a policy that AWS keeps up to date. */
export const managedPolicy = (name: string): string => `arn:aws:iam::aws:policy/${name}`;

/** The ARN of a log group. */
export const logGroupArn = ({ account, region }: Pick<Place, "account" | "region">, group: string): string =>
  `arn:aws:logs:${region}:${account}:log-group:${group}`;

const clusterArn = ({ name, account, region }: Place): string => `arn:aws:eks:${region}:${account}:cluster/${name}`;

/**
 * Lets the control plane of this cluster take its role. Auto Mode tags its sessions, for which AWS describes no
 * condition (docs.aws.amazon.com/eks/latest/userguide/cross-service-confused-deputy-prevention.html).
 */
export function controlPlaneTrust({ autoMode, ...place }: Place & Pick<EksConfig, "autoMode">): PolicyDocument {
  return policy({
    Sid: "ControlPlane",
    Effect: "Allow",
    Principal: { Service: "eks.amazonaws.com" },
    ...(autoMode
      ? { Action: ["sts:AssumeRole", "sts:TagSession"] }
      : {
          Action: ["sts:AssumeRole"],
          Condition: {
            StringEquals: { "aws:SourceAccount": place.account },
            ArnLike: { "aws:SourceArn": clusterArn(place) },
          },
        }),
  });
}

/** The policies of AWS that the control plane needs; in Auto Mode it starts nodes, volumes and load balancers, too. */
export function controlPlanePolicies({ autoMode }: Pick<EksConfig, "autoMode">): string[] {
  return [
    "AmazonEKSClusterPolicy",
    ...(autoMode
      ? [
          "AmazonEKSBlockStoragePolicy",
          "AmazonEKSComputePolicy",
          "AmazonEKSLoadBalancingPolicy",
          "AmazonEKSNetworkingPolicy",
        ]
      : []),
  ];
}

/** Lets the control plane encrypt Secrets with its key. */
export function secretsPolicy(keyArn: string): PolicyDocument {
  return policy({
    Sid: "EncryptSecrets",
    Effect: "Allow",
    Action: ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey", "kms:ListGrants"],
    Resource: keyArn,
  });
}

/** Lets instances take the nodes' role. */
export function nodeTrust(): PolicyDocument {
  return policy({
    Sid: "Nodes",
    Effect: "Allow",
    Principal: { Service: "ec2.amazonaws.com" },
    Action: ["sts:AssumeRole"],
  });
}

/**
 * The policies of AWS that nodes need: to join, and to pull images. What a network or storage driver may do is its own
 * role's, so that no pod gets it from the node.
 */
export function nodePolicies({ autoMode }: Pick<EksConfig, "autoMode">): string[] {
  return [
    "AmazonEC2ContainerRegistryPullOnly",
    autoMode ? "AmazonEKSWorkerNodeMinimalPolicy" : "AmazonEKSWorkerNodePolicy",
  ];
}

/**
 * Lets pods of one service account of this cluster take a role through Pod Identity, which says in the tags of each
 * session whose it is (docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html).
 */
export function podTrust(place: Place, serviceAccount: string, namespace = "kube-system"): PolicyDocument {
  return policy({
    Sid: "PodsOfOneServiceAccount",
    Effect: "Allow",
    Principal: { Service: "pods.eks.amazonaws.com" },
    Action: ["sts:AssumeRole", "sts:TagSession"],
    Condition: {
      StringEquals: {
        "aws:SourceAccount": place.account,
        "aws:RequestTag/eks-cluster-arn": clusterArn(place),
        "aws:RequestTag/kubernetes-namespace": namespace,
        "aws:RequestTag/kubernetes-service-account": serviceAccount,
      },
    },
  });
}

/**
 * What the VPC CNI does: give this cluster's nodes network interfaces and addresses in this VPC. AmazonEKS_CNI_Policy
 * would let it do the same to every instance of the account. Nodes, and the interfaces that they start with, have the
 * cluster's tag from their launch template, further interfaces from the add-on (ADDITIONAL_ENI_TAGS); docs/iam-policy.md
 * of amazon-vpc-cni-k8s does the same with the tags of EKS.
 */
export function vpcCniPolicy({ name, account, region }: Place, vpcId: string): PolicyDocument {
  const arn = (kind: string) => `arn:aws:ec2:${region}:${account}:${kind}`;
  const ours = { StringEquals: { [`aws:ResourceTag/${clusterTag}`]: name } };
  return policy(
    {
      Sid: "DescribeTakesNoResource",
      Effect: "Allow",
      Action: [
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeInstances",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeTags",
      ],
      Resource: "*",
      Condition: { StringEquals: { "aws:RequestedRegion": region } },
    },
    {
      Sid: "CreateInterfacesOfThisCluster",
      Effect: "Allow",
      Action: ["ec2:CreateNetworkInterface"],
      Resource: arn("network-interface/*"),
      Condition: { StringEquals: { [`aws:RequestTag/${clusterTag}`]: name } },
    },
    {
      Sid: "CreateInterfacesInThisVpc",
      Effect: "Allow",
      Action: ["ec2:CreateNetworkInterface"],
      Resource: [arn("security-group/*"), arn("subnet/*")],
      Condition: { ArnEquals: { "ec2:Vpc": arn(`vpc/${vpcId}`) } },
    },
    {
      Sid: "TagInterfacesAsTheyAreCreated",
      Effect: "Allow",
      Action: ["ec2:CreateTags"],
      Resource: arn("network-interface/*"),
      Condition: { StringEquals: { "ec2:CreateAction": "CreateNetworkInterface" } },
    },
    {
      Sid: "ChangeInterfacesOfThisCluster",
      Effect: "Allow",
      Action: [
        "ec2:AssignPrivateIpAddresses",
        "ec2:AttachNetworkInterface",
        "ec2:CreateTags",
        "ec2:DeleteNetworkInterface",
        "ec2:DetachNetworkInterface",
        "ec2:ModifyNetworkInterfaceAttribute",
        "ec2:UnassignPrivateIpAddresses",
      ],
      Resource: arn("network-interface/*"),
      Condition: ours,
    },
    {
      Sid: "AttachToNodesOfThisCluster",
      Effect: "Allow",
      Action: ["ec2:AttachNetworkInterface", "ec2:DetachNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"],
      Resource: arn("instance/*"),
      Condition: ours,
    },
    {
      Sid: "UseSecurityGroups",
      Effect: "Allow",
      Action: ["ec2:ModifyNetworkInterfaceAttribute"],
      Resource: arn("security-group/*"),
    },
  );
}

/**
 * The policy of AWS for the storage driver: it touches only volumes and snapshots that carry the name of the cluster in
 * whose session it acts.
 */
export const ebsCsiPolicy = "AmazonEBSCSIDriverEKSClusterScopedPolicy";

/** What external-dns does: keep the names of one zone, and find it (Route 53 names no zone in what it lists). */
export function publicZonePolicy(zoneId: string): PolicyDocument {
  const zone = `arn:aws:route53:::hostedzone/${zoneId}`;
  return policy(
    {
      Sid: "ChangeNamesOfThisZone",
      Effect: "Allow",
      Action: ["route53:ChangeResourceRecordSets"],
      Resource: zone,
      Condition: {
        "ForAllValues:StringEquals": {
          "route53:ChangeResourceRecordSetsRecordTypes": ["A", "AAAA", "CNAME", "TXT"],
        },
      },
    },
    {
      Sid: "ReadThisZone",
      Effect: "Allow",
      Action: ["route53:ListResourceRecordSets", "route53:ListTagsForResource", "route53:ListTagsForResources"],
      Resource: zone,
    },
    {
      Sid: "ListTakesNoResource",
      Effect: "Allow",
      Action: ["route53:ListHostedZones"],
      Resource: "*",
      Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1" } }, // that of services without regions
    },
  );
}

/** Lets the VPC's flow logs of this account take their role. */
export function flowLogsTrust({ account, region }: Pick<Place, "account" | "region">): PolicyDocument {
  return policy({
    Sid: "FlowLogs",
    Effect: "Allow",
    Principal: { Service: "vpc-flow-logs.amazonaws.com" },
    Action: ["sts:AssumeRole"],
    Condition: {
      StringEquals: { "aws:SourceAccount": account },
      ArnLike: { "aws:SourceArn": `arn:aws:ec2:${region}:${account}:vpc-flow-log/*` },
    },
  });
}

/** Lets flow logs write to their log group. */
export function flowLogsPolicy(place: Place): PolicyDocument {
  return policy({
    Sid: "WriteFlowLogs",
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
    Resource: `${logGroupArn(place, flowLogs(place.name))}:*`,
  });
}

/**
 * What the account itself may do with a key: administer it and, by IAM, let roles use it. It is written out, so that
 * nobody gets by a new action of KMS what nobody has thought of.
 */
const ofAccount = (account: string, use: readonly string[]): Statement => ({
  Sid: "AccountAdministersAndDelegatesThisKey",
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${account}:root` },
  Action: [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:CreateGrant",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
    ...use,
  ],
  Resource: "*", // in a key's own policy this is the key, and AWS takes nothing else
  Condition: { StringEquals: { "kms:CallerAccount": account } },
});

/** Who may use the key of the cluster's Secrets: whom the account's IAM lets, which is the control plane. */
export function secretsKeyPolicy({ account }: Pick<Place, "account">): PolicyDocument {
  return policy(ofAccount(account, ["kms:Decrypt", "kms:Encrypt"]));
}

/** Who may use the key of the logs: CloudWatch, for the two log groups of this cluster. */
export function logsKeyPolicy(place: Place): PolicyDocument {
  const groups = [controlPlaneLogs(place.name), flowLogs(place.name)];
  return policy(ofAccount(place.account, ["kms:Decrypt"]), {
    Sid: "CloudWatchEncryptsTheseLogGroups",
    Effect: "Allow",
    Principal: { Service: `logs.${place.region}.amazonaws.com` },
    Action: [
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:Encrypt",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ],
    Resource: "*",
    Condition: {
      ArnEquals: { "kms:EncryptionContext:aws:logs:arn": groups.map((group) => logGroupArn(place, group)) },
    },
  });
}

/** Where in S3 exports of objects lie. */
export interface Exports {
  readonly bucket: string;
  /** What their names begin with; "" where it is the whole bucket. */
  readonly prefix: string;
}

/** What exports do in S3: list, read, write and remove what is theirs in one bucket, and nothing of others in it. */
export function exportsPolicy({ bucket, prefix }: Exports): PolicyDocument {
  const arn = `arn:aws:s3:::${bucket}`;
  const names = prefix === "" ? "*" : `${prefix}/*`;
  return policy(
    {
      Sid: "ListExports",
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: arn,
      Condition: { StringLike: { "s3:prefix": names } },
    },
    {
      Sid: "KeepExports",
      Effect: "Allow",
      Action: ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
      Resource: `${arn}/${names}`,
    },
  );
}
