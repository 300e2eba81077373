/** The embedded nodes' pod network: a routed veth for each pod, and no bridge for packets to slip past Services on. */

/**
 * The CNI configuration of a node, in CNI's conflist form.
 *
 * @param podCidr the node's own pod range
 */
export function conflist(podCidr: string): object {
  return {
    cniVersion: "1.0.0",
    name: "quintet",
    plugins: [
      {
        type: "ptp",
        ipMasq: false, // pod addresses stay what they are on other nodes
        mtu: 1500,
        ipam: {
          type: "host-local",
          dataDir: "/run/cni-ipam-state", // ends with the node, as its pods' addresses do
          ranges: [[{ subnet: podCidr }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
}
