/** The add-ons of EKS: which there are, what each may be told, what each needs, and what is there before what. */
import { coerce, lt } from "semver";
import { versions } from "../../../versions.ts";
import { type Contradiction, minorOf } from "../facts.ts";
import { corefile } from "../../coredns-plan.ts";
import type { DnsSettings } from "../../coredns-schema.ts";
import { clusterTag } from "./name-plan.ts";
import type { EksConfig } from "./schema.ts";

/** What is known of an add-on without asking EKS. */
interface AddOnKind {
  /**
   * Whether it must be there before a node joins. Those that run on every node become active on none; the others stay
   * degraded until a node takes their pods, and would make the first `up` wait for nodes that wait for them.
   */
  readonly before: boolean;
  /** The service account of its pods that acts in AWS, through Pod Identity. */
  readonly serviceAccount?: string;
  /** The keys of its configuration that are passed on, from `aws eks describe-addon-configuration`. */
  readonly keys: readonly string[];
}

const scheduling = ["affinity", "nodeSelector", "podAnnotations", "podLabels", "resources", "tolerations"] as const;

/** The add-ons, in the order in which they are described. */
export const addOnKinds = {
  "vpc-cni": {
    before: true,
    serviceAccount: "aws-node",
    keys: ["env", "init", "livenessProbeTimeoutSeconds", "nodeAgent", "readinessProbeTimeoutSeconds", ...scheduling],
  },
  "kube-proxy": { before: true, keys: ["ipvs", "mode", "podAnnotations", "podLabels", "resources"] },
  "eks-pod-identity-agent": {
    before: true,
    keys: ["agent", "priorityClassName", "updateStrategy", ...scheduling],
  },
  coredns: {
    before: false,
    keys: [
      "autoScaling",
      "corefile",
      "podDisruptionBudget",
      "replicaCount",
      "topologySpreadConstraints",
      ...scheduling,
    ],
  },
  "aws-ebs-csi-driver": {
    before: false,
    serviceAccount: "ebs-csi-controller-sa",
    keys: ["controller", "defaultStorageClass", "node", "sidecars"],
  },
  "metrics-server": {
    before: false,
    keys: [
      "addonResizer",
      "podDisruptionBudget",
      "replicas",
      "topologySpreadConstraints",
      "updateStrategy",
      ...scheduling,
    ],
  },
} as const satisfies Record<string, AddOnKind>;

/** What the environment of the VPC CNI may hold: EKS refuses every other variable, in the middle of an `up`. */
const networkVariables: readonly string[] = [
  "ANNOTATE_POD_IP",
  "AWS_EC2_ENDPOINT",
  "AWS_EXTERNAL_SERVICE_CIDRS",
  "AWS_MANAGE_ENIS_NON_SCHEDULABLE",
  "AWS_VPC_CNI_NODE_PORT_SUPPORT",
  "AWS_VPC_ENI_MTU",
  "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG",
  "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS",
  "AWS_VPC_K8S_CNI_EXTERNALSNAT",
  "AWS_VPC_K8S_CNI_LOGLEVEL",
  "AWS_VPC_K8S_CNI_LOG_FILE",
  "AWS_VPC_K8S_CNI_RANDOMIZESNAT",
  "AWS_VPC_K8S_CNI_VETHPREFIX",
  "AWS_VPC_K8S_PLUGIN_LOG_FILE",
  "AWS_VPC_K8S_PLUGIN_LOG_LEVEL",
  "CLUSTER_ENDPOINT",
  "DISABLE_INTROSPECTION",
  "DISABLE_LEAKED_ENI_CLEANUP",
  "DISABLE_METRICS",
  "DISABLE_NETWORK_RESOURCE_PROVISIONING",
  "DISABLE_POD_V6",
  "ENABLE_BANDWIDTH_PLUGIN",
  "ENABLE_POD_ENI",
  "ENABLE_PREFIX_DELEGATION",
  "ENABLE_SUBNET_DISCOVERY",
  "ENABLE_V4_EGRESS",
  "ENABLE_V6_EGRESS",
  "ENI_CONFIG_ANNOTATION_DEF",
  "ENI_CONFIG_LABEL_DEF",
  "INTROSPECTION_BIND_ADDRESS",
  "IP_COOLDOWN_PERIOD",
  "MAX_ENI",
  "MINIMUM_IP_TARGET",
  "POD_SECURITY_GROUP_ENFORCING_MODE",
  "WARM_ENI_TARGET",
  "WARM_IP_TARGET",
  "WARM_PREFIX_TARGET",
];

/** The name of an add-on. */
export type AddOnName = keyof typeof addOnKinds;

/** The names of all add-ons. */
export const addOnNames = Object.keys(addOnKinds) as AddOnName[]; // the literal's own keys

