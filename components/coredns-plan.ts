/** What the cluster's DNS is, as plain manifests: no Pulumi here. */
import { createHash } from "node:crypto";
import { versions } from "../versions.ts";
import { dnsAddressOf } from "./cluster/facts.ts";
import { clusterDns } from "./cluster/half.ts";
import { anyone, type Edge, type Half, type Peer, refOf, type Workload } from "./connectivity-graph.ts";
import { type DnsFacts, type DnsSettings, dnsWay } from "./coredns-schema.ts";
import { ownerAnnotation } from "./owner.ts";
import { lockedDown, spread } from "./pod-plan.ts";

/** What decides the shape of the cluster's DNS. */
export interface CoreDnsSpec {
  readonly facts: DnsFacts;
  readonly settings: DnsSettings;
  /** The stack that sets it up, by its full name; the API server refuses a second one. */
  readonly owner: string;
}

const name = "coredns";
const namespace = "kube-system";
const labels = { "k8s-app": "kube-dns" };
const checkName = "dns-check";
const checkLabels = { "app.kubernetes.io/name": checkName };

/** Where its pods listen, and its Service. */
const ports = [
  { name: "dns", number: 53, protocol: "UDP" },
  { name: "dns-tcp", number: 53, protocol: "TCP" },
  { name: "metrics", number: 9153, protocol: "TCP" },
] as const;

/** The ConfigMap whose files an importing Corefile takes in, by k3s' convention. */
const importedName = "coredns-custom";

/** How long CoreDNS answers on once it is told to stop, in seconds: as long as endpoints take to leave every node. */
const lameduckSeconds = 5;

/** How long answers are kept at most, in seconds. */
const cacheSeconds = 30;

/** The user `nonroot` of the upstream image, as a number because runAsNonRoot cannot check a name. */
const user = { runAsUser: 65532, runAsGroup: 65532, runAsNonRoot: true };

/**
 * How many replicas there are: one for each 16 nodes as in kube-dns' own autoscaling, and two at least, so that one may
 * fail (kubernetes.io/docs/tasks/administer-cluster/dns-horizontal-autoscaling).
 */
export const replicasFor = (nodes: number): number => Math.max(2, Math.ceil(nodes / 16));

/**
 * Every manifest of the cluster's DNS, by the resource it becomes and without its namespace: a CoreDNS of our own, the
 * settings of one that imports them, the budget of either, and the check. What this stack does not make is absent.
 */
export function planCoreDns(spec: CoreDnsSpec) {
  const way = dnsWay(spec.facts);
  return {
    ...(way === "install" ? { installed: installed(spec) } : {}),
    ...(way === "import" ? { imported: imported(spec) } : {}),
    ...(way === "install" || way === "import" ? { podDisruptionBudget: budget(spec) } : {}),
    ...(way === "leave" ? {} : { check: check(spec) }),
  };
}

/**
 * The whole Corefile: kubeadm's own, with what is set. Answers about the cluster's own names are not cached: they come
 * from memory anyway, and a Service that was asked for too early would stay unknown for a while.
 */
export function corefile(domain: string, settings: DnsSettings): string {
  return text([
    ".:53 {",
    "    errors",
    ...health,
    "    ready",
    `    kubernetes ${domain} in-addr.arpa ip6.arpa {`,
    "        pods insecure",
    "        fallthrough in-addr.arpa ip6.arpa",
    "        ttl 30",
    "    }",
    "    prometheus :9153",
    ...forward(settings.upstream.length === 0 ? ["/etc/resolv.conf"] : settings.upstream),
    `    cache ${String(cacheSeconds)} {`,
    `        disable success ${domain}`,
    `        disable denial ${domain}`,
    "    }",
    "    loop",
    "    reload",
    "    loadbalance",
    "}",
    ...stubServers(settings),
  ]);
}

/** The files that an importing Corefile takes in. Each says something: CoreDNS warns for ever of a pattern without a file. */
export function imports(settings: DnsSettings): Record<"quintet.override" | "quintet.server", string> {
  const heading = "# quintet:dns";
  const upstream = settings.upstream.length === 0 ? [] : forward(settings.upstream);
  return {
    "quintet.override": text([heading, ...health, ...upstream]),
    "quintet.server": text([heading, ...stubServers(settings)]),
  };
}

const health = ["    health {", `        lameduck ${String(lameduckSeconds)}s`, "    }"];

