/**
 * Rules are asked for the first time while the program is still being loaded, and not while the engine waits for an
 * answer: expressions are read then, schemas are made, and what is asked often is compiled.
 */
import { policyConfigSchema } from "./config.ts";
import { judging } from "./judge.ts";
import { Objects, objectsOfManifest } from "./object.ts";
import type { Rule } from "./rule.ts";

const metadata = { namespace: "example", name: "example" };
const labels = { app: "example" };
const port = 8080;
const amounts = { cpu: "100m", memory: "64Mi" };

const pod = {
  serviceAccountName: "example",
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  containers: [
    {
      name: "example",
      image: "registry.example/example:1.0.0",
      env: [{ name: "PORT", value: String(port) }],
      ports: [{ name: "http", containerPort: port }],
      readinessProbe: { httpGet: { path: "/", port: "http" } },
      livenessProbe: { tcpSocket: { port: "http" } },
      resources: { requests: amounts, limits: amounts },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      volumeMounts: [{ name: "scratch", mountPath: "/tmp" }],
    },
  ],
  volumes: [{ name: "scratch", emptyDir: { sizeLimit: "64Mi" } }],
};

/** What a small application is made of: each kind takes rules another way. */
const examples: readonly object[] = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "example", labels } },
  { apiVersion: "v1", kind: "ServiceAccount", metadata },
  { apiVersion: "v1", kind: "ConfigMap", metadata, data: { key: "value" } },
  { apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels, ports: [{ port, targetPort: "http" }] } },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
  },
  {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata,
    spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
  },
  {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata,
    spec: {
      minReplicas: 2,
      maxReplicas: 3,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "example" },
    },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata,
    spec: {
      podSelector: { matchLabels: labels },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [{ podSelector: { matchLabels: labels } }], ports: [{ port }] }],
      egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/24" } }], ports: [{ port: 443 }] }],
    },
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata,
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "example" },
    subjects: [{ kind: "ServiceAccount", ...metadata }],
  },
  { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque" },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata,
    spec: {
      tls: [{ hosts: ["www.example"], secretName: "example" }],
      rules: [
        {
          host: "www.example",
          http: { paths: [{ path: "/", backend: { service: { name: "example", port: { number: port } } } }] },
        },
      ],
    },
  },
  {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata,
    spec: {
      listeners: [
        {
          name: "https",
          protocol: "HTTPS",
          port: 443,
          hostname: "www.example",
          tls: { certificateRefs: [{ name: "example" }] },
        },
      ],
    },
  },
  {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata,
    spec: {
      parentRefs: [{ name: "example" }],
      hostnames: ["www.example"],
      rules: [{ backendRefs: [{ name: "example", port }] }],
    },
  },
  { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata, spec: { mtls: { mode: "STRICT" } } },
  {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata,
    spec: { rules: [{ from: [{ source: { principals: ["cluster.local/ns/example/sa/example"] } }] }] },
  },
];

/**
 * Asks rules about examples, and drops what they say.
 *
 * @returns how many objects they were asked about
 */
export function warmUp(rules: readonly Rule[]): number {
  const objects = new Objects(examples.flatMap((manifest) => objectsOfManifest(manifest)));
  judging(rules, { config: policyConfigSchema.parse({}), today: new Date().toISOString().slice(0, 10) })(objects);
  return objects.all.length;
}
