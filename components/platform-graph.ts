/** The connectivity graph of this platform: the half of every component, once. */
import { backendHalf } from "./backend-plan.ts";
import type { ClusterFacts, Contradiction } from "./cluster/facts.ts";
import { clusterHalf } from "./cluster/half.ts";
import { type Graph, graphOf, type Half } from "./connectivity-graph.ts";
import { coreDnsHalf } from "./coredns-plan.ts";
import { type DnsFacts, type DnsSettings, dnsWay } from "./coredns-schema.ts";
import { tenantHalf } from "./tenant-half.ts";
import type { Tenants } from "./tenant-schema.ts";

/** The name of the sample backend's objects. */
export const backendApp = "backend";

/** What decides who talks to whom. */
export interface Network {
  readonly facts: DnsFacts & Pick<ClusterFacts, "apiServer" | "enforcesNetworkPolicy" | "system">;
  readonly dns: DnsSettings;
  readonly network: { readonly defaultDeny: boolean };
  readonly tenants: Tenants;
  readonly backend: { readonly namespace: string };
}

/** Every component's half. */
function platformHalves({ facts, dns, network, tenants, backend }: Network): Half[] {
  const closed = network.defaultDeny ? "every-pod" : "none";
  const around = { facts, pullSecrets: {}, platformNamespaces: [backend.namespace] };
  return [
    clusterHalf(facts, network.defaultDeny ? "workloads" : "none"),
    ...(facts.system === undefined ? [] : [facts.system]),
    coreDnsHalf(dns, facts),
    backendHalf(backendApp, { namespace: backend.namespace, closed }),
    tenantHalf(tenants, around),
  ];
}

/** Who talks to whom on this platform. */
export const platformGraph = (network: Network): Graph => graphOf(network.facts, platformHalves(network));

/** What of the network cannot be had on this cluster, by its path under `quintet:`. */
export function networkProblems({ facts, network }: Pick<Network, "facts" | "network">): Contradiction[] {
  const known = facts.apiServer !== undefined || facts.nodes.some(({ role }) => role === "control-plane");
  const nameless: Contradiction[] =
    known || dnsWay(facts) === "leave"
      ? []
      : [
          [
            ["cluster", "facts", "apiServer"],
            "is missing, and no node is of the control plane: say where calls to the API server arrive, as those of CoreDNS do",
          ],
        ];
  if (!network.defaultDeny || facts.enforcesNetworkPolicy || facts.mode === "simulated") return nameless;
  return [
    ...nameless,
    [
      ["network", "defaultDeny"],
      "is on, but nothing on this cluster enforces a NetworkPolicy, so it would only look closed: say false, or bring a network that enforces",
    ],
  ];
}
