/**
 * What the CIS Hardening Guide of k3s asks for (docs.k3s.io/security/hardening-guide, its form for v1.29 and newer, and
 * the CIS 2.1 self-assessment of v1.36-v1.37), as data.
 */

/** Where the API server's own files stand, by the guide. */
const server = "/var/lib/rancher/k3s/server";

/** TLS as the guide wants it: what is left out of Go's list has no forward secrecy or no authenticated encryption. */
const tls = [
  "tls-min-version=VersionTLS12",
  `tls-cipher-suites=${[
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
  ].join(",")}`,
];

export const paths = { admission: `${server}/psa.yaml`, audit: `${server}/audit.yaml` } as const;

/** The flags of Kubernetes' own programs on a server. */
export const serverArguments = {
  "kube-apiserver-arg": [
    "anonymous-auth=false",
    "enable-admission-plugins=NodeRestriction,EventRateLimit",
    `admission-control-config-file=${paths.admission}`,
    `audit-policy-file=${paths.audit}`,
    `audit-log-path=${server}/logs/audit.log`,
    "audit-log-maxage=30",
    "audit-log-maxbackup=10",
    "audit-log-maxsize=100",
    "request-timeout=300s",
    "service-account-lookup=true",
    "service-account-extend-token-expiration=false",
    ...tls,
  ],
  "kube-controller-manager-arg": ["terminated-pod-gc-threshold=100", "use-service-account-credentials=true"],
} as const;

/** The flags of every kubelet. */
export const kubeletArguments = [
  "anonymous-auth=false",
  "streaming-connection-idle-timeout=5m",
  "make-iptables-util-chains=true",
  "pod-max-pids=4096",
  ...tls,
];

/** Who did what, without the content of what was done: a Secret's would stand in the log in clear. */
export const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    // Leases are renewed by every component every few seconds, and say nothing.
    { level: "None", resources: [{ group: "coordination.k8s.io", resources: ["leases"] }] },
    { level: "None", nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/metrics"] },
    { level: "Metadata" },
  ],
};

/**
 * Pods are held to the Pod Security level "restricted" wherever a namespace says nothing else, and nobody can fill etcd
 * with events.
 */
export const admission = {
  apiVersion: "apiserver.config.k8s.io/v1",
  kind: "AdmissionConfiguration",
  plugins: [
    {
      name: "PodSecurity",
      configuration: {
        apiVersion: "pod-security.admission.config.k8s.io/v1",
        kind: "PodSecurityConfiguration",
        defaults: Object.fromEntries(
          ["enforce", "audit", "warn"].flatMap((mode) => [
            [mode, "restricted"],
            [`${mode}-version`, "latest"],
          ]),
        ),
        exemptions: { usernames: [], runtimeClasses: [], namespaces: ["kube-system"] },
      },
    },
    {
      name: "EventRateLimit",
      configuration: {
        apiVersion: "eventratelimit.admission.k8s.io/v1alpha1",
        kind: "Configuration",
        limits: [
          { type: "Server", qps: 500, burst: 5000 },
          { type: "Namespace", qps: 50, burst: 500, cacheSize: 2000 },
        ],
      },
    },
  ],
};