const forward = (servers: readonly string[]) => [
  `    forward . ${servers.join(" ")} {`,
  "        max_concurrent 1000",
  "    }",
];

const stubServers = ({ stubDomains }: DnsSettings) =>
  Object.entries(stubDomains)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([zone, servers]) => [
      `${zone}:53 {`,
      "    errors",
      "    prometheus :9153",
      ...forward(servers),
      `    cache ${String(cacheSeconds)}`,
      "    loadbalance",
      "}",
    ]);

const text = (lines: readonly string[]) => `${lines.join("\n")}\n`;

const meta = (of: string, { owner }: CoreDnsSpec) => ({ name: of, annotations: { [ownerAnnotation]: owner } });

/** The files, and what the Deployment that is there lacks: replicas on different nodes, made anew when the files change. */
function imported(spec: CoreDnsSpec) {
  const files = imports(spec.settings);
  return {
    configMap: { metadata: meta(importedName, spec), data: files },
    deploymentPatch: {
      // By this name a later `up` finds the fields again that `destroy` leaves as they are.
      metadata: { name, annotations: { "pulumi.com/patchFieldManager": "quintet", "pulumi.com/patchForce": "true" } },
      spec: {
        replicas: replicasFor(spec.facts.nodes.length),
        template: { metadata: { annotations: settingsHash(files) }, spec: { topologySpreadConstraints: apart } },
      },
    },
  };
}

const settingsHash = (files: object) => ({
  "quintet.dev/dns-settings": createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16),
});

/** Its replicas on different nodes. */
const apart = spread(labels, false);

function budget(spec: CoreDnsSpec) {
  const { annotations } = meta(name, spec);
  return {
    // True once every replica is ready.
    metadata: { name, annotations: { ...annotations, "pulumi.com/waitFor": "condition=DisruptionAllowed" } },
    spec: { selector: { matchLabels: labels }, maxUnavailable: 1 },
  };
}

