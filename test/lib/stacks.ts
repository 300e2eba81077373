/** Every stack of the project, as it would run on a cluster of the lab's five nodes, without a machine around it. */
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { type Host, parseConfig, type PlatformConfig } from "../../config.ts";
import { exceptionsOf } from "../../components/authorization-plan.ts";
import type { ClusterFacts } from "../../components/cluster/facts.ts";
import type { Half } from "../../components/connectivity-graph.ts";
import type { Definition } from "../../components/definitions-plan.ts";
import { connectivityPicture } from "../../components/connectivity-picture.ts";
import { coreDnsHalf } from "../../components/coredns-plan.ts";
import type { DnsSettings } from "../../components/coredns-schema.ts";
import { platformGraph } from "../../components/platform-graph.ts";
import { sshKeyPair } from "./ssh-keys.ts";

/** What may never leave a secret: it stands in the kubeconfig of {@link host}. */
export const plantedSecret = "planted-client-key";

/** What tells the lab's cluster from every other one. */
export const clusterId = "0b9b7c4e-6f3a-4a53-9a5c-8f2d5f6f7a10";

/** The lab's cluster as `npm run cluster -- up` describes it. */
export const facts: ClusterFacts = {
  mode: "nodes",
  kubernetesVersion: "v1.36.3",
  podCidr: "10.42.0.0/16",
  serviceCidr: "10.43.0.0/16",
  apiEndpoint: "https://172.20.20.100:6443",
  dns: { address: "10.43.0.10", domain: "cluster.local", settings: "imports", resolvers: [] },
  hostAddress: "172.20.20.254",
  nodes: [
    { name: "qke-master", address: "172.20.20.1", role: "control-plane", rack: "rack-1" },
    { name: "qke-worker-49-1", address: "172.20.20.11", role: "control-plane", rack: "rack-49" },
    { name: "qke-worker-49-2", address: "172.20.20.12", role: "worker", rack: "rack-49" },
    { name: "qke-worker-181-1", address: "172.20.20.51", role: "control-plane", rack: "rack-181" },
    { name: "qke-worker-181-2", address: "172.20.20.52", role: "worker", rack: "rack-181" },
  ],
  enforcesNetworkPolicy: true,
  ownsEtcd: true,
  controlPlaneMetrics: true,
  loadBalancer: "nodes",
  imageSource: "mirror",
  brings: ["cni", "dns", "proxy", "metrics"],
  backups: {
    recipient: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", // the example of age's own manual
    s3: { endpoint: "http://172.20.20.254:5001", bucket: "etcd-backups", region: "us-east-1" },
  },
};

/** Nothing is set of the cluster's DNS. */
export const noDns: DnsSettings = { stubDomains: {}, upstream: [] };

/** A DNS that others answer for. */
export const foreignDns: Half = coreDnsHalf(noDns, { ...facts, dns: { domain: "cluster.local", settings: "none" } });

/** The kubeconfig of an embedded cluster with these facts. */
export function kubeconfig(extension: unknown = { id: clusterId, ...facts }): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "quintet",
    clusters: [
      {
        name: "quintet",
        cluster: { server: facts.apiEndpoint, extensions: [{ name: "quintet.dev/cluster", extension }] },
      },
    ],
    contexts: ["quintet", "lab"].map((name) => ({ name, context: { cluster: "quintet", user: "admin" } })),
    users: [{ name: "admin", user: { "client-key-data": plantedSecret } }],
  });
}

