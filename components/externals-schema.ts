/** The configuration of externals: whom pods of the mesh may call outside the cluster. */
import { z } from "zod";
import { section } from "../problems.ts";
import { type ClusterFacts, type Contradiction, dnsLabel, network, overlap } from "./cluster/facts.ts";
import { hostName, whole } from "./ingress-schema.ts";
import { type MeshService, serviceRef } from "./mesh-service.ts";
import { type InsideFacts, insideProblems } from "./outside.ts";
import { keyed } from "./registries.ts";

/** One server by its name in DNS. */
const host = z
  .string()
  .refine(
    (name) => !name.includes("*"),
    "stands for names that no DNS answers for, so that proxies would go wherever a caller says: name each host",
  )
  .refine((name) => name.includes("*") || hostName.safeParse(name).success, "must be a name in DNS like api.example");

const distinct = <T extends z.ZodType<string>>(item: T, none: string) =>
  z
    .array(item)
    .min(1, none)
    .refine((list) => new Set(list).size === list.length, "must not name anything twice");

const protocols = ["HTTPS", "HTTP", "TCP"] as const;

/** Where an external listens. */
const externalPort = section({
  port: whole(1, 65535),
  /** What is spoken there: HTTPS is passed on as it is, by the name in its handshake; TCP by the address alone. */
  protocol: z.enum(protocols, `must be one of ${protocols.join(", ")}`),
});

/** A caller: `namespace/name`, or a namespace for every pod in it. */
const caller = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$/,
    "must be a workload like bookstore/payment, or a namespace like bookstore for all of its pods",
  );

/** Somebody outside the cluster whom pods of the mesh may call. */
const external = section({
  /** Its names, as callers write them. */
  hosts: distinct(host, "names no host, which is what proxies tell calls by"),
  ports: z.array(externalPort).min(1, "names no port, name one"),
  /** The networks that it answers from. NetworkPolicies let callers out to them alone, and have no words for names. */
  addresses: z
    .array(network, "must list the networks of its hosts: a NetworkPolicy knows no names, and would keep callers in")
    .min(1, "names no network: a NetworkPolicy knows no names, and would keep callers in")
    .refine((list) => new Set(list).size === list.length, "must not name anything twice"),
  /**
   * How a proxy finds it: "dns" asks for each host's name again and again; "static" takes `addresses`, single ones that
   * each answer for every host, and asks nobody.
   */
  resolution: z.enum(["dns", "static"], "must be dns or static").default("dns"),
  /** Who may call it. */
  from: distinct(caller, "names nobody, so nobody could call it: name a workload or leave the external out"),
}).superRefine(({ hosts, ports, addresses, resolution }, context) => {
  const refuse = (path: (string | number)[], message: string) => {
    context.addIssue({ code: "custom", path, message });
  };
  ports.forEach(({ port }, index) => {
    if (ports.slice(0, index).some((earlier) => earlier.port === port)) {
      refuse(["ports", index, "port"], `${String(port)} is there already: a port speaks one protocol`);
    }
  });
  if (hosts.length > 1 && ports.some(({ protocol }) => protocol === "TCP")) {
    refuse(["hosts"], "are several, and TCP says nothing of whom it is for: make an external of each");
  }
  addresses.forEach((cidr, index) => {
    if (resolution === "static" && !cidr.endsWith("/32")) {
      refuse(
        ["addresses", index],
        `${cidr} is no single address, which resolution static needs: write /32, or say dns there`,
      );
    }
  });
});

/** The shape of `quintet:mesh.externals`: externals by name. */
export const externalsSchema = keyed(dnsLabel, external).default({});

/** Externals by name. */
export type Externals = z.infer<typeof externalsSchema>;
/** One external. */
export type External = Externals[string];

/** A caller's namespace, and its name unless every pod there is meant. */
export function callerOf(ref: string): { readonly namespace: string; readonly name?: string } {
  const [namespace = "", name] = ref.split("/");
  return name === undefined ? { namespace } : { namespace, name };
}

/** The namespaces whose proxies know an external, in alphabetical order. */
export const namespacesKnowing = ({ from }: Pick<External, "from">): string[] =>
  [...new Set(from.map((ref) => callerOf(ref).namespace))].sort();

