/** The shape of `quintet:cluster` of kind "k3s": nodes that are there already, by name, reached over SSH. */
import { parse } from "semver";
import { z } from "zod";
import { section } from "../../../problems.ts";
import { versions } from "../../../versions.ts";
import { cron } from "../../cron.ts";
import { address, addressAt, dnsLabel, hostName, minorOf, network, quantity } from "../facts.ts";
import { k3sProblems } from "./rules.ts";
import { hostKeyProblem } from "./secrets.ts";

/** The settings of the kernel that the kubelet insists on under protect-kernel-defaults: the k3s CIS hardening guide. */
export const kubeletSysctls = {
  "vm.panic_on_oom": "0",
  "vm.overcommit_memory": "1",
  "kernel.panic": "10",
  "kernel.panic_on_oops": "1",
} as const;

/** What k3s brings along and leaves out when told to (docs.k3s.io, Managing Packaged Components). */
export const bundledParts = ["coredns", "local-storage", "metrics-server", "servicelb", "traefik"] as const;

const version = z
  .string()
  .regex(/^v\d+\.\d+\.\d+\+k3s\d+$/, "must be a release of k3s like v1.36.3+k3s1")
  .refine(
    (text) => parse(text) === null || (versions.kubernetesMinors as readonly string[]).includes(minorOf(text)),
    `is not supported, use one of ${versions.kubernetesMinors.join(", ")}`,
  );

const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "must be a SHA-256 checksum: 64 of 0-9 and a-f, from the release's sha256sum file");

const port = z.int("must be a port from 1 to 65535").min(1, "must be a port from 1 to 65535").max(65535, {
  error: "must be a port from 1 to 65535",
});

const user = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,31}$/, "must be the name of a user on the nodes, like root or quintet");

const noHostKey = "is missing: an SSH server is never trusted blindly, give its public key from its own console";

const hostKey = z
  .string({ error: ({ input }) => (input === undefined ? noHostKey : undefined) })
  .superRefine((text, context) => {
    const problem = hostKeyProblem(text);
    if (problem !== undefined) context.addIssue(problem);
  });