/** One add-on as it is installed. */
export interface AddOnPlan {
  readonly name: AddOnName;
  readonly version: string;
  readonly before: boolean;
  readonly serviceAccount?: string;
  /** The JSON that EKS takes, with sorted keys so that it does not change by itself; absent when there is none. */
  readonly configuration?: string;
}

/** An add-on whose pods act in AWS. */
export type IdentifiedAddOn = AddOnPlan & {
  readonly name: { [N in AddOnName]: (typeof addOnKinds)[N] extends { serviceAccount: string } ? N : never }[AddOnName];
  readonly serviceAccount: string;
};

/** Whether an add-on's pods act in AWS. */
export const hasIdentity = (plan: AddOnPlan): plan is IdentifiedAddOn => plan.serviceAccount !== undefined;

/** What Auto Mode runs outside the cluster's own pods. */
const autoModeBrings: readonly AddOnName[] = addOnNames.filter((name) => name !== "metrics-server");

/** The driver's first release that tells volumes of one cluster from those of another in their tags. */
const firstScopedDriver = "1.58.0";

/** The add-ons that a configuration wants, those that come before nodes first. */
export function planAddOns(
  config: Pick<EksConfig, "name" | "version" | "autoMode" | "networkPolicy" | "addOns">,
  dns: DnsSettings,
): AddOnPlan[] {
  const wanted = addOnNames.filter((name) => isWanted(config, name));
  return [true, false].flatMap((before) =>
    wanted
      .filter((name) => addOnKinds[name].before === before)
      .map((name) => {
        const kind: AddOnKind = addOnKinds[name];
        const configuration = configurationOf(config, name, dns);
        return {
          name,
          version: versionOf(config, name) ?? "",
          before,
          ...(kind.serviceAccount === undefined ? {} : { serviceAccount: kind.serviceAccount }),
          ...(Object.keys(configuration).length === 0 ? {} : { configuration: JSON.stringify(sorted(configuration)) }),
        };
      }),
  );
}

/** Whether an add-on is installed by this stack. */
export function isWanted(config: Pick<EksConfig, "autoMode" | "addOns">, name: AddOnName): boolean {
  return config.addOns[name].enabled && !(config.autoMode && autoModeBrings.includes(name));
}

const pins: Readonly<
  Record<string, { readonly nodes: string; readonly addOns?: Readonly<Record<AddOnName, string>> }>
> = versions.eks;

const versionOf = (config: Pick<EksConfig, "version" | "addOns">, name: AddOnName): string | undefined =>
  config.addOns[name].version ?? pins[config.version]?.addOns?.[name];

/** What an add-on is told: what the stack says, and what follows from the rest of its configuration. */
function configurationOf(
  config: Pick<EksConfig, "name" | "networkPolicy" | "addOns">,
  name: AddOnName,
  dns: DnsSettings,
): Record<string, unknown> {
  const own = config.addOns[name].configuration;
  if (name === "coredns") return dnsConfiguration(dns, own);
  if (name !== "vpc-cni") return own;
  const env = typeof own["env"] === "object" && own["env"] !== null ? own["env"] : {};
  return {
    ...own,
    env: {
      ...env,
      // Its role may touch only network interfaces that carry the cluster's name.
      ADDITIONAL_ENI_TAGS: JSON.stringify({ [clusterTag]: config.name }),
      ...(config.networkPolicy === "off" ? {} : { NETWORK_POLICY_ENFORCING_MODE: config.networkPolicy }),
    },
    enableNetworkPolicy: String(config.networkPolicy !== "off"),
  };
}

/**
 * What CoreDNS is told: a replica for each 16 nodes or 256 processors, which EKS counts itself, and two at least
 * (docs.aws.amazon.com/eks/latest/userguide/coredns-autoscaling.html), on different nodes; and the names that others
 * answer for. Without such its Corefile is EKS's own. Its budget is, too.
 */
function dnsConfiguration(dns: DnsSettings, own: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const labelSelector = { matchLabels: { "k8s-app": "kube-dns" } };
  const [host, zone] = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"];
  const set = dns.upstream.length > 0 || Object.keys(dns.stubDomains).length > 0;
  return {
    ...(own["replicaCount"] === undefined ? { autoScaling: { enabled: true, minReplicas: 2, maxReplicas: 10 } } : {}),
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: host, whenUnsatisfiable: "DoNotSchedule", labelSelector },
      { maxSkew: 1, topologyKey: zone, whenUnsatisfiable: "ScheduleAnyway", labelSelector },
    ],
    ...(set ? { corefile: corefile("cluster.local", dns) } : {}),
    ...own,
  };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What is wrong with the add-ons of a configuration whose parts each have the right shape. */