/** What kubeadm's add-on is made of, for a cluster that brings none. */
function installed(spec: CoreDnsSpec) {
  const { facts, settings } = spec;
  const role = `system:${name}`;
  const [data, own] = [{ Corefile: corefile(facts.dns.domain, settings) }, meta(name, spec)];
  return {
    serviceAccount: { metadata: own, automountServiceAccountToken: false },
    clusterRole: {
      metadata: { name: role, annotations: own.annotations },
      rules: [
        { apiGroups: [""], resources: ["services", "pods", "namespaces"], verbs: ["list", "watch"] },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
      ],
    },
    clusterRoleBinding: {
      metadata: { name: role, annotations: own.annotations },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
    configMap: { metadata: own, data },
    deployment: {
      metadata: { ...own, labels },
      spec: {
        replicas: replicasFor(facts.nodes.length),
        selector: { matchLabels: labels },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
        template: {
          metadata: { labels, annotations: settingsHash(data) },
          spec: {
            serviceAccountName: name,
            automountServiceAccountToken: true,
            enableServiceLinks: false,
            priorityClassName: "system-cluster-critical",
            dnsPolicy: "Default", // its own names are the node's to resolve
            nodeSelector: { "kubernetes.io/os": "linux" },
            tolerations: [
              { key: "CriticalAddonsOnly", operator: "Exists" },
              { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
            ],
            topologySpreadConstraints: apart,
            securityContext: { ...user, seccompProfile: { type: "RuntimeDefault" } },
            containers: [container()],
            volumes: [{ name: "config", configMap: { name } }],
          },
        },
      },
    },
    service: {
      // The name and the labels by which others look for the cluster's DNS.
      metadata: {
        ...own,
        name: "kube-dns",
        labels: { ...labels, "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS" },
      },
      spec: {
        selector: labels,
        clusterIP: dnsAddressOf(facts),
        ports: ports.map(({ number, ...port }) => ({ ...port, port: number })),
      },
    },
  };
}

function container() {
  const probe = (path: string, port: number) => ({ httpGet: { path, port }, timeoutSeconds: 5 });
  return {
    name,
    image: versions.images.coredns,
    args: ["-conf", "/etc/coredns/Corefile"],
    ports: ports.map(({ number, ...port }) => ({ ...port, containerPort: number })),
    // kubeadm's own amounts, and a limit on cpu that is never reached where they are enough.
    resources: { requests: { cpu: "100m", memory: "70Mi" }, limits: { cpu: "1", memory: "170Mi" } },
    startupProbe: { ...probe("/ready", 8181), periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { ...probe("/ready", 8181), periodSeconds: 5, failureThreshold: 3 },
    livenessProbe: { ...probe("/health", 8080), periodSeconds: 10, failureThreshold: 5 },
    securityContext: { ...lockedDown, capabilities: { ...lockedDown.capabilities, add: ["NET_BIND_SERVICE"] } },
    volumeMounts: [{ name: "config", mountPath: "/etc/coredns", readOnly: true }],
  };
}

/**
 * A pod on each node that is ready as long as it finds the DNS Service by its name there, over UDP, and reaches it, over
 * TCP: through the node's rules for Services and every NetworkPolicy between, as whoever needs names would.
 */
function check(spec: CoreDnsSpec) {
  const target = `kube-dns.${namespace}.svc.${spec.facts.dns.domain}.:53`;
  const probe = { exec: { command: ["podcli", "check", "tcp", target, "--delay=0s", "--timeout=2s"] } };
  return {
    metadata: { ...meta(checkName, spec), labels: checkLabels },
    spec: {
      selector: { matchLabels: checkLabels },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "100%" } },
      template: {
        metadata: { labels: checkLabels },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 0,
          nodeSelector: { "kubernetes.io/os": "linux" },
          tolerations: [{ operator: "Exists" }],
          securityContext: {
            runAsUser: 100,
            runAsGroup: 101,
            runAsNonRoot: true,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [
            {
              name: "check",
              image: versions.images.podinfo, // it has a client beside its server, which only waits here
              command: ["./podinfo", "--host=127.0.0.1"],
              resources: { requests: { cpu: "5m", memory: "24Mi" }, limits: { cpu: "200m", memory: "64Mi" } },
              startupProbe: { ...probe, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 300 },
              readinessProbe: { ...probe, periodSeconds: 30, timeoutSeconds: 5, failureThreshold: 2 },
              securityContext: lockedDown,
            },
          ],
        },
      },
    },
  };
}

/** Where CoreDNS asks on; `undefined` in a closed cluster. */
function nameServers({ stubDomains, upstream }: DnsSettings, facts: DnsFacts): Peer | undefined {
  const { dns, nodeRanges, podCidr, serviceCidr } = facts;
  const known = upstream.length > 0 ? upstream : dns.resolvers;
  const asked = [...new Set([...(known ?? []), ...Object.values(stubDomains).flat()])];
  const listening = { ports: { dns: { port: 53, protocol: "UDP" }, "dns-tcp": { port: 53 } } } as const;
  if (known === undefined) return { cidrs: ["0.0.0.0/0"], except: [podCidr, serviceCidr], ...listening };
  if (asked.length === 0) return undefined;
  const cidrs = asked.sort().map((one) => `${one}/32`);
  return { cidrs, ...listening, ...(nodeRanges === undefined ? {} : { amongPods: true }) };
}

/** What the cluster's DNS adds to the connectivity graph; only that it is there, where others answer for it. */
export function coreDnsHalf(settings: DnsSettings, facts: DnsFacts): Half {
  const foreign = dnsWay(facts) === "leave";
  const graphPorts = Object.fromEntries(
    ports.map(({ name: key, number, protocol }) => [key, { port: number, protocol }]),
  );
  const dns: Workload = { namespace, name, labels, ports: graphPorts, ...(foreign ? { foreign } : {}) };
  if (foreign) return { of: "coredns", workloads: [dns] };
  const both = (edge: Omit<Edge, "port">): Edge[] => ["dns", "dns-tcp"].map((port) => ({ ...edge, port }));
  const peer = nameServers(settings, facts);
  const checker: Workload = { namespace, name: checkName, labels: checkLabels };
  return {
    of: "coredns",
    workloads: [dns, checker],
    ...(peer === undefined ? {} : { peers: { "name-servers": peer } }),
    edges: [
      ...both({ from: anyone, to: clusterDns, why: "whoever may call it may ask for names" }),
      { from: clusterDns, to: "api-server", port: "https", why: "Services and their endpoints are read" },
      ...(peer === undefined ? [] : both({ from: clusterDns, to: "name-servers", why: "other names are asked for" })),
      ...both({ from: refOf(checker), to: clusterDns, why: "names are looked up from every node" }),
    ],
  };
}
