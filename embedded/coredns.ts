/** CoreDNS on the embedded cluster: kubeadm's own add-on, as far as a closed cluster needs it other than it is. */
import { clusterDomain } from "./spec.ts";

/** Where the files lie that the Corefile imports, and whose they are: both as k3s has it. */
const imported = { folder: "/etc/coredns/custom", configMap: "coredns-custom" };

/**
 * kubeadm's Corefile without `forward`, because there is no other name server to be had, and with the settings of whoever
 * sets up the cluster's DNS. A plugin that it names can be set again there, but for those that stand once only.
 */
export function corefile(): string {
  return `.:53 {
    errors
    health
    ready
    kubernetes ${clusterDomain} in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    cache 30 {
       disable success ${clusterDomain}
       disable denial ${clusterDomain}
    }
    loop
    reload
    loadbalance
    import ${imported.folder}/*.override
}
import ${imported.folder}/*.server
`;
}

/** The ConfigMap that kubeadm's Deployment reads. */
export function corednsConfig(): object {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "coredns", namespace: "kube-system" },
    data: { Corefile: corefile() },
  };
}

/** The strategic merge patch of kubeadm's Deployment: it finds the files when there are any. */
export function corednsPatch(): object {
  const name = "custom";
  return {
    spec: {
      template: {
        spec: {
          containers: [{ name: "coredns", volumeMounts: [{ name, mountPath: imported.folder, readOnly: true }] }],
          volumes: [{ name, configMap: { name: imported.configMap, optional: true } }],
        },
      },
    },
  };
}
