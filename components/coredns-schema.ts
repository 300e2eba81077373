/** The shape of `quintet:dns`, and what of it cannot be had on a cluster. */
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { section } from "../problems.ts";
import { address, type ClusterFacts, type Contradiction, dnsAddressOf, overlap } from "./cluster/facts.ts";
import { keyed } from "./registries.ts";

/** How many name servers CoreDNS takes for one zone (coredns.io/plugins/forward). */
const mostServers = 15;

/** Name servers for one zone, each by its address; they are asked at random, and those that do not answer left out. */
const servers = z
  .array(address)
  .max(mostServers, `has more than the ${String(mostServers)} that CoreDNS takes`)
  .refine((list) => new Set(list).size === list.length, "must not name anything twice");

const zone = z
  .string()
  .max(253, "must have at most 253 characters")
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
    "must be a domain in lower case without a dot at its end, like corp.example",
  );

/** The shape of `quintet:dns`. */
export const dnsSchema = section({
  /** Who answers for domains that only others know, as `corp.example: [10.0.0.53]`; for all below them, too. */
  stubDomains: keyed(zone, servers.min(1, "names no address, name one or leave the domain out")).default({}),
  /** Who is asked for every other name. @default the name servers that the cluster's nodes ask, none in a closed cluster */
  upstream: servers.default([]),
}).prefault({});

/** How the cluster's DNS is set up. */
export type DnsSettings = z.infer<typeof dnsSchema>;

/** What decides how the cluster's DNS is set up. */
export type DnsFacts = Pick<
  ClusterFacts,
  "mode" | "brings" | "dns" | "nodes" | "nodeRanges" | "podCidr" | "serviceCidr"
>;

/**
 * How Quintet sets up the cluster's DNS: it installs CoreDNS, has the one that is there import its settings, tells the
 * target's add-on, or leaves alone what others answer for. Nobody asks simulated pods.
 */
export function dnsWay({ mode, brings, dns }: DnsFacts): "install" | "import" | "add-on" | "leave" {
  if (mode === "simulated") return "leave";
  if (!brings.includes("dns")) return "install";
  return ({ imports: "import", "add-on": "add-on", none: "leave" } as const)[dns.settings];
}

/** What is wrong with settings that each have the right shape, by its path under `quintet:`. */
export function dnsProblems(settings: DnsSettings, facts: DnsFacts): Contradiction[] {
  const given = (["stubDomains", "upstream"] as const).filter((key) => Object.keys(settings[key]).length > 0);
  if (dnsWay(facts) === "leave" && facts.mode === "nodes") {
    return given.map((key) => [
      ["dns", key],
      "has no effect, since this stack leaves the DNS of this cluster as it is: leave it out",
    ]);
  }
  const lists = [
    ...Object.entries(settings.stubDomains).map(([name, list]) => [["stubDomains", name], list] as const),
    [["upstream"], settings.upstream] as const,
  ];
  return [
    ...Object.keys(settings.stubDomains).flatMap((name) =>
      zoneProblems(name, facts).map((problem): Contradiction => [["dns", "stubDomains", name], problem]),
    ),
    ...lists.flatMap(([path, list]) =>
      list.flatMap((one, index) =>
        serverProblems(one, facts).map((problem): Contradiction => [["dns", ...path, index], problem]),
      ),
    ),
  ];
}

/** CoreDNS asks the longest zone that fits, so that one over the cluster's own takes what is below it, and one below, that. */
function zoneProblems(name: string, { dns: { domain }, podCidr, serviceCidr }: DnsFacts): string[] {
  const within = (inner: string, outer: string) => inner === outer || inner.endsWith(`.${outer}`);
  if (within(name, domain) || within(domain, name)) {
    return [`shares names with the cluster's own domain ${domain}, which is for Services: name another domain`];
  }
  const reverse = reverseRange(name);
  return Object.entries({ pods: podCidr, Services: serviceCidr }).flatMap(([who, range]) =>
    reverse !== undefined && overlap(reverse, range)
      ? [`is the way back from addresses to names of ${reverse}, in which the cluster's ${who} ${range} lie: name less`]
      : [],
  );
}

/** The network whose reverse zone this is; `undefined` when it is none of IPv4. */
function reverseRange(name: string): string | undefined {
  const match = /^((?:\d{1,3}\.){0,4})in-addr\.arpa$/.exec(name);
  if (match === null) return name === "arpa" ? "0.0.0.0/0" : undefined;
  const octets = (match[1] ?? "")
    .split(".")
    .filter((octet) => octet !== "")
    .reverse();
  return `${[...octets, "0", "0", "0", "0"].slice(0, 4).join(".")}/${String(8 * octets.length)}`;
}

function serverProblems(server: string, facts: DnsFacts): string[] {
  if (server === dnsAddressOf(facts)) return ["is the cluster's own DNS, which would ask itself for ever"];
  if (overlap(`${server}/32`, facts.serviceCidr)) {
    return [`lies in serviceCidr ${facts.serviceCidr}, whose addresses come and go: name a server outside the cluster`];
  }
  // Where pods have addresses of the nodes' own network, others may have them as well.
  if (facts.nodeRanges === undefined && overlap(`${server}/32`, facts.podCidr)) {
    return [`lies in podCidr ${facts.podCidr}, whose addresses come and go: name a server outside the cluster`];
  }
  const range = ipaddr.IPv4.parse(server).range();
  return ["unspecified", "broadcast", "multicast", "loopback"].includes(range)
    ? [`is an address of the kind "${range}", at which a pod finds nobody else`]
    : [];
}
