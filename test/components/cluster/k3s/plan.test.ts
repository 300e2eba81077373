import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parse } from "yaml";
import { k3sFacts, membersOf, type NodePlan, planK3s } from "../../../../components/cluster/k3s/plan.ts";
import { clusterFactsSchema } from "../../../../components/cluster/facts.ts";
import { clusters } from "./arbitrary.ts";
import { goldenFile, rendered } from "./golden.ts";
import { lab, labInput } from "./lab.ts";

fc.configureGlobal({ numRuns: 15 });

const plansOf = (config = lab()) => {
  const { servers, agents } = planK3s(config);
  return [...servers, ...agents];
};
const fileOf = ({ files }: NodePlan, path: string) => files.find((file) => file.path === path)?.content ?? "";
const configOf = (plan: NodePlan) => parse(fileOf(plan, "/etc/rancher/k3s/config.yaml")) as Record<string, unknown>;
const config = (name: string, overrides: Parameters<typeof lab>[0] = {}) => {
  const plan = plansOf(lab(overrides)).find(({ node }) => node.name === name);
  if (plan === undefined) throw new Error(`There is no node ${name}.`);
  return configOf(plan);
};
const ofNode = (index: number, change: object) => ({
  nodes: labInput.nodes.map((node, at) => (at === index ? { ...node, ...change } : node)),
});

test.each([...rendered()])("node %s gets exactly the files of its golden", (node, text) => {
  expect(text).toBe(readFileSync(goldenFile(node), "utf8"));
});

describe("every server", () => {
  const server = config("qke-worker-49-1");
  const flags = (key: string) => server[key] as string[];

  // One row for each control of the hardening guide that is set in the configuration.
  test.each([
    ["protect-kernel-defaults", true],
    ["secrets-encryption", true],
    ["disable-network-policy", false],
    ["write-kubeconfig-mode", "0600"],
    ["token-file", "/etc/rancher/k3s/token"],
  ])("sets %s to %s", (key, value) => {
    expect(server[key]).toBe(value);
  });

  test.each([
    ["kube-apiserver-arg", "anonymous-auth=false"],
    ["kube-apiserver-arg", "enable-admission-plugins=NodeRestriction,EventRateLimit"],
    ["kube-apiserver-arg", "admission-control-config-file=/var/lib/rancher/k3s/server/psa.yaml"],
    ["kube-apiserver-arg", "audit-policy-file=/var/lib/rancher/k3s/server/audit.yaml"],
    ["kube-apiserver-arg", "audit-log-path=/var/lib/rancher/k3s/server/logs/audit.log"],
    ["kube-apiserver-arg", "audit-log-maxage=30"],
    ["kube-apiserver-arg", "audit-log-maxbackup=10"],
    ["kube-apiserver-arg", "audit-log-maxsize=100"],
    ["kube-apiserver-arg", "service-account-extend-token-expiration=false"],
    ["kube-apiserver-arg", "tls-min-version=VersionTLS12"],
    ["kube-controller-manager-arg", "terminated-pod-gc-threshold=100"],
    ["kubelet-arg", "anonymous-auth=false"],
    ["kubelet-arg", "streaming-connection-idle-timeout=5m"],
    ["kubelet-arg", "tls-min-version=VersionTLS12"],
  ])("gives %s %s", (key, flag) => {
    expect(flags(key)).toContain(flag);
  });

  test("holds pods to the level restricted by default, and limits events", () => {
    const [plan] = planK3s(lab()).servers;
    const { plugins } = parse(fileOf(plan, "/var/lib/rancher/k3s/server/psa.yaml")) as {
      plugins: { name: string; configuration: { defaults?: object } }[];
    };
    expect(plugins.map(({ name }) => name)).toEqual(["PodSecurity", "EventRateLimit"]);
    expect(plugins[0]?.configuration.defaults).toMatchObject({ enforce: "restricted", "enforce-version": "latest" });
  });

  test("writes no content of a request into its audit log", () => {
    const [plan] = planK3s(lab()).servers;
    const { rules } = parse(fileOf(plan, "/var/lib/rancher/k3s/server/audit.yaml")) as { rules: { level: string }[] };
    expect(rules.map(({ level }) => level).filter((level) => !["None", "Metadata"].includes(level))).toEqual([]);
    expect(rules.at(-1)).toEqual({ level: "Metadata" });
  });
});

test("an agent is told where the API is, and nothing that is a server's alone", () => {
  const agent = config("qke-worker-49-2");
  expect(agent["server"]).toBe("https://qke.com:6443");
  expect(Object.keys(agent).sort()).toEqual([
    "kubelet-arg",
    "node-ip",
    "node-label",
    "node-name",
    "protect-kernel-defaults",
    "server",
    "token-file",
  ]);
});

test("labels, taints, reservations and kernel settings come from the node's own data", () => {
  const change = {
    labels: { "example.com/disk": "ssd" },
    taints: ["example.com/dedicated=database:NoSchedule"],
    reservations: { system: { memory: "1Gi", cpu: "500m" }, kubernetes: { memory: "512Mi" } },
    sysctls: { "vm.max_map_count": "262144" },
  };
  const node = config("qke-worker-49-2", ofNode(2, change));
  expect(node).toMatchObject({
    "node-label": [
      "example.com/disk=ssd",
      "quintet.dev/cluster=qke",
      "quintet.dev/generation=0",
      "topology.kubernetes.io/zone=rack-49",
    ],
    "node-taint": ["example.com/dedicated=database:NoSchedule"],
  });
  expect(node["kubelet-arg"]).toEqual(
    expect.arrayContaining(["system-reserved=cpu=500m,memory=1Gi", "kube-reserved=memory=512Mi"]),
  );
  const plan = plansOf(lab(ofNode(2, change))).find(({ node }) => node.name === "qke-worker-49-2");
  const sysctls = plan === undefined ? "" : fileOf(plan, "/etc/sysctl.d/90-quintet-k3s.conf");
  expect(sysctls).toContain("vm.max_map_count = 262144\n");
  expect(sysctls).toContain("vm.overcommit_memory = 1\n");
});

