/**
 * Calico on the embedded nodes: its agent (Felix) on each, which makes the kernel refuse what no NetworkPolicy allows. It
 * routes nothing between nodes, since their switch does, and hands out no addresses, since nodes have ranges.
 */
import { apiPort, type ClusterSpec } from "./spec.ts";
import { versions } from "../versions.ts";

const name = "calico-node";
const namespace = "kube-system";
const labels = { "app.kubernetes.io/name": name };
const group = "crd.projectcalico.org";

/** Where the agent leaves word of each pod that its rules guard; it ends with the node, as the rules do. */
const runFolder = "/run/calico";
export const guardedPodsFolder = `${runFolder}/endpoint-status`;

/** The kinds that the agent reads and writes, by the plural of their names. */
const kinds = {
  bgpconfigurations: "BGPConfiguration",
  bgpfilters: "BGPFilter",
  bgppeers: "BGPPeer",
  blockaffinities: "BlockAffinity",
  caliconodestatuses: "CalicoNodeStatus",
  clusterinformations: "ClusterInformation",
  felixconfigurations: "FelixConfiguration",
  globalnetworkpolicies: "GlobalNetworkPolicy",
  globalnetworksets: "GlobalNetworkSet",
  hostendpoints: "HostEndpoint",
  ipamblocks: "IPAMBlock",
  ipamconfigs: "IPAMConfig",
  ipamhandles: "IPAMHandle",
  ippools: "IPPool",
  ipreservations: "IPReservation",
  kubecontrollersconfigurations: "KubeControllersConfiguration",
  networkpolicies: "NetworkPolicy",
  networksets: "NetworkSet",
} as const;

const namespaced: readonly string[] = ["networkpolicies", "networksets"];

/** The kinds of Calico, which have to be there before an object of them. */
export function calicoKinds(): object[] {
  return Object.entries(kinds).map(([plural, kind]) => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, labels },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      scope: namespaced.includes(plural) ? "Namespaced" : "Cluster",
      // Nobody but the agent writes them here, so they are not described field by field.
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        },
      ],
    },
  }));
}

/** Its objects, in the order in which they are applied. */
export function calicoObjects(spec: Pick<ClusterSpec, "apiAddress">): object[] {
  return [
    // The plugin adds no pod before it is told that this is there.
    {
      apiVersion: `${group}/v1`,
      kind: "ClusterInformation",
      metadata: { name: "default", labels },
      spec: { datastoreReady: true, calicoVersion: versions.images.calicoNode.replace(/^.*:/, "") },
    },
    ...pluginRights(),
    ...agentRights(),
    daemonSet(spec),
  ];
}

/** The plugin acts as the node, which may write to its own pods anyway. */
function pluginRights(): object[] {
  return clusterRole(
    "calico-cni-plugin",
    { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "system:nodes" },
    [
      { apiGroups: [""], resources: ["namespaces"], verbs: ["get"] },
      { apiGroups: [group], resources: ["clusterinformations", "ippools"], verbs: ["get", "list"] },
    ],
  );
}

function agentRights(): object[] {
  const read = ["get", "list", "watch"];
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace, labels } },
    ...clusterRole(name, { kind: "ServiceAccount", name, namespace }, [
      {
        apiGroups: [""],
        resources: ["endpoints", "namespaces", "nodes", "pods", "serviceaccounts", "services"],
        verbs: read,
      },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read },
      { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: read },
      { apiGroups: [group], resources: Object.keys(kinds), verbs: read },
      { apiGroups: [group], resources: ["clusterinformations", "felixconfigurations"], verbs: ["create", "update"] },
    ]),
  ];
}

function clusterRole(role: string, subject: object, rules: object[]): object[] {
  const common = { apiVersion: "rbac.authorization.k8s.io/v1", metadata: { name: role, labels } };
  return [
    { ...common, kind: "ClusterRole", rules },
    {
      ...common,
      kind: "ClusterRoleBinding",
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      subjects: [subject],
    },
  ];
}

/** What the agent is told, by the names of its environment (docs.tigera.io/calico/3.28/reference/felix/configuration). */
const settings = {
  DATASTORETYPE: "kubernetes",
  DEFAULTENDPOINTTOHOSTACTION: "ACCEPT", // a pod's egress policy has decided before
  ENDPOINTSTATUSPATHPREFIX: runFolder, // the plugin waits for what is written there
  HEALTHENABLED: "true",
  HEALTHHOST: "localhost",
  IPTABLESBACKEND: "NFT",
  IPV6SUPPORT: "false",
  LOGFILEPATH: "none",
  LOGSEVERITYSCREEN: "warning",
  LOGSEVERITYSYS: "none",
  PROMETHEUSMETRICSENABLED: "true",
  USAGEREPORTINGENABLED: "false",
  XDPENABLED: "false",
};

function daemonSet({ apiAddress }: Pick<ClusterSpec, "apiAddress">): object {
  const hostPath = (path: string, type?: string) => ({ path, ...(type === undefined ? {} : { type }) });
  // Not by a program in the container: five nodes of one machine would start it every second.
  const probe = (path: string) => ({
    httpGet: { host: "127.0.0.1", port: 9099, path },
    periodSeconds: 10,
    timeoutSeconds: 10,
    failureThreshold: 6,
  });
  const env = Object.entries(settings).map(([key, value]) => ({ name: `FELIX_${key}`, value }));
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          priorityClassName: "system-node-critical",
          hostNetwork: true,
          tolerations: [{ operator: "Exists" }],
          terminationGracePeriodSeconds: 0, // its rules stay, and the next one takes them over
          containers: [
            {
              name,
              image: versions.images.calicoNode,
              imagePullPolicy: "IfNotPresent",
              command: ["/bin/calico-node", "-felix"],
              env: [
                { name: "FELIX_FELIXHOSTNAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
                { name: "NODENAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
                // Not by the Service, which kube-proxy brings about at the same time: an agent that finds no API server at once
                // ends, and the kubelet waits longer with each time before it starts the next.
                { name: "KUBERNETES_SERVICE_HOST", value: apiAddress },
                { name: "KUBERNETES_SERVICE_PORT", value: String(apiPort) },
                ...env,
              ],
              readinessProbe: probe("/readiness"),
              livenessProbe: probe("/liveness"),
              resources: { requests: { cpu: "50m", memory: "96Mi" } },
              securityContext: { privileged: true }, // it writes the node's packet filter and kernel settings
              volumeMounts: [
                { name: "modules", mountPath: "/lib/modules", readOnly: true },
                { name: "lock", mountPath: "/run/xtables.lock" },
                { name: "run", mountPath: runFolder },
                { name: "lib", mountPath: "/var/lib/calico" },
              ],
            },
          ],
          volumes: [
            { name: "modules", hostPath: hostPath("/lib/modules") },
            { name: "lock", hostPath: hostPath("/run/xtables.lock", "FileOrCreate") },
            { name: "run", hostPath: hostPath(runFolder, "DirectoryOrCreate") },
            { name: "lib", hostPath: hostPath("/var/lib/calico", "DirectoryOrCreate") },
          ],
        },
      },
    },
  };
}