/** What externals are held against. */
export interface ExternalsSurroundings {
  readonly facts: InsideFacts & Pick<ClusterFacts, "dns">;
  /** Every Service of the mesh. */
  readonly services: readonly MeshService[];
  /** Whether there is a mesh. */
  readonly mesh: boolean;
  /** The namespaces whose pods have sidecars, with the workloads that are known in each. */
  readonly sidecars: Readonly<Record<string, readonly string[]>>;
}

/** What is wrong with externals that each have the right shape, by its path under `quintet:`. */
export function externalsProblems(externals: Externals, around: ExternalsSurroundings): Contradiction[] {
  const all = Object.entries(externals);
  if (!around.mesh) {
    return all.length === 0
      ? []
      : [
          [
            ["mesh", "externals"],
            "has no effect without the mesh: leave it out, or say gateway in quintet:ingress.kind",
          ],
        ];
  }
  return all.flatMap(([name, wanted], index) => {
    const earlier = all.slice(0, index);
    return [
      ...insideProblems(wanted.addresses, around.facts).map(([at, problem]) => [["addresses", at], problem] as const),
      ...hostProblems(wanted, earlier, around),
      ...portProblems(wanted, earlier, around),
      ...wanted.from.flatMap((ref, at) => {
        const problem = callerProblem(ref, around);
        return problem === undefined ? [] : [[["from", at], problem] as const];
      }),
    ].map(([path, problem]): Contradiction => [["mesh", "externals", name, ...path], problem]);
  });
}

type Named = readonly (readonly [name: string, external: External])[];

/** A name that leads elsewhere already: to another external, or to a Service by any form of its name. */
function hostProblems({ hosts }: External, earlier: Named, { facts, sidecars }: ExternalsSurroundings) {
  const inside = [facts.dns.domain, "svc", ...Object.keys(sidecars)];
  return hosts.flatMap((host, index): Contradiction[] => {
    const taken = earlier.find(([, other]) => other.hosts.includes(host))?.[0];
    const found = (problem: string): Contradiction => [["hosts", index], problem];
    return [
      ...(taken === undefined
        ? []
        : [found(`${host} is one of ${taken} already: say all of its ports and callers there`)]),
      ...(inside.some((end) => host.endsWith(`.${end}`))
        ? [found(`${host} is a name of a Service of the cluster: externals are outside`)]
        : []),
    ];
  });
}

/** What the proxies that know two things could not tell apart. */
function portProblems(wanted: External, earlier: Named, { services }: ExternalsSurroundings) {
  const beside = earlier.filter(([, other]) =>
    namespacesKnowing(other).some((namespace) => namespacesKnowing(wanted).includes(namespace)),
  );
  return wanted.ports.flatMap(({ port, protocol }, index): Contradiction[] => {
    const found = (problem: string): Contradiction => [["ports", index, "port"], `${String(port)} ${problem}`];
    const service = services.find((one) => one.port === port);
    const clashes = beside.flatMap(([name, other]): Contradiction[] => {
      const theirs = other.ports.find((one) => one.port === port);
      if (theirs === undefined) return [];
      if (theirs.protocol !== protocol) {
        return [found(`is ${theirs.protocol} for ${name}, which the same proxies know: take one`)];
      }
      const shared = wanted.addresses.find((cidr) => other.addresses.some((one) => overlap(cidr, one)));
      return protocol === "TCP" && shared !== undefined
        ? [found(`of ${shared} is TCP for ${name}, too: whom a call is for could not be told`)]
        : [];
    });
    return protocol === "HTTP" || service === undefined
      ? clashes
      : [...clashes, found(`is HTTP for ${serviceRef(service)}, which the same proxies know: take another`)];
  });
}

function callerProblem(ref: string, { sidecars }: ExternalsSurroundings): string | undefined {
  const { namespace, name } = callerOf(ref);
  const workloads = Object.hasOwn(sidecars, namespace) ? sidecars[namespace] : undefined;
  if (workloads === undefined) {
    return `no pod in ${namespace} has a sidecar, the namespaces with sidecars are ${Object.keys(sidecars).sort().join(", ")}`;
  }
  if (name === undefined || workloads.includes(name)) return undefined;
  return workloads.length === 0
    ? `nobody knows the workloads of ${namespace} beforehand: write ${namespace} for all of its pods`
    : `there is no workload ${ref}, the workloads there are ${[...workloads].sort().join(", ")}`;
}
