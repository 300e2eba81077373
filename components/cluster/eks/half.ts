/** What the add-ons of EKS add to the connectivity graph, and what makes Auto Mode heed NetworkPolicies. */
import type { Edge, Half, Peer, Workload } from "../../connectivity-graph.ts";
import { lookups, roleEdge } from "../half.ts";
import { metricsEdges } from "../metrics-half.ts";
import { isWanted } from "./add-on-plan.ts";
import type { EksConfig } from "./schema.ts";
import { planSubnets } from "./subnet-plan.ts";

const namespace = "kube-system";

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

/**
 * The add-ons with pods of their own besides CoreDNS, and whom they may talk to. In strict mode a pod that no
 * NetworkPolicy names talks to nobody (docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html).
 */
export function eksHalf(config: Pick<EksConfig, "name" | "vpc" | "serviceCidr" | "autoMode" | "addOns">): Half {
  const metrics: Workload = {
    namespace,
    name: "metrics-server",
    labels: { "app.kubernetes.io/name": "metrics-server" },
    // EKS' builds have listened on either.
    ports: { https: { port: 10250 }, "https-eks": { port: 10251 } },
  };
  const [controller, driver] = ["ebs-csi-controller", "ebs-csi-node"].map((name): Workload => ({
    namespace,
    name,
    labels: { app: name },
  })) as [Workload, Workload]; // one for each name
  const halves = {
    "metrics-server": { workloads: [metrics], edges: [...metricsEdges(metrics), ...names(metrics)] },
    "aws-ebs-csi-driver": {
      workloads: [controller, driver],
      edges: [
        ...[controller, driver].flatMap((one) => [api(one), ...names(one)]),
        { from: refOf(controller), to: "ec2", port: "https", why: "volumes are made and attached" },
        roleEdge(refOf(controller)),
      ],
    },
  } as const;
  const wanted = (Object.keys(halves) as (keyof typeof halves)[]) // the literal's own keys
    .filter((name) => isWanted(config, name))
    .map((name): Pick<Half, "workloads" | "edges"> => halves[name]);
  return {
    of: "eks",
    peers: { ec2: ec2(config), "pod-identity": podIdentity },
    workloads: wanted.flatMap(({ workloads = [] }) => workloads),
    edges: wanted.flatMap(({ edges = [] }) => edges),
  };
}

const refOf = ({ name }: Workload) => `${namespace}/${name}`;

const api = (workload: Workload): Edge => ({
  from: refOf(workload),
  to: "api-server",
  port: "https",
  why: "claims and volumes are read and written",
});

const names = (workload: Workload): Edge[] => lookups(refOf(workload), "names are resolved");

/** Where EC2's API answers: at its addresses in the VPC when it has some, and else anywhere outside. */
function ec2({ name, vpc, serviceCidr }: Parameters<typeof eksHalf>[0]): Peer {
  const ports = { https: { port: 443 } };
  if (!vpc.endpoints.includes("ec2")) return { cidrs: ["0.0.0.0/0"], except: [vpc.cidr, serviceCidr], ports };
  const subnets = planSubnets(name, vpc.cidr, vpc.zones).filter(({ tier }) => tier === "intra");
  return { cidrs: subnets.map(({ cidr }) => cidr), ports, amongPods: true };
}

/** The Pod Identity agent, at its address on each node. */
const podIdentity: Peer = { cidrs: ["169.254.170.23/32"], ports: { http: { port: 80 } } };