test.each([
  [
    "another network takes flannel's place",
    { cni: "none" },
    { "flannel-backend": "none", "disable-network-policy": true },
  ],
  ["parts are left out", { disable: ["traefik", "servicelb"] }, { disable: ["servicelb", "traefik"] }],
  ["DNS has the tenth address of the services", { serviceCidr: "10.96.0.0/16" }, { "cluster-dns": "10.96.0.10" }],
  ["DNS has an address of its own", { clusterDns: "10.43.0.53" }, { "cluster-dns": "10.43.0.53" }],
  [
    "the API's own port is 6443 behind any other",
    { api: { host: "qke.com", port: 443 } },
    { "https-listen-port": 6443, "tls-san": ["qke.com"] },
  ],
  [
    "snapshots have a schedule",
    { snapshots: { schedule: "0 1 * * *", retention: 3 } },
    { "etcd-snapshot-schedule-cron": "0 1 * * *", "etcd-snapshot-retention": 3 },
  ],
] as const)("%s", (_, overrides, expected) => {
  expect(config("qke-master", overrides as Parameters<typeof lab>[0])).toMatchObject(expected);
});

test.each([
  ["amd64", "https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/k3s"],
  ["arm64", "https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/k3s-arm64"],
] as const)("the binary for %s comes from %s", (arch, url) => {
  expect(planK3s(lab({ arch })).servers[0].settings.k3s_url).toBe(url);
});

test("a node that is held back keeps its release and its checksum, and the members say so", () => {
  const held = { version: "v1.36.1+k3s1", sha256: "1".repeat(64) };
  const plan = planK3s(lab(ofNode(2, held)));
  expect(plan.agents[0]?.settings).toMatchObject({ k3s_version: held.version, k3s_sha256: held.sha256 });
  expect(membersOf(plan)).toContain("qke-worker-49-2 agent v1.36.1+k3s1\n");
});

describe("in any cluster", () => {
  test("the servers of a node's file are never another node's, so that no node knows of the others", () => {
    fc.assert(
      fc.property(clusters, (config) => {
        for (const { node, files } of plansOf(config)) {
          const text = JSON.stringify(files);
          for (const other of config.nodes.filter(({ name }) => name !== node.name)) {
            expect(text).not.toMatch(new RegExp(`\\b${other.address.replaceAll(".", "\\.")}\\b`));
          }
        }
      }),
    );
  });

  test("what is secret on a node is its owner's alone", () => {
    fc.assert(
      fc.property(clusters, (config) => {
        for (const { files } of plansOf(config)) {
          for (const { path, mode } of files) {
            expect(mode).toBe(/^\/etc\/rancher|^\/var\/lib\/rancher/.test(path) ? "600" : "644");
          }
        }
      }),
    );
  });

  test("its facts are those of a cluster that is there already", () => {
    fc.assert(
      fc.property(clusters, (config) => {
        const problem = clusterFactsSchema.safeParse({ id: "uid", ...k3sFacts(config) }).error;
        expect(problem).toBeUndefined();
      }),
    );
  });
});

test("the lab's facts", () => {
  expect(k3sFacts(lab())).toEqual({
    mode: "nodes",
    cniFolders: {
      configuration: "/var/lib/rancher/k3s/agent/etc/cni/net.d",
      programs: "/var/lib/rancher/k3s/data/cni",
    },
    kubernetesVersion: "v1.36.3",
    podCidr: "10.42.0.0/16",
    serviceCidr: "10.43.0.0/16",
    dns: { address: "10.43.0.10", domain: "cluster.local", settings: "imports" },
    apiEndpoint: "https://qke.com:6443",
    nodes: [
      { name: "qke-master", address: "172.20.20.1", role: "control-plane", rack: "rack-1" },
      { name: "qke-worker-49-1", address: "172.20.20.11", role: "control-plane", rack: "rack-49" },
      { name: "qke-worker-49-2", address: "172.20.20.12", role: "worker", rack: "rack-49" },
      { name: "qke-worker-181-1", address: "172.20.20.51", role: "control-plane", rack: "rack-181" },
      { name: "qke-worker-181-2", address: "172.20.20.52", role: "worker", rack: "rack-181" },
    ],
    enforcesNetworkPolicy: true,
    ownsEtcd: true,
    etcdHome: "k3s",
    loadBalancer: "nodes",
    imageSource: "registry",
    brings: ["cni", "dns", "proxy", "metrics"],
  });
});

test.each([
  [
    "without flannel nothing connects pods or enforces a NetworkPolicy",
    { cni: "none" },
    { enforcesNetworkPolicy: false, brings: ["dns", "proxy", "metrics"] },
  ],
  [
    "what is left out is not brought along",
    { disable: ["coredns", "metrics-server"] },
    { brings: ["cni", "proxy"], dns: { settings: "none" } },
  ],
] as const)("%s", (_, overrides, expected) => {
  expect(k3sFacts(lab(overrides as Parameters<typeof lab>[0]))).toMatchObject(expected);
});