const labelKey = /^(?:[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/;

/** What a kubelet may not say of itself (the admission plugin NodeRestriction), beside what Quintet says. */
const reservedLabel =
  /^(?!(?:kubelet|node)\.kubernetes\.io\/)(?:[a-z0-9.-]+\.)?(?:kubernetes|k8s)\.io\/|^quintet\.dev\//;

const labels = z
  .record(z.string(), z.string().regex(labelValue, "is no value of a label"))
  .superRefine((all, context) => {
    for (const key of Object.keys(all)) {
      if (!labelKey.test(key)) context.addIssue({ code: "custom", path: [key], message: "is no key of a label" });
      if (reservedLabel.test(key)) {
        context.addIssue({
          code: "custom",
          path: [key],
          message: "a node may not say this of itself: use a prefix of your own, like example.com/disk",
        });
      }
    }
  });

const taint = z
  .string()
  .regex(
    /^(?:[a-z0-9][a-z0-9.-]*\/)?[A-Za-z0-9][\w.-]{0,62}(?:=[\w.-]{0,63})?:(?:NoSchedule|PreferNoSchedule|NoExecute)$/,
    "must be a taint like example.com/dedicated=database:NoSchedule",
  );

const sysctls = z
  .record(z.string(), z.string().regex(/^[\w .:+-]{1,200}$/, "is no value of a kernel setting, write it as text"))
  .superRefine((all, context) => {
    for (const key of Object.keys(all)) {
      if (!/^[a-z0-9_]+(\.[\w/-]+)+$/.test(key)) {
        context.addIssue({
          code: "custom",
          path: [key],
          message: "is no kernel setting, write it like vm.max_map_count",
        });
      } else if (key in kubeletSysctls) {
        context.addIssue({
          code: "custom",
          path: [key],
          message: "is what the kubelet insists on (protect-kernel-defaults), leave it out",
        });
      }
    }
  });

/** What is kept from pods on a node. */
const reserved = section({ cpu: quantity.optional(), memory: quantity.optional() });

const node = section({
  /** Its host name, which the pre-flight check compares. */
  name: dnsLabel,
  /** Its address in nodeCidr: SSH goes there, and so do the other nodes. */
  address,
  /** Where it stands, which it carries as `topology.kubernetes.io/zone`. */
  rack: dnsLabel,
  /** A server runs the API and etcd, and pods like an agent. */
  role: z.enum(["server", "agent"]),
  /**
   * The public key of its SSH server, type and base64: the first two words of /etc/ssh/ssh_host_ed25519_key.pub, read on
   * the machine's own console.
   */
  hostKey,
  /** The port of its SSH server. @default that of ssh */
  port: port.optional(),
  /** Further labels, given when the node first joins. @default none */
  labels: labels.default({}),
  /** Taints, given when the node first joins. @default none */
  taints: z.array(taint).default([]),
  /** What is kept for the system and for Kubernetes' own processes. @default nothing */
  reservations: section({ system: reserved.optional(), kubernetes: reserved.optional() }).default({}),
  /** Further settings of its kernel. @default none */
  sysctls: sysctls.default({}),
  /** One more makes it anew: it leaves the cluster, or is cleared away when it is dead, and joins without its old data. */
  generation: z.int().min(0, "must be a whole number, and one more than the last").default(0),
  /** The release it stays at while an upgrade goes on in waves. @default that of the cluster */
  version: version.optional(),
  /** The checksum of that release's binary. */
  sha256: sha256.optional(),
});

const wholeRetention = "must be a whole number of snapshots from 1 to 1000";

const snapshots = section({
  /** When etcd is saved on each server, as five fields of cron. @default every six hours */
  schedule: cron.default("0 */6 * * *"),
  /** How many are kept on each server. @default 28, a week of them */
  retention: z.int(wholeRetention).min(1, wholeRetention).max(1000, wholeRetention).default(28),
  /** Refused: k3s' own upload does not encrypt. */
  s3: z
    .never("is not supported, since k3s uploads snapshots unencrypted: say quintet:backup with kind etcd, and its s3")
    .optional(),
});

const source = z.discriminatedUnion(
  "from",
  [
    section({
      from: z.literal("download"),
      /** What the release's name and the binary's stand under. */
      url: z
        .url({ protocol: /^https$/, error: "must be an https URL" })
        .regex(/^[\w.:/~-]+$/, "must be a plain https URL without a query or a login")
        .default("https://github.com/k3s-io/k3s/releases/download"),
    }),
    section({
      from: z.literal("artifact"),
      /** Path of the binary on the operator's machine, from the project's folder. */
      binary: z.string().min(1),
      /** The checksum of the image archive. */
      imagesSha256: sha256,
      /** Path of the release's image archive, like k3s-airgap-images-amd64.tar.zst. */
      images: z
        .string()
        .regex(/\.tar(\.gz|\.zst)?$/, "must end in .tar, .tar.gz or .tar.zst, or containerd passes it over"),
    }),
  ],
  'expected an object with from "download" or "artifact"',
);

/** The shape of `quintet:cluster` of kind "k3s". */
export const k3sSchema = section({
  kind: z.literal("k3s"),
  /** Its name, which the kubeconfig carries. */
  name: dnsLabel,
  /** The release of k3s on every node that names none of its own. */
  version,
  /** The checksum of the release's binary. */
  sha256,
  /** What the nodes' processors are. */
  arch: z.enum(["amd64", "arm64"]).default("amd64"),
  /** Where the binary comes from. @default the official releases */
  source: source.prefault({ from: "download" }),
  /** Where clients and joining nodes find the API: a name or address that leads to the servers that are up. */
  api: section({ host: hostName, port: port.default(6443) }),
  ssh: section({
    user,
    port: port.default(22),
    /** The host that the nodes are reached through, with the same key. @default none */
    jump: section({ host: hostName, user, port: port.default(22), hostKey }).optional(),
  }),
  /** The network of the nodes' addresses. */
  nodeCidr: network,
  podCidr: network.default("10.42.0.0/16"),
  serviceCidr: network.default("10.43.0.0/16"),
  /** The Service address of the cluster's DNS. @default the tenth of serviceCidr */
  clusterDns: address.optional(),
  clusterDomain: hostName.default("cluster.local"),
  /** Who connects pods: flannel with k3s' own NetworkPolicy controller, or what is installed afterwards. */
  cni: z
    .enum(["flannel", "none"], 'expected one of "flannel" and "none": a cluster has one network')
    .default("flannel"),
  /** Which of its parts k3s leaves out. @default its ingress controller */
  disable: z
    .array(z.enum(bundledParts))
    .refine((list) => new Set(list).size === list.length, "must not name anything twice")
    .default(["traefik"]),
  nodes: z.array(node).min(1, "a cluster has at least one node"),
  snapshots: snapshots.prefault({}),
  /** One more makes every node renew its certificates, one node at a time. @default 0 */
  certificateGeneration: z.int().min(0, "must be a whole number, and one more than the last").default(0),
}).superRefine((config, context) => {
  for (const [path, message] of k3sProblems(config)) context.addIssue({ code: "custom", path, message });
});

/** A cluster of k3s as the configuration describes it, valid. */
export type K3sConfig = z.infer<typeof k3sSchema>;

/** One of its nodes. */
export type K3sNode = K3sConfig["nodes"][number];

/** The Service address of the cluster's DNS. */
export function clusterDnsOf({ clusterDns, serviceCidr }: Pick<K3sConfig, "clusterDns" | "serviceCidr">): string {
  return clusterDns ?? addressAt(serviceCidr, 10);
}