export function addOnProblems(config: EksConfig): Contradiction[] {
  return [
    ...autoModeProblems(config),
    ...addOnNames.filter((name) => isWanted(config, name)).flatMap((name) => versionProblems(config, name)),
    ...addOnNames.flatMap((name) => configurationProblems(config, name)),
    ...prerequisiteProblems(config),
  ];
}

function autoModeProblems({ autoMode, addOns }: EksConfig): Contradiction[] {
  if (!autoMode) return [];
  return autoModeBrings
    .filter((name) => addOns[name].version !== undefined || Object.keys(addOns[name].configuration).length > 0)
    .map((name) => [
      ["addOns", name],
      "is set, but under autoMode EKS runs its own: leave it out, or turn autoMode off",
    ]);
}

function versionProblems(config: EksConfig, name: AddOnName): Contradiction[] {
  const at = ["addOns", name, "version"];
  const version = versionOf(config, name);
  if (version === undefined) {
    if (pins[config.version] === undefined) return []; // no release of EKS that is supported: said where it stands
    const advice = `aws eks describe-addon-versions --addon-name ${name} --kubernetes-version ${config.version}`;
    return [[at, `is missing, and versions.ts pins none for Kubernetes ${config.version}: \`${advice}\` lists them`]];
  }
  const parsed = coerce(version);
  const cluster = coerce(config.version);
  if (parsed === null || cluster === null) return [];
  if (name === "kube-proxy" && (parsed.minor > cluster.minor || parsed.minor < cluster.minor - 3)) {
    const newest = `1.${String(cluster.minor)}`;
    return [
      [
        at,
        `${version} does not go with Kubernetes ${minorOf(config.version)}, its minor release must be ${newest} or at most three older`,
      ],
    ];
  }
  if (name === "aws-ebs-csi-driver" && lt(parsed, firstScopedDriver)) {
    return [
      [
        at,
        `${version} does not mark volumes as this cluster's, which its role demands: use v${firstScopedDriver} or newer`,
      ],
    ];
  }
  return [];
}

/** The keys of an add-on's configuration that follow from others, with where they are set instead. */
const derived: Readonly<Record<string, string>> = {
  enableNetworkPolicy: "quintet:cluster.networkPolicy",
  ADDITIONAL_ENI_TAGS: "quintet:cluster.name",
  NETWORK_POLICY_ENFORCING_MODE: "quintet:cluster.networkPolicy",
  corefile: "quintet:dns",
};

function configurationProblems({ addOns }: EksConfig, name: AddOnName): Contradiction[] {
  const at = ["addOns", name, "configuration"];
  const { configuration } = addOns[name];
  const keys: readonly string[] = addOnKinds[name].keys;
  const env = name === "vpc-cni" ? configuration["env"] : undefined;
  const inside = typeof env === "object" && env !== null ? env : {};
  return [
    ...Object.keys(configuration).flatMap((key): Contradiction[] => {
      const setBy = derived[key];
      if (setBy !== undefined) return [[[...at, key], `follows from ${setBy}: set it there`]];
      return keys.includes(key)
        ? []
        : [[at, `has no key "${key}", its keys are ${keys.map((one) => `"${one}"`).join(", ")}`]];
    }),
    ...Object.entries(inside).flatMap(([key, value]): Contradiction[] => {
      const setBy = derived[key];
      if (setBy !== undefined) return [[[...at, "env", key], `follows from ${setBy}: set it there`]];
      if (!networkVariables.includes(key)) {
        return [[[...at, "env"], `has no variable ${key}, it has ${networkVariables.join(", ")}`]];
      }
      return typeof value === "string"
        ? []
        : [[[...at, "env", key], "must be text, write numbers and booleans in quotes"]];
    }),
  ];
}

function prerequisiteProblems(config: EksConfig): Contradiction[] {
  if (config.autoMode) return [];
  const { addOns, networkPolicy } = config;
  const found: Contradiction[] = [];
  if (!addOns["eks-pod-identity-agent"].enabled) {
    const needy = addOnNames.filter((name) => "serviceAccount" in addOnKinds[name] && addOns[name].enabled);
    if (needy.length > 0) {
      found.push([
        ["addOns", "eks-pod-identity-agent", "enabled"],
        `is off, but ${needy.join(" and ")} get${needy.length === 1 ? "s" : ""} the right to act in AWS from it: leave it on`,
      ]);
    }
  }
  if (!addOns["vpc-cni"].enabled && networkPolicy !== "off") {
    found.push([
      ["networkPolicy"],
      `is ${networkPolicy}, but addOns.vpc-cni, which enforces it, is off: say off, or leave vpc-cni on`,
    ]);
  }
  return found;
}
