/** Servers outside the cluster, as the connectivity graph has them: by the networks that somebody says. No Pulumi here. */
import ipaddr from "ipaddr.js";
import type { ClusterFacts } from "./cluster/facts.ts";
import { holds, type Peer, type Ranges } from "./connectivity-graph.ts";

/** Where clouds hand out a node's own credentials to whoever asks there. */
export const metadataAddress = "169.254.169.254/32";

/** The facts that tell the inside of a cluster from the outside. */
export type InsideFacts = Pick<ClusterFacts, "podCidr" | "serviceCidr" | "nodeRanges">;

/** Where a network is none of the outside, by its place in the list, as the rest of a sentence. */
export function insideProblems(
  networks: readonly string[],
  { podCidr, serviceCidr, nodeRanges }: InsideFacts,
): [index: number, problem: string][] {
  const among = Object.entries({ pods: podCidr, Services: serviceCidr }).flatMap(([who, range]) =>
    networks.flatMap((cidr, index): [number, string][] =>
      nodeRanges === undefined && holds(range, cidr)
        ? [[index, `${cidr} lies among the cluster's ${who} ${range}: name the networks of a server outside`]]
        : [],
    ),
  );
  const metadata = networks.flatMap((cidr, index): [number, string][] =>
    cidr === metadataAddress
      ? [[index, `${cidr} is where clouds hand out a node's own credentials: name the networks of a server outside`]]
      : [],
  );
  return [...among, ...metadata];
}

/** Whoever answers in these networks, without what in them is the cluster's, or the cloud's for its nodes alone. */
export function outsidePeer(cidrs: readonly string[], ports: NonNullable<Peer["ports"]>, facts: InsideFacts): Peer {
  // Where pods have addresses of the outside, nothing tells them from others.
  const amongPods = facts.nodeRanges !== undefined;
  const inside = [...(amongPods ? [] : [facts.podCidr, facts.serviceCidr]), metadataAddress];
  return {
    cidrs,
    except: inside.filter((part) => cidrs.some((cidr) => holds(cidr, part) && cidr !== part)),
    ports,
    amongPods,
  };
}

/**
 * Whoever a URL leads to, at a port of that name: one address where it says one, else whatever its host may be, which is
 * no pod and no Service.
 */
export function urlPeer(url: string, portName: string, ranges: Ranges): Peer {
  const { port, protocol } = new URL(url);
  const ports = { [portName]: { port: port === "" ? (protocol === "http:" ? 80 : 443) : Number(port) } };
  const address = addressIn(url);
  return address === undefined ? anywhereOutside(ports, ranges) : { cidrs: [`${address}/32`], ports, amongPods: true };
}

/** Whoever is no pod and no Service. */
export const anywhereOutside = (ports: NonNullable<Peer["ports"]>, { podCidr, serviceCidr }: Ranges): Peer => ({
  cidrs: ["0.0.0.0/0"],
  except: [podCidr, serviceCidr, metadataAddress],
  ports,
});

/** The address that stands in a URL, or `undefined` where a name does, which has to be looked up. */
export function addressIn(url: string): string | undefined {
  const { hostname } = new URL(url);
  return ipaddr.IPv4.isValid(hostname) ? hostname : undefined;
}
