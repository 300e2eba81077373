/**
 * Whom the add-ons in kube-system may talk to. In strict mode a pod that no NetworkPolicy names talks to nobody: without
 * these DNS would never become ready, and nothing after it
 * (docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html).
 */
import type { EksConfig } from "./schema.ts";
import { isWanted } from "./add-on-plan.ts";
import { controlPlaneRanges, kubernetesService } from "./facts.ts";
import { resolverOf } from "./subnet-plan.ts";

/** A NetworkPolicy of Kubernetes, as far as it is used here. */
export interface SystemPolicy {
  readonly role: string;
  readonly spec: {
    readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly policyTypes: readonly ["Ingress", "Egress"];
    readonly ingress: readonly { readonly from?: readonly Peer[]; readonly ports: readonly Port[] }[];
    readonly egress: readonly { readonly to: readonly Peer[]; readonly ports: readonly Port[] }[];
  };
}

type Peer =
  | { readonly ipBlock: { readonly cidr: string } }
  | { readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> } };

interface Port {
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
}

const dnsPods = { "k8s-app": "kube-dns" };
const tcp = (...ports: number[]): Port[] => ports.map((port) => ({ protocol: "TCP", port }));
const dns: readonly Port[] = [{ protocol: "UDP", port: 53 }, ...tcp(53)];
const blocks = (...cidrs: string[]): Peer[] => cidrs.map((cidr) => ({ ipBlock: { cidr } }));

/** Where the Pod Identity agent of each node answers. */
const podIdentityAgent = "169.254.170.23/32";
/** The VPC's own resolver, at the address that is the same in every VPC. */
const resolver = "169.254.169.253/32";

/**
 * What switches enforcement on where EKS runs the network itself, the data of the ConfigMap kube-system/amazon-vpc-cni:
 * until it is there, Auto Mode accepts NetworkPolicies without heeding them
 * (docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html). Nothing where an add-on is told.
 */
export function autoModeNetwork({
  autoMode,
  networkPolicy,
}: Pick<EksConfig, "autoMode" | "networkPolicy">): Readonly<Record<string, string>> | undefined {
  if (!autoMode || networkPolicy === "off") return undefined;
  return { "enable-network-policy-controller": "true" };
}

/** The policies for the add-ons that a strict cluster runs in pods of their own; none when it is not strict. */
export function planSystemPolicies(
  config: Pick<
    EksConfig,
    "name" | "vpc" | "serviceCidr" | "controlPlaneZones" | "networkPolicy" | "autoMode" | "addOns"
  >,
): SystemPolicy[] {
  if (config.networkPolicy !== "strict") return [];
  const { vpc } = config;
  const controlPlane = controlPlaneRanges(config);
  // The Service's address as a pod sees it, and what it stands for.
  const api = { to: blocks(`${kubernetesService(config)}/32`, ...controlPlane), ports: tcp(443) };
  const names = { to: [{ podSelector: { matchLabels: dnsPods } }], ports: dns };
  const ec2 = { to: blocks(vpc.endpoints.includes("ec2") ? vpc.cidr : "0.0.0.0/0"), ports: tcp(443) };
  const policies = {
    coredns: [
      policy("coredns", dnsPods, {
        ingress: [{ ports: [...dns, ...tcp(9153)] }],
        egress: [api, { to: blocks(`${resolverOf(vpc.cidr)}/32`, resolver), ports: dns }],
      }),
    ],
    "metrics-server": [
      policy(
        "metrics-server",
        { "app.kubernetes.io/name": "metrics-server" },
        {
          ingress: [{ from: blocks(...controlPlane), ports: tcp(10250, 10251) }],
          egress: [api, names, { to: blocks(vpc.cidr), ports: tcp(10250) }],
        },
      ),
    ],
    "aws-ebs-csi-driver": [
      policy(
        "ebs-csi-controller",
        { app: "ebs-csi-controller" },
        {
          ingress: [],
          egress: [api, names, ec2, { to: blocks(podIdentityAgent), ports: tcp(80) }],
        },
      ),
      policy("ebs-csi-node", { app: "ebs-csi-node" }, { ingress: [], egress: [api, names] }),
    ],
  } as const;
  return (Object.keys(policies) as (keyof typeof policies)[]) // the literal's own keys
    .filter((name) => isWanted(config, name))
    .flatMap((name) => policies[name]);
}

const policy = (
  role: string,
  matchLabels: Readonly<Record<string, string>>,
  rules: Pick<SystemPolicy["spec"], "ingress" | "egress">,
): SystemPolicy => ({ role, spec: { podSelector: { matchLabels }, policyTypes: ["Ingress", "Egress"], ...rules } });
