/** The shape of `quintet:cluster` of kind "eks". What goes together stands in problems.ts. */
import { z } from "zod";
import { section } from "../../../problems.ts";
import { supportedMinors } from "../../../support.ts";
import { keyed } from "../../registries.ts";
import { dnsLabel, hostName, network } from "../facts.ts";
import { type AddOnName, addOnNames } from "./add-on-plan.ts";
import { eksProblems } from "./problems.ts";

/** A strict object like {@link section}, that answers keys from another time with what takes their place now. */
function advised<const T extends z.core.$ZodLooseShape>(shape: T, advice: Readonly<Record<string, string>>) {
  const quoted = (keys: readonly string[]) => keys.map((key) => `"${key}"`).join(", ");
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return undefined;
      const old = issue.keys.find((key) => Object.hasOwn(advice, key));
      const why = old === undefined ? `its keys are ${quoted(Object.keys(shape))}` : (advice[old] ?? "");
      return `has no key ${quoted(issue.keys)}, ${why}`;
    },
  });
}

const accessEntries =
  "the cluster knows access entries only: give the role a name under quintet:cluster.access.admins, viewers or teams";

/** What the ConfigMap aws-auth and the modes around it were called. */
const awsAuth = Object.fromEntries(
  ["authenticationMode", "awsAuth", "mapRoles", "mapUsers", "roleMappings", "userMappings"].map((key) => [
    key,
    accessEntries,
  ]),
);

const distinct = <T extends z.ZodType<string>>(item: T) =>
  z.array(item).refine((list) => new Set(list).size === list.length, "must not name anything twice");

const wholeNumber = (min: number, max: number) => {
  const message = `must be a whole number from ${String(min)} to ${String(max)}`;
  return z.int(message).min(min, message).max(max, message);
};

const bitsOf = (cidr: string) => Number(cidr.split("/")[1]);

const minors = supportedMinors("Amazon EKS");

/** A kubelet's release. Which one goes with the control plane, known here or not, is node-group-plan.ts's to say. */
const kubelet = z.string('must be text in quotes like "1.36"').regex(/^1\.\d+$/, 'must be a minor release like "1.36"');

const minor = z
  .string('must be text in quotes like "1.36"')
  .refine((version) => minors.includes(version), `is not supported, use one of ${minors.join(", ")}`);

/** A region of the commercial partition: the others have ARNs and service names of their own. */
const region = z
  .string()
  .regex(
    /^(?!us-gov-|us-iso|cn-|eusc-)[a-z]{2}-[a-z]+-\d$/,
    "must be a region of the commercial partition like eu-central-1",
  );

/** An availability zone. Its letter decides which part of the VPC it gets, and AWS has none after f. */
const zone = z.string().regex(/^[a-z]{2}-[a-z]+-\d[a-f]$/, "must be an availability zone like eu-central-1a");

const zones = distinct(zone).min(2, "must name at least two zones: EKS runs its API servers in two or more");

const role = z
  .string()
  .regex(
    /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/,
    "must be the ARN of a role like arn:aws:iam::111122223333:role/operations",
  );

const outsider = network.refine(
  (cidr) => !cidr.endsWith("/0"),
  "is everybody: name the networks from which people and machines really call",
);

/** What a private cluster calls in AWS; each has an address in the VPC, so that no call leaves it. */
const endpointServices = [
  "autoscaling",
  "ec2",
  "ecr.api",
  "ecr.dkr",
  "eks",
  "eks-auth",
  "elasticloadbalancing",
  "logs",
  "sts",
] as const;

/** An AWS service that is called through an address in the VPC. */
export type EndpointService = (typeof endpointServices)[number];

