/** kube-vip: keeps the API server's address on a control-plane node that lives. */
import { versions } from "../versions.ts";
import { kubectl } from "./kubectl.ts";
import { apiPort, type ClusterSpec } from "./spec.ts";
import type { ClusterState } from "./state.ts";

const leaseName = "plndr-cp-lock"; // kube-vip's own name for it

/** The name of the node that holds the API server's address. */
export async function apiAddressHolder(state: ClusterState): Promise<string> {
  const holder = "jsonpath={.spec.holderIdentity}";
  return kubectl(state, ["get", "lease", "-n", "kube-system", leaseName, "-o", holder]);
}

/** Seconds: a dead holder's address is taken over when its lease has run out. */
const lease = { duration: 5, renew: 3, retry: 1 };

/** The static pod that every control-plane node runs; one of them holds the address at a time, by a Lease. */
export function kubeVipPod(spec: ClusterSpec): object {
  const env: Record<string, string> = {
    vip_arp: "true",
    vip_interface: "eth0",
    vip_subnet: "32",
    address: spec.apiAddress,
    port: String(apiPort),
    cp_enable: "true",
    cp_namespace: "kube-system",
    svc_enable: "false",
    vip_leaderelection: "true",
    vip_leasename: leaseName,
    vip_leaseduration: String(lease.duration),
    vip_renewdeadline: String(lease.renew),
    vip_retryperiod: String(lease.retry),
    prometheus_server: ":2112",
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "kube-vip", namespace: "kube-system", labels: { "app.kubernetes.io/name": "kube-vip" } },
    spec: {
      hostNetwork: true,
      priorityClassName: "system-node-critical",
      hostAliases: [{ hostnames: ["kubernetes"], ip: "127.0.0.1" }], // the node's own API server, whoever holds the address
      containers: [
        {
          name: "kube-vip",
          image: versions.images.kubeVip,
          imagePullPolicy: "IfNotPresent",
          args: ["manager"],
          env: [
            ...Object.entries(env).map(([name, value]) => ({ name, value })),
            { name: "vip_nodename", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
          ],
          resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } },
          securityContext: { capabilities: { add: ["NET_ADMIN", "NET_RAW"], drop: ["ALL"] } },
          volumeMounts: [{ name: "kubeconfig", mountPath: "/etc/kubernetes/admin.conf", readOnly: true }],
        },
      ],
      volumes: [{ name: "kubeconfig", hostPath: { path: "/etc/kubernetes/admin.conf", type: "File" } }],
    },
  };
}
