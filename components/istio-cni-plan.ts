/** What leads the traffic of the mesh's pods to their sidecars, as plain manifests: no Pulumi here. */
import type { cniFoldersOf } from "./cluster/facts.ts";
import type { Half, NamespaceRules } from "./connectivity-graph.ts";
import type { Rights } from "./rights.ts";

/** Where the agents run: they write to their nodes, which hardly another pod of the platform may. */
export const istioCniNamespace = "istio-cni";

/** The name of its objects, by whose beginning the plugin knows the agent's own pods and lets them start in any case. */
const name = "istio-cni-node";

const labels = { "app.kubernetes.io/name": "istio-cni", "k8s-app": name };

/** What decides the shape of the agents. */
export interface IstioCniSpec {
  readonly image: string;
  readonly folders: ReturnType<typeof cniFoldersOf>;
  /** The namespaces whose pods are never led anywhere, also when istiod does not answer. */
  readonly excluded: readonly string[];
}

/** Measured: 30 MiB, and no cpu worth naming but when a pod starts. */
const amounts = { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "500m", memory: "128Mi" } };

/** What it may do: read the pods that start on its node, and delete one that started before the node was ready for it. */
const rights: Rights = {
  cluster: [
    { apiGroups: [""], resources: ["pods", "nodes", "namespaces"], verbs: ["get", "list", "watch"] },
    { apiGroups: [""], resources: ["pods"], verbs: ["delete"] },
    { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
  ],
  namespace: [],
};

/** Every manifest of the agents; namespaces are added by who applies it. */
export function planIstioCni({ image, folders, excluded }: IstioCniSpec) {
  const settings = {
    CHAINED_CNI_PLUGIN: "true",
    EXCLUDE_NAMESPACES: [istioCniNamespace, ...excluded].sort().join(","),
    REPAIR_ENABLED: "true",
    // A pod that came before the plugin is made anew, by whoever made it: less to be allowed than to enter its network.
    REPAIR_DELETE_PODS: "true",
    REPAIR_REPAIR_PODS: "false",
    REPAIR_LABEL_PODS: "false",
    REPAIR_RUN_AS_DAEMON: "true",
    REPAIR_SIDECAR_ANNOTATION: "sidecar.istio.io/status",
  };
  const fields = {
    NODE_NAME: "spec.nodeName",
    KUBERNETES_NODE_NAME: "spec.nodeName",
    REPAIR_NODE_NAME: "spec.nodeName",
    POD_NAME: "metadata.name",
    POD_NAMESPACE: "metadata.namespace",
  };
  const volumes = {
    programs: { path: folders.programs, mountPath: "/host/opt/cni/bin" },
    configuration: { path: folders.configuration, mountPath: "/host/etc/cni/net.d" },
    run: { path: "/var/run/istio-cni", mountPath: "/var/run/istio-cni" },
  };
  const probe = (path: string) => ({ httpGet: { path, port: 8000 }, timeoutSeconds: 5 });
  return {
    serviceAccount: { metadata: { name, labels }, automountServiceAccountToken: false },
    rights,
    daemonSet: {
      metadata: { name, labels },
      spec: {
        selector: { matchLabels: labels },
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            automountServiceAccountToken: true,
            enableServiceLinks: false,
            priorityClassName: "system-node-critical",
            tolerations: [{ operator: "Exists" }],
            terminationGracePeriodSeconds: 5,
            securityContext: { seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                name: "install-cni",
                image,
                command: ["install-cni"],
                args: ["--log_output_level=default:info", "--log_as_json"],
                env: [
                  ...Object.entries(settings).map(([key, value]) => ({ name: key, value })),
                  ...Object.entries(fields).map(([key, fieldPath]) => ({
                    name: key,
                    valueFrom: { fieldRef: { fieldPath } },
                  })),
                ],
                ports: [{ name: "metrics", containerPort: 15014 }],
                resources: amounts,
                startupProbe: { ...probe("/readyz"), periodSeconds: 1, failureThreshold: 120 },
                readinessProbe: { ...probe("/readyz"), periodSeconds: 10 },
                livenessProbe: { ...probe("/healthz"), periodSeconds: 30, failureThreshold: 3 },
                // The node's folders are root's.
                securityContext: {
                  runAsUser: 0,
                  runAsGroup: 0,
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ["ALL"], add: ["DAC_OVERRIDE"] },
                },
                volumeMounts: Object.entries(volumes).map(([volume, { mountPath }]) => ({ name: volume, mountPath })),
              },
            ],
            volumes: Object.entries(volumes).map(([volume, { path }]) => ({
              name: volume,
              hostPath: { path, type: "DirectoryOrCreate" },
            })),
          },
        },
      },
    },
  };
}

/** What the agents add to the connectivity graph. */
export function istioCniHalf({ closed }: NamespaceRules): Half {
  const agent = `${istioCniNamespace}/${name}`;
  return {
    of: "istio-cni",
    namespaces: { [istioCniNamespace]: { closed } },
    workloads: [{ namespace: istioCniNamespace, name, labels, ports: { metrics: { port: 15014 } } }],
    edges: [{ from: agent, to: "api-server", port: "https", why: "it watches the pods of its node" }],
  };
}