/** The least that a definition can be: group, plural, kind and scope. */
const stub = ([group = "", plural = "", kind = "", scope = ""]: readonly string[]): Definition => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.${group}`, annotations: {} },
  spec: {
    group,
    names: { plural, kind },
    scope,
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
});

/** Stands for the definitions of cert-manager's kinds, so that tests need no tool: as many, and as small as can be. */
export const definitions: readonly Definition[] = [
  ["cert-manager.io", "certificates", "Certificate", "Namespaced"],
  ["cert-manager.io", "certificaterequests", "CertificateRequest", "Namespaced"],
  ["cert-manager.io", "issuers", "Issuer", "Namespaced"],
  ["cert-manager.io", "clusterissuers", "ClusterIssuer", "Cluster"],
  ["acme.cert-manager.io", "orders", "Order", "Namespaced"],
  ["acme.cert-manager.io", "challenges", "Challenge", "Namespaced"],
].map(stub);

/** Stands for those of the mesh: what the platform makes objects of, and one that it does not. */
export const meshDefinitions: readonly Definition[] = [
  ["gateway.networking.k8s.io", "gatewayclasses", "GatewayClass", "Cluster"],
  ["gateway.networking.k8s.io", "gateways", "Gateway", "Namespaced"],
  ["gateway.networking.k8s.io", "httproutes", "HTTPRoute", "Namespaced"],
  ["networking.istio.io", "envoyfilters", "EnvoyFilter", "Namespaced"],
  ["networking.istio.io", "gateways", "Gateway", "Namespaced"],
  ["networking.istio.io", "destinationrules", "DestinationRule", "Namespaced"],
  ["networking.istio.io", "serviceentries", "ServiceEntry", "Namespaced"],
  ["networking.istio.io", "sidecars", "Sidecar", "Namespaced"],
  ["networking.istio.io", "virtualservices", "VirtualService", "Namespaced"],
  ["security.istio.io", "authorizationpolicies", "AuthorizationPolicy", "Namespaced"],
  ["security.istio.io", "peerauthentications", "PeerAuthentication", "Namespaced"],
  ["security.istio.io", "requestauthentications", "RequestAuthentication", "Namespaced"],
  ["telemetry.istio.io", "telemetries", "Telemetry", "Namespaced"],
].map(stub);

/** The content of a file of definitions, by its name. */
function definitionsIn(file: string): readonly Definition[] {
  if (file === "cert-manager-crds") return definitions;
  return meshDefinitions.filter(({ spec }) => spec.group.endsWith(".istio.io") === (file === "istio-crds"));
}

/** A machine with every tool, on which each cluster has this kubeconfig, and a stack that has not been deployed yet. */
export const hostWith = (text: string): Host => ({
  cache: "/cache",
  read: (path) => {
    const name = path.split("/").at(-1) ?? "";
    return name.endsWith("-crds") ? JSON.stringify(definitionsIn(name)) : text;
  },
  deployed: { stack: "organization/quintet/test" },
  isSecret: () => true,
  today: new Date("2026-11-15T12:00:00Z"),
});

/** A machine on which every cluster is up. */
export const host: Host = hostWith(kubeconfig());

/** The project's folder, where jest runs. */
export const root = process.cwd();

/** The names of the stacks, from their files. */
export const stacks: readonly string[] = readdirSync(root).flatMap(
  (file) => /^Pulumi\.(\w+)\.yaml$/.exec(file)?.[1] ?? [],
);

/** The configuration of a stack. */
export function stackConfig(stack: string): PlatformConfig {
  const { config } = parse(readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8")) as {
    config: Record<string, unknown>;
  };
  return parseConfig(engineValues({ ...nodeSecrets(config), ...config }), host);
}

const sshKey = sshKeyPair().private;
const k3sToken = randomBytes(32).toString("hex");

const s3Login = JSON.stringify({ accessKeyId: "AKEXAMPLE", secretAccessKey: plantedSecret });

const kindOf = (section: unknown): unknown =>
  typeof section === "object" && section !== null && "kind" in section ? section.kind : undefined;

/** The secrets without which machines cannot be reached, for a cluster of such, and backups not brought away. */
export function nodeSecrets(config: Readonly<Record<string, unknown>>): Record<string, string> {
  const cluster = kindOf(config["quintet:cluster"]);
  const overSsh = cluster === "k3s";
  const backup = config["quintet:backup"];
  const login = /"login":"(key|role)"/.exec(JSON.stringify(backup ?? {}))?.[1] ?? (cluster === "eks" ? "role" : "key");
  const backsUp = backup !== undefined && kindOf(backup) !== "none" && login === "key";
  const draws = JSON.stringify(config["quintet:monitoring"] ?? {}).includes("grafana");
  return {
    ...(draws ? { "quintet:grafanaPassword": plantedSecret } : {}),
    ...(overSsh ? { "quintet:sshPrivateKey": sshKey, "quintet:k3sToken": k3sToken } : {}),
    ...(backsUp ? { "quintet:backupCredentials": s3Login } : {}),
  };
}

/** The committed list of what a stack makes. */
export const goldenFile = (stack: string): string => join(root, "test", "stacks", `${stack}.expected.json`);

/** The page that shows who talks to whom. */
export const connectivityPage = join(root, "docs", "connectivity.md");

/** Who talks to whom in a stack. */
export const stackGraph = (config: PlatformConfig) => platformGraph({ ...config, facts: config.cluster.facts });

/** The page with the picture of a stack, and what its mesh lets in unknown, in the place of what it shows. */
export function withPicture(page: string, config: PlatformConfig): string {
  const graph = stackGraph(config);
  const picture = ["```mermaid", connectivityPicture(graph), "```"].join("\n");
  const exceptions = exceptionsOf(graph).map(({ to, port, from, why }) => [
    `\`${to}\``,
    String(port),
    `\`${from}\``,
    why,
  ]);
  const table = tableOf(["called", "port", "caller", "why"], exceptions);
  return page
    .replace(
      /(<!-- the picture of the dev stack -->\n)(?:\n```mermaid\n[^]*?```\n)?/,
      (_all, mark: string) => `${mark}\n${picture}\n`,
    )
    .replace(
      /(<!-- the exceptions of the dev stack -->\n)(?:\n(?:\|.*\n)+)?/,
      (_all, mark: string) => `${mark}\n${table}\n`,
    );
}

/** A table of Markdown as prettier writes it. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, 3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill = " ") =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`;
  return [line(head), line([], "-"), ...rows.map((row) => line(row))].join("\n");
}

/** Configuration in the form in which the engine hands it to the program: objects as JSON. */
export function engineValues(config: Readonly<Record<string, unknown>>): Record<string, string> {
  const flat = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, flat(value)]));
}
