/** Clusters of any size and kind that a configuration may describe. */
import fc from "fast-check";
import { type K3sConfig, k3sSchema } from "../../../../components/cluster/k3s/schema.ts";
import { hostKey, labInput } from "./lab.ts";

const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,12}[a-z0-9])?$/);

const node = fc.record({
  name,
  octet: fc.integer({ min: 1, max: 254 }),
  rack: fc.constantFrom("rack-1", "rack-49", "rack-181"),
  server: fc.boolean(),
  labels: fc.constantFrom({}, { "example.com/disk": "ssd" }),
  taints: fc.constantFrom([], ["example.com/dedicated=database:NoSchedule"]),
});

/** Valid clusters: an odd number of servers, names and addresses once each. */
export const clusters: fc.Arbitrary<K3sConfig> = fc
  .uniqueArray(node, { minLength: 1, maxLength: 9, selector: ({ name }) => name })
  .map((nodes) => [...new Map(nodes.map((one) => [one.octet, one])).values()])
  .map((nodes) => {
    const servers = nodes.filter(({ server }) => server).length;
    // One more server, or one less, makes an even number odd.
    return servers % 2 === 1 ? nodes : nodes.map((one, index) => (index === 0 ? { ...one, server: !one.server } : one));
  })
  .map((nodes) =>
    k3sSchema.parse({
      ...labInput,
      nodes: nodes.map(({ name, octet, rack, server, labels, taints }) => ({
        name,
        address: `172.20.20.${String(octet)}`,
        rack,
        role: server ? "server" : "agent",
        hostKey: hostKey(name),
        labels,
        taints,
      })),
    }),
  );
