/** Pods that call others by name can ask for names. */
import { z } from "zod";
import { opens, type PolicyPeer, rulesOf, selects } from "../../components/network-policy.ts";
import { bindingOf, mustHaveRead, networkOf } from "../lib/network-policy/network-policies.ts";
import { podsOf } from "../lib/network-policy/reading.ts";
import { defineRule } from "../lib/rule.ts";
import { systemParameter } from "../lib/system-namespaces.ts";

/** Refuses a workload whose policies let it call pods, and not the DNS that knows where they are. */
export const requireDnsEgress = defineRule({
  name: "network-policy-require-dns-egress",
  severity: "medium",
  level: "mandatory",
  title: "A workload whose egress is closed, but for pods or the internet, may ask the cluster's DNS for names.",
  why: "Every call by name fails otherwise, after a wait of seconds that looks like a slow network.",
  fix: "Let it call the DNS pods on port 53, over UDP and TCP.",
  sees: "stack",
  /** `system`: namespaces that are left alone, each with the reason. `dns`: where the DNS pods are. */
  parameters: z
    .strictObject({
      system: systemParameter,
      dns: z
        .strictObject({
          namespace: z.string().default("kube-system"),
          labels: z.record(z.string(), z.string()).default({ "k8s-app": "kube-dns" }),
          port: z.int().default(53),
        })
        .prefault({}),
    })
    .prefault({}),
  *check(object, { objects, parameters: { system, dns } }) {
    for (const pods of podsOf(object)) {
      if (Object.hasOwn(system, pods.namespace)) continue;
      const network = networkOf(objects);
      const rules = bindingOf(network, pods, "Egress").flatMap(({ namespace, spec }) =>
        rulesOf(spec, "Egress").map((rule) => ({ namespace, ...rule })),
      );
      if (!rules.some(({ peers = [] }) => callsByName(peers))) continue; // what it calls, it calls by address
      const ports = [{ name: "dns", port: dns.port, protocol: "UDP" as const }];
      const pod = { namespace: dns.namespace, labels: dns.labels, ports };
      const end = { address: "0.0.0.0", pod };
      const namespaceLabels = { ...network.namespaces[dns.namespace], "kubernetes.io/metadata.name": dns.namespace };
      const reaches = ({ podSelector = {}, namespaceSelector, ipBlock }: PolicyPeer, own: string) =>
        // An address may be that of a DNS server on the nodes, or outside.
        ipBlock !== undefined ||
        ((namespaceSelector === undefined ? own === dns.namespace : selects(namespaceSelector, namespaceLabels)) &&
          selects(podSelector, dns.labels));
      const answered = rules.some(
        ({ namespace, peers = [], ports: open = [] }) =>
          (peers.length === 0 || peers.some((peer) => reaches(peer, namespace))) &&
          (open.length === 0 ||
            open.some((port) => opens(port, { from: end, to: end, protocol: "UDP", port: dns.port }))),
      );
      if (answered) continue;
      mustHaveRead(network, ["policy"], pods.namespace);
      mustHaveRead(network, ["namespace"]);
      const path = `${pods.workload.metadataPath}.labels`;
      const problem = `its policies let it call others, and not the DNS pods in ${dns.namespace} on port ${String(dns.port)} over UDP`;
      yield { path, problem, fix: `Add egress to them in a policy of ${pods.namespace} that selects {path}.` };
    }
  },
});

/** Whether among these peers is somebody whose address nobody writes down: pods come and go. */
const callsByName = (peers: readonly PolicyPeer[]): boolean =>
  peers.length === 0 || peers.some(({ ipBlock }) => ipBlock === undefined || Number(ipBlock.cidr.split("/")[1]) === 0);
