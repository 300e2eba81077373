/**
 * Every version that Quintet stands on, as data. Images carry their full upstream name with a tag, so that one edit
 * here, by a person or a bot, is all that an update takes. tools/ pins the programs that are built from source.
 */

/** The release of cert-manager, which is one number for all of its images. */
const certManager = "v1.21.2";

/** The Kubernetes release of the clusters that Quintet itself creates. */
const kubernetes = "v1.36.3";

/** The release before it, which an embedded cluster can be made of, to be upgraded. */
const kubernetesBefore = "v1.35.4";

/** What kubeadm runs of that release. */
const kubernetesImages = {
  kubeApiserver: `registry.k8s.io/kube-apiserver:${kubernetes}`,
  kubeControllerManager: `registry.k8s.io/kube-controller-manager:${kubernetes}`,
  kubeScheduler: `registry.k8s.io/kube-scheduler:${kubernetes}`,
  kubeProxy: `registry.k8s.io/kube-proxy:${kubernetes}`,
  pause: "registry.k8s.io/pause:3.10.2",
};

/** The release of the mesh: its control plane, its proxies and the definitions of its kinds. */
const istio = "1.31.1";

const istioImages = {
  pilot: `docker.io/istio/pilot:${istio}`,
  proxy: `docker.io/istio/proxyv2:${istio}`,
  cni: `docker.io/istio/install-cni:${istio}`,
};

export const versions = {
  /** Where people read what to do about an alert: this repository's page of them. */
  runbooks: "docs/alerts.md",
  kubernetes,
  /** The images of each release that an embedded cluster can have, the oldest first. */
  kubernetesReleases: {
    [kubernetesBefore]: {
      kubeApiserver: `registry.k8s.io/kube-apiserver:${kubernetesBefore}`,
      kubeControllerManager: `registry.k8s.io/kube-controller-manager:${kubernetesBefore}`,
      kubeScheduler: `registry.k8s.io/kube-scheduler:${kubernetesBefore}`,
      kubeProxy: `registry.k8s.io/kube-proxy:${kubernetesBefore}`,
      pause: "registry.k8s.io/pause:3.10.1",
    },
    [kubernetes]: kubernetesImages,
  },
  istio,
  /** The images of each release of the mesh that a control plane may have: two releases while an upgrade goes on. */
  istioReleases: { [istio]: istioImages },
  /** The minor releases that the platform may run on: those that upstream still patches. */
  kubernetesMinors: ["1.35", "1.36", "1.37"],
  /**
   * When the makers' support of a minor release ends (the last day, ISO 8601), and on which Kubernetes it runs. A release
   * without a day is supported, and its maker has named none. From kubernetes.io/releases, the EKS user guide's release
   * calendar (standard support), and istio.io's supported releases.
   */
  support: {
    Kubernetes: {
      "1.35": { until: "2027-02-28" },
      "1.36": { until: "2027-06-28" },
      "1.37": { until: "2027-10-28" },
    },
    "Amazon EKS": {
      "1.35": { until: "2027-03-27" },
      "1.36": {},
    },
    Istio: {
      "1.30": { until: "2026-11-30", kubernetes: ["1.32", "1.33", "1.34", "1.35", "1.36"] },
      "1.31": { kubernetes: ["1.32", "1.33", "1.34", "1.35", "1.36"] },
    },
  },
  /**
   * What EKS offers for a minor release: the release of its Amazon Linux 2023 images that nodes start with, and the
   * builds of its add-ons (`aws eks describe-addon-versions`). A release without add-ons here wants them in the stack's
   * configuration.
   */
  eks: {
    "1.35": { nodes: "1.35.7-20260903" },
    "1.36": {
      nodes: "1.36.3-20260903",
      addOns: {
        "vpc-cni": "v1.22.4-eksbuild.3",
        "kube-proxy": "v1.36.0-eksbuild.21",
        "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
        coredns: "v1.14.3-eksbuild.16",
        "aws-ebs-csi-driver": "v1.63.1-eksbuild.1",
        "metrics-server": "v0.9.0-eksbuild.9",
      },
    },
  },
  images: {
    ...kubernetesImages,
    etcd: "registry.k8s.io/etcd:3.7.3-0",
    coredns: "registry.k8s.io/coredns/coredns:v1.14.7",
    metricsServer: "registry.k8s.io/metrics-server/metrics-server:v0.9.0",
    calicoNode: "quay.io/calico/node:v3.28.5",
    kubeVip: "ghcr.io/kube-vip/kube-vip:v0.9.1",
    certManagerController: `quay.io/jetstack/cert-manager-controller:${certManager}`,
    certManagerWebhook: `quay.io/jetstack/cert-manager-webhook:${certManager}`,
    certManagerCainjector: `quay.io/jetstack/cert-manager-cainjector:${certManager}`,
    certManagerAcmesolver: `quay.io/jetstack/cert-manager-acmesolver:${certManager}`,
    istioPilot: istioImages.pilot,
    istioProxy: istioImages.proxy,
    istioCni: istioImages.cni,
    externalDns: "registry.k8s.io/external-dns/external-dns:v0.23.0",
    /** Our own, of tools/etcd-backup: an embedded cluster's mirror has it, and nobody publishes it. */
    etcdBackup: "quintet.dev/etcd-backup:0.3.1",
    prometheus: "quay.io/prometheus/prometheus:v3.15.0",
    alertmanager: "quay.io/prometheus/alertmanager:v0.28.1",
    nodeExporter: "quay.io/prometheus/node-exporter:v1.12.1",
    loki: "docker.io/grafana/loki:3.7.8",
    /** An embedded cluster's mirror has one with the parts of it that the platform uses: tools/otel-collector. */
    otelCollector: "docker.io/otel/opentelemetry-collector-contrib:0.149.0",
    jaeger: "docker.io/jaegertracing/all-in-one:1.62.0",
    blackboxExporter: "quay.io/prometheus/blackbox-exporter:v0.28.0",
    grafana: "docker.io/grafana/grafana:13.2.0",
    kubeStateMetrics: "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.18.0",
    podinfo: "ghcr.io/stefanprodan/podinfo:6.9.2",
  },
} as const;