const labelKey = z
  .string()
  .regex(
    /^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/,
    "must be a label's key like team or example.com/team",
  )
  .refine((key) => !/(^|\.)(kubernetes|k8s)\.io\//.test(key), "lies in kubernetes.io, which belongs to Kubernetes");
const labelValue = z
  .string()
  .regex(
    /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/,
    'must be a label\'s value: at most 63 letters, digits, "-", "_" and "."',
  );

const taint = section({
  key: labelKey,
  value: labelValue.optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});

const nodeGroup = section({
  /** The instance types that it may start, the preferred one first; spot capacity wants several. */
  instanceTypes: distinct(
    z.string().regex(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, "must be an instance type like m7i.large"),
  ).min(1, "names no instance type"),
  /** @default Amazon Linux 2023 for Intel and AMD processors */
  amiType: z.enum(["AL2023_x86_64_STANDARD", "AL2023_ARM_64_STANDARD"]).default("AL2023_x86_64_STANDARD"),
  /** Whether EC2 may take the nodes back when it needs them. */
  capacity: z.enum(["on-demand", "spot"]).default("on-demand"),
  /** How many nodes there are at least and at most, and to begin with: later an autoscaler decides. */
  nodes: section({ min: wholeNumber(0, 450), desired: wholeNumber(0, 450), max: wholeNumber(1, 450) }),
  /** The size of each node's root volume, gp3. */
  diskGiB: wholeNumber(20, 16384).default(50),
  labels: keyed(labelKey, labelValue).default({}),
  taints: z.array(taint).max(50, "has more than the 50 that EKS takes").default([]),
  /** Where its nodes are; naming others replaces the group. @default controlPlaneZones */
  zones: distinct(zone).min(1, "names no zone, name one or leave the key out").optional(),
  /** How many of its nodes may be away at once while it is updated. */
  maxUnavailable: wholeNumber(1, 100).default(1),
  /** Groups of a wave are updated together, and those of the next once all of them are done. */
  wave: wholeNumber(1, 10).default(1),
  /** The minor release of its kubelets, when it does not follow the cluster yet. @default the cluster's */
  version: kubelet.optional(),
  /** The release of its image. @default that of versions.ts */
  release: z
    .string()
    .regex(/^\d+\.\d+\.\d+-\d{8}$/, "must be a release of EKS's images like 1.36.3-20260903")
    .optional(),
});

const addOn = section({
  enabled: z.boolean().default(true),
  /** @default that of versions.ts */
  version: z
    .string()
    .regex(/^v\d+\.\d+\.\d+-eksbuild\.\d+$/, "must be one build like v1.14.3-eksbuild.16")
    .optional(),
  /** What the add-on is told, in its own words: `aws eks describe-addon-configuration` lists them. */
  configuration: z.record(z.string(), z.unknown()).default({}),
}).prefault({});

/** One key for each add-on. */
const addOns = section(
  Object.fromEntries(addOnNames.map((name) => [name, addOn])) as Record<AddOnName, typeof addOn>, // they are all of them
).prefault({});

const vpc = section({
  /** From /16 to /20; nodes and pods take their addresses from it. */
  cidr: network.refine(
    (cidr) => bitsOf(cidr) >= 16 && bitsOf(cidr) <= 20,
    "must be a network from /16, the largest that AWS has, to /20, the smallest that leaves room for pods",
  ),
  /** Where there are subnets. One more changes nothing in those there are. */
  zones,
  /** The ways out: one in the first zone for all, or one in each, so that a zone that fails takes no other with it. */
  nat: z.enum(["one", "per-zone"]).default("per-zone"),
  /** The AWS services that are called without leaving the VPC; S3 always is. */
  endpoints: distinct(z.enum(endpointServices)).default([
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "logs",
    "sts",
  ]),
});

const endpoint = section({
  /** Whether the API server answers inside the VPC. */
  private: z.boolean().default(true),
  /** From where it answers on the internet. @default nowhere */
  publicCidrs: distinct(outsider).max(40, "has more than the 40 that EKS takes").default([]),
  /** From where the private one may be called besides the nodes: peered networks, a VPN, a pipeline's runners. */
  privateCidrs: distinct(outsider).default([]),
}).prefault({});

const kubernetesGroup = z
  .string()
  .min(1, "must not be empty")
  .refine(
    (name) => !/^(system|eks|aws|amazon|iam):/.test(name),
    "starts with system:, eks:, aws:, amazon: or iam:, which EKS keeps for itself",
  );

const access = advised(
  {
    /** The role for the day when no other gets in. Its entry is protected. */
    breakGlass: role,
    /** The role that runs `pulumi up`: EKS gives its creator nothing by itself. */
    deployer: role,
    /** Roles that may do everything, by name. */
    admins: keyed(dnsLabel, role).default({}),
    /** Roles that may read everything but Secrets, by name. */
    viewers: keyed(dnsLabel, role).default({}),
    /** Roles whose rights come from the Kubernetes groups they are in, such as those of a tenant, by name. */
    teams: keyed(dnsLabel, section({ role, groups: distinct(kubernetesGroup).min(1, "names no group") })).default({}),
  },
  awsAuth,
);

/** For how many days CloudWatch can keep logs. */
const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** A cluster that AWS runs, with its network, nodes and add-ons. */
export const eksSchema = advised(
  {
    kind: z.literal("eks"),
    /** Its name in AWS. Another one is another cluster. */
    name: dnsLabel,
    /** The account it is in; in any other one nothing is done. */
    account: z
      .string('must be text in quotes like "111122223333"')
      .regex(/^\d{12}$/, "must be the 12 digits of an AWS account"),
    region,
    /** The minor release of the control plane. */
    version: minor,
    vpc,
    /** The addresses of Services, which EKS never changes. */
    serviceCidr: network
      .refine((cidr) => bitsOf(cidr) >= 12 && bitsOf(cidr) <= 24, "must be a network from /12 to /24")
      .refine((cidr) => /^(10|172\.(1[6-9]|2\d|3[01])|192\.168)\./.test(cidr), "must be a private network (RFC 1918)")
      .default("172.20.0.0/16"),
    endpoint,
    access,
    /**
     * The zones from which EKS reaches the nodes. It takes others only in a new cluster, so a zone that is appended leaves
     * them as they are. @default the first three of vpc.zones
     */
    controlPlaneZones: zones.optional(),
    /** The nodes, by the name of their group. */
    nodeGroups: keyed(dnsLabel, nodeGroup).default({}),
    /** Whether EKS starts and stops nodes itself, with its own network, DNS, storage and load balancers. */
    autoMode: z.boolean().default(false),
    /**
     * What a NetworkPolicy means: nothing ("off"), what Kubernetes says ("standard"), or that a pod that no policy names
     * talks to nobody ("strict").
     */
    networkPolicy: z.enum(["strict", "standard", "off"]).default("strict"),
    addOns,
    /**
     * The public hosted zone of Route 53 that the names of the ingress stand in: external-dns keeps them there. @default
     * they are put into DNS by hand
     */
    publicZone: section({
      id: z.string().regex(/^Z[A-Z0-9]{5,31}$/, "must be the id of a hosted zone like Z0123456789ABCDEFGHIJ"),
      domain: hostName,
    }).optional(),
    /**
     * Whether `pulumi destroy` and AWS refuse to delete what cannot be had back. Before it is turned off for good, take
     * the tenants away and run `up`: their load balancers and volumes go with their namespaces, not with the cluster.
     */
    deletionProtection: z.boolean().default(true),
    /** How many days CloudWatch keeps the control plane's and the network's logs. */
    logRetentionDays: z
      .literal(retentions, `must be a number of days that CloudWatch knows: ${retentions.join(", ")}`)
      .default(365),
    /**
     * What EKS does with a cluster that is still at its release when the 14 months of standard support end: upgrade its
     * control plane by one minor ("standard"), or charge six times the price for up to 12 months more ("extended").
     *
     * EKS's own default is the bill. Here it is the upgrade, which leaves the nodes where they are, as the version skew
     * policy allows: each run warns from 90 days before, and who needs longer says so where it is read, and paid for.
     * After EKS has upgraded, run `npm run refresh` and raise `version`
     * (docs.aws.amazon.com/eks/latest/userguide/extended-support-control.html).
     *
     * @default the upgrade, "standard"
     */
    supportType: z.enum(["standard", "extended"]).default("standard"),
    /** Whether AWS may lead traffic away from a zone that is in trouble. */
    zonalShift: z.boolean().default(true),
  },
  awsAuth,
).superRefine((config, context) => {
  for (const [path, message] of eksProblems(config)) context.addIssue({ code: "custom", path, message });
});

/** The configuration of a cluster that AWS runs, valid and with every default. */
export type EksConfig = z.infer<typeof eksSchema>;

/** One group of nodes. */
export type NodeGroupConfig = EksConfig["nodeGroups"][string];
