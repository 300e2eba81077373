/** The configuration of the ingress: by which names and limits the outside reaches the backend. */
import { z } from "zod";
import { section } from "../problems.ts";
import { parseQuantity } from "../quantity.ts";
import { type ClusterFacts, type Contradiction, dnsLabel, network } from "./cluster/facts.ts";
import { holds } from "./connectivity-graph.ts";
import { everybody } from "./ingress-plan.ts";
import { jwtSchema } from "./jwt-schema.ts";

/** A whole number of a range. */
export const whole = (least: number, most: number, what = "") => {
  const problem = `must be a whole number${what} from ${String(least)} to ${String(most)}`;
  return z.int(problem).min(least, problem).max(most, problem);
};

/** A name in DNS of two labels or more, in lower case as Kubernetes wants it (RFC 1123); no address ends in a letter. */
export const hostName = z
  .string()
  .max(253, "must have at most 253 characters")
  .regex(
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "must be a name in DNS like enroll.example, in lower case and without a scheme, a port or a wildcard",
  );

/** A path that routes match as a prefix: whole segments, as HTTPRoute wants them. */
export const pathPrefix = z
  .string()
  .regex(/^\//, "must start with /")
  .regex(/^[^?#\s]*$/, "must be a path alone, without a query, a fragment or a space")
  .refine((path) => path === "/" || !path.endsWith("/"), "must not end with /, which every path below it has anyway")
  .refine((path) => !path.includes("//") && !/(^|\/)\.{1,2}(\/|$)/.test(path), "must have no empty, . or .. segment")
  .refine((path) => path.length <= 1024, "must have at most 1024 characters");

/** The range in which Kubernetes gives out ports of nodes by default. */
const nodePort = whole(30000, 32767);
const port = whole(1, 65535);

const quantity = z
  .string()
  .refine((text) => (parseQuantity(text) ?? 0n) > 0n, 'must be a Kubernetes quantity above zero like "1Mi"');

/** What one client, and all together, may ask of one gateway pod. */
const limits = section({
  /** How many requests each gateway pod lets through in a second; the others are answered 429. */
  requestsPerSecond: whole(1, 100_000).default(500),
  /** How many at once, after a pause. @default as many as in a second */
  burst: whole(1, 100_000).optional(),
  /** The largest body, which the gateway takes in whole before it calls the backend; a larger one is answered 413. */
  body: quantity.default("1Mi"),
  /** The most that all headers of a request may take, in KiB; more is answered 431. */
  headersKiB: whole(1, 96).default(32),
})
  .refine(({ requestsPerSecond, burst = requestsPerSecond }) => burst >= requestsPerSecond, {
    path: ["burst"],
    error: "must not be below requestsPerSecond, or that many would never get through",
  })
  .refine(({ body }) => (parseQuantity(body) ?? 0n) <= (parseQuantity("64Mi") ?? 0n), {
    path: ["body"],
    error: "must be at most 64Mi: every gateway pod holds the bodies of all its requests",
  })
  .prefault({});

const gateway = section({
  kind: z.literal("gateway"),
  /** The name by which clients call. */
  host: hostName.default("enroll.example"),
  /** Further names that are answered in the same way. */
  aliases: z.array(hostName).default([]),
  /** Where the backend begins; it sees the path without it. */
  path: pathPrefix.default("/api"),
  /** How many gateway pods there are; behind ports of nodes, on each node that answers. */
  replicas: whole(1, 10).default(2),
  /** The networks that clients call from. @default everybody; behind a load balancer of a cloud it has to be said */
  sources: z.array(network).min(1, "lets nobody in: name a network, or leave the key out").optional(),
  /** Behind a load balancer of a cloud: whether it has addresses of the internet or only of the cluster's own network. */
  reachableFrom: z.enum(["internet", "vpc"]).default("internet"),
  /** The nodes that answer, by name, where there is no load balancer. @default the workers, or all when there are none */
  nodes: z.array(dnsLabel).min(1, "names no node, name one or leave the key out").optional(),
  /** Where nodes listen, where there is no load balancer. */
  nodePorts: section({ http: nodePort.default(30080), https: nodePort.default(30443) })
    .refine(({ http, https }) => http !== https, { path: ["https"], error: "is the port of http, too: choose another" })
    .prefault({}),
  /** The ports that clients call, where something in front of the nodes translates them. @default those of the nodes */
  clientPorts: section({ http: port.default(80), https: port.default(443) }).optional(),
  /** How many HTTP proxies stand in front, each of which adds the address that it saw to X-Forwarded-For. */
  trustedProxies: whole(0, 5).default(0),
  limits,
  /** Whose tokens clients have to show. @default none, whoever may call may ask */
  jwt: jwtSchema.optional(),
  /** Whether classic Ingresses of the class "istio" are served, too, in the namespaces of the platform. */
  classic: z.boolean().default(false),
}).superRefine(({ host, aliases }, context) => {
  aliases.forEach((alias, index) => {
    if ([host, ...aliases.slice(0, index)].includes(alias)) {
      context.addIssue({ code: "custom", path: ["aliases", index], message: `${alias} is taken already` });
    }
  });
});

/** Nothing of the mesh is made, and whoever is inside the cluster may call the backend. */
const none = section({ kind: z.literal("none") });

/** The configuration of the ingress. */
export const ingressSchema = z
  .discriminatedUnion("kind", [gateway, none], 'expected an object with kind "gateway" or "none"')
  .prefault({ kind: "gateway" });

/** The configuration of the ingress, checked. */
export type IngressConfig = z.infer<typeof ingressSchema>;

/** That of an ingress that there is. */
export type GatewayConfig = Extract<IngressConfig, { kind: "gateway" }>;

/** What of the ingress cannot be had on a cluster, by its path under `quintet:`. */
export function ingressProblems(
  config: IngressConfig,
  {
    nodes,
    nodeRanges,
    loadBalancer,
    hostAddress,
    podCidr,
    serviceCidr,
    publicZone,
  }: Pick<
    ClusterFacts,
    "nodes" | "nodeRanges" | "loadBalancer" | "hostAddress" | "podCidr" | "serviceCidr" | "publicZone"
  >,
): Contradiction[] {
  if (config.kind === "none") return [];
  const found: Contradiction[] = [];
  const add = (path: (string | number)[], problem: string) => found.push([["ingress", ...path], problem]);
  for (const [who, range] of Object.entries({ pods: podCidr, Services: serviceCidr })) {
    config.sources?.forEach((source, index) => {
      if (nodeRanges === undefined && holds(range, source)) {
        add(
          ["sources", index],
          `${source} lies among the cluster's ${who} ${range}: name the networks of clients outside`,
        );
      }
    });
  }
  const outOfZone = (name: string) =>
    publicZone !== undefined && name !== publicZone.domain && !name.endsWith(`.${publicZone.domain}`);
  const stray = `is not in quintet:cluster.publicZone.domain ${publicZone?.domain ?? ""}: name it there, or leave the zone out`;
  if (outOfZone(config.host)) add(["host"], `${config.host} ${stray}`);
  config.aliases.forEach((name, index) => {
    if (outOfZone(name)) add(["aliases", index], `${name} ${stray}`);
  });
  if (loadBalancer === "cloud") {
    if (config.sources === undefined) {
      add(
        ["sources"],
        `is missing, and the load balancer lets in nobody else: name the networks of the clients, ${everybody} for everybody`,
      );
    }
    if (config.nodes !== undefined) add(["nodes"], "has no effect behind the load balancer of a cloud: leave it out");
    if (config.clientPorts !== undefined) {
      add(["clientPorts"], "has no effect behind the load balancer of a cloud, which has 80 and 443: leave it out");
    }
    return found;
  }
  if (loadBalancer === "host" && hostAddress === undefined) {
    add(
      [],
      "has no address: nobody answers for a load balancer on this cluster, and quintet:cluster.facts.hostAddress is missing. Set it to that of the machine that passes the node ports on",
    );
  }
  if (nodes.length === 0) add([], "has no node to answer on: name the cluster's nodes in its facts");
  config.nodes?.forEach((name, index) => {
    if (!nodes.some((node) => node.name === name)) {
      add(["nodes", index], `there is no node ${name}, the nodes are ${nodes.map((node) => node.name).join(", ")}`);
    } else if (config.nodes?.indexOf(name) !== index) {
      add(["nodes", index], `${name} is there twice`);
    }
  });
  return found;
}
