/** CoreDNS on the embedded cluster: kubeadm's own add-on, with what a closed cluster of several nodes needs. */
/** The Corefile: kubeadm's, without `forward`, because there is no other name server to be had. */
export function corefile(): string {
  return `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    cache 30
    loop
    reload
    loadbalance
}
`;
}

/** The strategic merge patch of kubeadm's Deployment: its replicas stand on different nodes, or wait. */
export function corednsPatch(): object {
  const selector = { matchLabels: { "k8s-app": "kube-dns" } };
  return {
    spec: {
      replicas: 2,
      template: {
        spec: {
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: "DoNotSchedule",
              labelSelector: selector,
              matchLabelKeys: ["pod-template-hash"],
            },
          ],
        },
      },
    },
  };
}

/** The budget that keeps one replica through a drain. */
export function corednsBudget(): object {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "coredns", namespace: "kube-system" },
    spec: { minAvailable: 1, selector: { matchLabels: { "k8s-app": "kube-dns" } } },
  };
}
