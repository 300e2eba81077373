/** The embedded nodes' pod network: a routed veth for each pod by Calico's plugin, which its agent then guards. */

import { guardedPodsFolder } from "./calico.ts";

/** The longest that a pod waits for its policies, in seconds. After it, it starts without, as Calico has it. */
const policyDeadline = 60;

/**
 * The CNI configuration of a node, in CNI's conflist form.
 *
 * @param node the node's name
 * @param podCidr the node's own pod range
 */
export function conflist(node: string, podCidr: string): object {
  return {
    cniVersion: "1.0.0",
    name: "quintet",
    plugins: [
      {
        type: "calico",
        datastore_type: "kubernetes",
        nodename: node,
        nodename_file_optional: true, // the name stands here
        mtu: 1500,
        log_level: "warning",
        log_file_path: "/var/log/calico-cni.log",
        ipam: {
          type: "host-local",
          dataDir: "/run/cni-ipam-state", // ends with the node, as its pods' addresses do
          ranges: [[{ subnet: podCidr }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
        policy: { type: "k8s" },
        // No program of a pod runs before the agent guards it, also while a node starts.
        policy_setup_timeout_seconds: policyDeadline,
        endpoint_status_dir: guardedPodsFolder,
        // The node's own identity, which kubeadm made and the kubelet renews.
        kubernetes: { kubeconfig: "/etc/kubernetes/kubelet.conf" },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
}
