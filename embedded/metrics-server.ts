/** metrics-server: what `kubectl top` and the HorizontalPodAutoscaler read. k3s brings it; kubeadm does not. */
import { versions } from "../versions.ts";

const name = "metrics-server";
const namespace = "kube-system";
const labels = { "app.kubernetes.io/name": name };
const port = 10250;

/** Its objects, in the order in which they are applied. */
export function metricsServerObjects(): object[] {
  const subject = { kind: "ServiceAccount", name, namespace };
  const binding = (kind: string, bindingName: string, role: object, inNamespace: boolean) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind,
    metadata: { name: bindingName, labels, ...(inNamespace ? { namespace } : {}) },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", ...role },
    subjects: [subject],
  });
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace, labels } },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: `system:${name}`, labels },
      rules: [
        { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
        { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
      ],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: {
        name: "system:aggregated-metrics-reader",
        labels: {
          ...labels,
          "rbac.authorization.k8s.io/aggregate-to-admin": "true",
          "rbac.authorization.k8s.io/aggregate-to-edit": "true",
          "rbac.authorization.k8s.io/aggregate-to-view": "true",
        },
      },
      rules: [{ apiGroups: ["metrics.k8s.io"], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] }],
    },
    binding("ClusterRoleBinding", `system:${name}`, { kind: "ClusterRole", name: `system:${name}` }, false),
    binding(
      "ClusterRoleBinding",
      `${name}:system:auth-delegator`,
      { kind: "ClusterRole", name: "system:auth-delegator" },
      false,
    ),
    binding(
      "RoleBinding",
      `${name}-auth-reader`,
      { kind: "Role", name: "extension-apiserver-authentication-reader" },
      true,
    ),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace, labels },
      spec: { selector: labels, ports: [{ name: "https", port: 443, targetPort: "https", protocol: "TCP" }] },
    },
    deployment(),
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1beta1.metrics.k8s.io", labels },
      spec: {
        group: "metrics.k8s.io",
        version: "v1beta1",
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true, // it signs its own certificate, as upstream's manifest has it
        service: { name, namespace, port: 443 },
      },
    },
  ];
}

function deployment(): object {
  const probe = (path: string) => ({ httpGet: { path, port: "https", scheme: "HTTPS" }, periodSeconds: 5 });
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      strategy: { rollingUpdate: { maxUnavailable: 0 } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          priorityClassName: "system-cluster-critical",
          containers: [
            {
              name,
              image: versions.images.metricsServer,
              imagePullPolicy: "IfNotPresent",
              args: [
                "--cert-dir=/tmp",
                `--secure-port=${String(port)}`,
                "--kubelet-preferred-address-types=InternalIP",
                "--kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
                "--metric-resolution=10s", // its least; the default of 15 s would hold up the first scaling
                "--kubelet-request-timeout=5s", // has to be shorter than the resolution
              ],
              ports: [{ name: "https", containerPort: port, protocol: "TCP" }],
              livenessProbe: probe("/livez"),
              readinessProbe: probe("/readyz"),
              resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ["ALL"] },
                readOnlyRootFilesystem: true,
                runAsNonRoot: true,
                runAsUser: 65534,
                seccompProfile: { type: "RuntimeDefault" },
              },
              volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
            },
          ],
          volumes: [{ name: "tmp", emptyDir: { sizeLimit: "16Mi" } }],
        },
      },
    },
  };
}
