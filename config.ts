/** The only reader of the stack's configuration, of the environment and of files: all problems in one message. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { log, Output, runtime, RunError, secret } from "@pulumi/pulumi";
import { z } from "zod";
import { admissionProblems, admissionSchema } from "./components/admission-schema.ts";
import { qosProblems } from "./components/backend-plan.ts";
import { bookstoreProblems, bookstoreSchema } from "./components/bookstore-schema.ts";
import { certificatesProblems, certificatesSchema } from "./components/certificates-schema.ts";
import { type Deployed, deployedProblems, readDeployed, type Wanted } from "./components/cluster/deployed.ts";
import { eksFacts } from "./components/cluster/eks/facts.ts";
import { eksSchema } from "./components/cluster/eks/schema.ts";
import { embeddedFacts } from "./components/cluster/embedded.ts";
import { contextProblem } from "./components/cluster/existing.ts";
import {
  clusterFactsSchema,
  type Contradiction,
  dnsLabel,
  guestFacts,
  minorOf,
  ownNamespace,
  quantity,
} from "./components/cluster/facts.ts";
import type { ClusterConfig } from "./components/cluster/index.ts";
import { k3sFacts } from "./components/cluster/k3s/plan.ts";
import { k3sSchema } from "./components/cluster/k3s/schema.ts";
import { sshKeyProblem, tokenProblem } from "./components/cluster/k3s/secrets.ts";
import { dnsProblems, dnsSchema } from "./components/coredns-schema.ts";
import { type Definition, definitionSchema } from "./components/definitions-plan.ts";
import {
  type BackupConfig,
  type BackupCredentials,
  backupCredentialsProblem,
  backupOf,
  backupProblems,
  backupSchema,
  readBackupCredentials,
} from "./components/etcd-backup-schema.ts";
import { externalsProblems } from "./components/externals-schema.ts";
import { gatewayNamespace } from "./components/gateway-plan.ts";
import { ingressProblems, ingressSchema } from "./components/ingress-schema.ts";
import { istioCniNamespace } from "./components/istio-cni-plan.ts";
import { istioNamespace } from "./components/istio-names.ts";
import { jwtProblems } from "./components/jwt-schema.ts";
import { loggingProblems, loggingSchema } from "./components/logging/schema.ts";
import { meshSchema } from "./components/mesh-schema.ts";
import { meshServices } from "./components/mesh-services.ts";
import { monitoringProblems, monitoringSchema } from "./components/monitoring/schema.ts";
import { sidecarsOf } from "./components/platform-graph.ts";
import { ownRulesProblems } from "./components/platform-insights.ts";
import { networkProblems, platformNamespaces, surroundingsOf } from "./components/platform-network.ts";
import { readCredentials, registriesSchema, type RegistryCredentials } from "./components/registries.ts";
import { rolloutProblems, rolloutsSchema } from "./components/rollout-schema.ts";
import { tenantProblems } from "./components/tenant-problems.ts";
import { namespacesOf, tenantsSchema } from "./components/tenant-schema.ts";
import { tracingProblems, tracingSchema } from "./components/tracing/schema.ts";
import { trafficProblems } from "./components/traffic-problems.ts";
import { trafficSchema } from "./components/traffic-schema.ts";
import { pathOf, problemsOf, section } from "./problems.ts";
import { combinationProblem, type Release, supportWarnings } from "./support.ts";
import { binaryOf, defaultToolbox, findTool } from "./toolchain/cache.ts";
import type { ToolName } from "./toolchain/catalog.ts";
import { versions } from "./versions.ts";

/** Those that may be thrown away, and those that people depend on. */
const environments = ["dev", "test", "staging", "prod"] as const;

const wholeNumber = "must be a whole number from 1 to 10";

/** How few and how many replicas the backend may ever have. */
const replicas = z.int(wholeNumber).min(1, wholeNumber).max(10, wholeNumber);

/**
 * Whether another stack looks after what a cluster has once: its DNS, its metrics, whom kube-system talks to. This one
 * then only adds to the cluster. Of the stacks on one cluster one is no guest.
 */
const guest = z.boolean().default(false);

const embeddedSchema = section({
  kind: z.literal("embedded"),
  /** Its name on the command line. */
  name: dnsLabel.default("quintet"),
  guest,
});

const existingSchema = section({
  kind: z.literal("existing"),
  /** Path of the kubeconfig, from the project's folder. */
  kubeconfig: z.string().min(1),
  /** @default the kubeconfig's current context, which only a dev or test environment may leave to chance */
  context: z.string().min(1).optional(),
  facts: clusterFactsSchema,
  guest,
});

/** A secret as the text it is; the engine wants a value for every key of Pulumi.yaml, so an empty one is none. */
const secretText = z.string().default("");

const amounts = section({ cpu: quantity.default("100m"), memory: quantity.default("64Mi") });

/** Every key of the stack's configuration. Pulumi.yaml says the same to the engine; a test keeps both equal. */
export const schemas = {
  /** Whose configuration this is: it marks what is made, and keeps one environment's file off another's stack. */
  environment: z.enum(environments),
  cluster: z.discriminatedUnion(
    "kind",
    [embeddedSchema, existingSchema, k3sSchema, eksSchema],
    'expected an object with kind "embedded", "existing", "k3s" or "eks"',
  ),
  backend: section({
    namespace: ownNamespace.default("backend"),
    replicas: section({ min: replicas.default(3), max: replicas.default(10) })
      .refine(({ min, max }) => min <= max, { path: ["max"], error: "must not be below min" })
      .prefault({}),
    /** What each pod is promised. */
    resources: amounts.prefault({}),
    /** What each pod may take at most. @default what it is promised */
    limits: section({ cpu: quantity, memory: quantity }).optional(),
    /** What the kubelet evicts last: Guaranteed wants limits equal to resources, Burstable at least one above. */
    qosClass: z.enum(["Guaranteed", "Burstable"]).default("Guaranteed"),
  })
    .superRefine(({ resources, limits = resources, qosClass }, context) => {
      for (const [path, message] of qosProblems(resources, limits, qosClass)) {
        context.addIssue({ code: "custom", path, message });
      }
    })
    .prefault({}),
  /** Who talks to whom, beyond what tenants say of themselves. */
  network: section({
    /** Whether the platform's own pods call nobody and are called by nobody, but for what its connectivity graph says. */
    defaultDeny: z.boolean().default(true),
  }).prefault({}),
  /** How names outside the cluster are resolved. */
  dns: dnsSchema,
  /** Who signs the certificates of servers. */
  certificates: certificatesSchema,
  /** By which names and limits the outside reaches the backend. */
  ingress: ingressSchema,
  /** What the sidecars of the mesh get. */
  mesh: meshSchema,
  /** The sample of many services, in the mesh. */
  bookstore: bookstoreSchema,
  /** How requests between Services of the mesh are routed, guarded and spread, by Service. */
  traffic: trafficSchema,
  /** Which version of a Service takes over from which, and how far it is, by Service. */
  rollouts: rolloutsSchema,
  /** How etcd is backed up, where it is ours. */
  backup: backupSchema,
  /** Who watches the platform, for how long what is measured is kept, and who is told. */
  monitoring: monitoringSchema,
  /** Whether the API server holds workloads to the rules, too. */
  admission: admissionSchema,
  /** Who keeps what containers say and what happens to objects, and for how long. */
  logging: loggingSchema,
  /** Which requests are followed through the mesh, and how many of them are kept. */
  tracing: tracingSchema,
  /** Who shares the cluster, by name. */
  tenants: tenantsSchema,
  /** Where images may come from, and who may pull from where. */
  registries: registriesSchema,
  /** The logins for registries, as JSON: a secret. */
  registryCredentials: secretText,
  /** The login for the S3 service of `backup`, as JSON: a secret. */
  backupCredentials: secretText,
  /** What Grafana's administrator comes in with: a secret. */
  grafanaPassword: secretText,
  /** The password, or the token, of `monitoring.remoteWrite`: a secret. */
  remoteWriteSecret: secretText,
  /** The password, the token or the URL of `monitoring.alertmanager.receiver`: a secret. */
  alertReceiverSecret: secretText,
  /** What k3s nodes join with: a secret. */
  k3sToken: secretText,
  /** The key that opens the machines of a k3s cluster: a secret. */
  sshPrivateKey: secretText,
  /** What opens that key: a secret. */
  sshPassphrase: secretText,
};

/** The keys whose whole value must be secret to the engine. */
export const secretKeys = [
  "registryCredentials",
  "backupCredentials",
  "grafanaPassword",
  "remoteWriteSecret",
  "alertReceiverSecret",
  "k3sToken",
  "sshPrivateKey",
  "sshPassphrase",
] as const satisfies readonly (keyof typeof schemas)[];

type SecretKey = (typeof secretKeys)[number];

type Parsed = { readonly [K in keyof typeof schemas]: z.infer<(typeof schemas)[K]> };

/** The stack's configuration, valid and frozen. */
export interface PlatformConfig extends Omit<Parsed, "cluster" | "backup" | SecretKey> {
  /** The stack's full name: organization/project/stack. */
  readonly stack: string;
  readonly cluster: ClusterConfig;
  /** The definitions of kinds that the platform brings along, by whose they are. */
  readonly definitions: { readonly certManager: readonly Definition[]; readonly mesh: readonly Definition[] };
  /** The logins for registries, by host; each that `registries.pullSecrets` names is there. */
  readonly registryCredentials: Output<RegistryCredentials>;
  /** How etcd is backed up, with the defaults of the cluster. */
  readonly backup: BackupConfig;
  /** The login for the S3 service that backups go to, when they do. */
  readonly backupCredentials: Output<BackupCredentials | undefined>;
  /** What Grafana's administrator comes in with. */
  readonly grafanaPassword: Output<string>;
  /** What Prometheus logs in with where it brings what it measures. */
  readonly remoteWriteSecret: Output<string>;
  /** What Alertmanager logs in with at whoever is told of alerts. */
  readonly alertReceiverSecret: Output<string>;
}

/** What is outside the program: the machine's environment and files, the engine, the day. */
export interface Host {
  /** Where everything is kept that can be made again. */
  readonly cache: string;
  /** The text of a file, or `undefined` when there is none. */
  readonly read: (path: string) => string | undefined;
  /** Where the stack stands after its last `up`. */
  readonly deployed: Deployed;
  /** Whether the engine keeps a key's value encrypted. */
  readonly isSecret: (key: string) => boolean;
  /** Any moment of the day. */
  readonly today: Date;
}

/**
 * Reads the configuration of the stack that is running, and warns of what its makers soon cease to support.
 *
 * @throws RunError, as {@link parseConfig}
 */
export async function loadConfig(): Promise<PlatformConfig> {
  const secretKeys = z.array(z.string()).parse(JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]"));
  const today = new Date();
  const config = parseConfig(runtime.allConfig(), {
    cache: process.env["QUINTET_CACHE"] ?? join(homedir(), ".cache", "quintet"),
    read: readIfThere,
    deployed: await readDeployed(),
    isSecret: (key) => secretKeys.includes(key),
    today,
  });
  for (const warning of supportWarnings(releasesOf(config), today)) await log.warn(warning);
  return config;
}

/**
 * Checks a stack's configuration.
 *
 * @param values Pulumi's flat configuration: `quintet:backend` to the JSON of an object
 * @throws RunError with every problem by its path, what is wrong and what would be right
 */
export function parseConfig(values: Readonly<Record<string, string>>, host: Host): PlatformConfig {
  const own = Object.entries(values).flatMap(([key, value]) => {
    const [project, name, ...rest] = key.split(":");
    if (project !== "quintet" || name === undefined || rest.length > 0) return [];
    return [[name, isSecretKey(name) ? value : fromJson(value)] as const];
  });
  const parsed = section(schemas).safeParse(Object.fromEntries(own));
  if (!parsed.success) throw refused(problemsOf("quintet:", parsed.error));
  const { registryCredentials, backupCredentials, ...others } = parsed.data;
  const { grafanaPassword, remoteWriteSecret, alertReceiverSecret, ...closer } = others;
  const { k3sToken, sshPrivateKey, sshPassphrase, ...written } = closer;
  const { pullSecrets } = written.registries;
  const logins = readCredentials(registryCredentials === "" ? undefined : registryCredentials, pullSecrets);
  const cluster = connect(parsed.data, host);
  const { facts } = cluster;
  const open = { ...written, backup: backupOf(written.backup, facts) };
  const backupLogin = backupCredentialsProblem(backupCredentials, open.backup, facts);
  const around = surroundingsOf(open, facts, pullSecrets);
  const mesh = { services: meshServices(open), mesh: open.ingress.kind !== "none" };
  const problems = [
    ...secretProblems(parsed.data, host),
    ...nodeSecretProblems(open.cluster.kind, { k3sToken, sshPrivateKey, sshPassphrase }),
    ...environmentProblems(open),
    ...prerequisiteProblems(cluster),
    ...deployedProblems(host.deployed, wantedOf(open.environment, cluster)),
    ...[
      ...networkProblems({ ...open, facts: cluster.facts }),
      ...strictProblems(open),
      ...dnsProblems(open.dns, cluster.facts),
      ...certificatesProblems(open.certificates, {
        ...open,
        cluster: open.cluster.kind,
        namespaces: [...around.platformNamespaces, ...namespacesOf(open.tenants).map(({ namespace }) => namespace)],
      }),
      ...ingressProblems(open.ingress, cluster.facts),
      ...bookstoreProblems(open.bookstore, {
        ingress: open.ingress,
        platformNamespaces: platformNamespaces({ ...open, bookstore: { kind: "none" } }, cluster.facts),
      }),
      ...(open.ingress.kind === "none" ? [] : jwtProblems(open.ingress, { cluster: open.cluster.kind, facts })),
      ...meshProblems(open, minorOf(cluster.facts.kubernetesVersion)),
      ...externalsProblems(open.mesh.externals, { ...mesh, facts, sidecars: sidecarsOf({ ...open, facts }) }),
      ...trafficProblems(open.traffic, { ...mesh, today: host.today }),
      ...rolloutProblems(open.rollouts, { ...mesh, traffic: open.traffic }),
      ...tenantProblems(open.tenants, around),
      ...backupProblems(open.backup, { ...open, facts }),
      ...admissionProblems(open.admission, "guest" in open.cluster && open.cluster.guest),
      ...monitoringProblems(open.monitoring, facts, { grafanaPassword, remoteWriteSecret, alertReceiverSecret }),
      ...ownRulesProblems({ ...open, facts }),
      ...loggingProblems(open.logging, open),
      ...tracingProblems(open.tracing, open.ingress),
    ].map(([path, problem]) => `quintet:${pathOf(path)}: ${problem}`),
    ...(logins.problems ?? []).map((problem) => `quintet:registryCredentials: ${problem}`),
    ...(backupLogin === undefined ? [] : [`quintet:backupCredentials: ${backupLogin}`]),
  ];
  if (problems.length > 0) throw refused(problems);
  return deepFreeze({
    ...open,
    stack: host.deployed.stack,
    cluster,
    definitions: {
      certManager:
        open.certificates.issuer.kind === "existing" ? [] : readDefinitions("certificates", "cert-manager-crds", host),
      mesh:
        open.ingress.kind === "none"
          ? []
          : (["gateway-api-crds", "istio-crds"] as const).flatMap((name) => readDefinitions("ingress", name, host)),
    },
    registryCredentials: secret(logins.credentials ?? {}),
    backupCredentials: secret(readBackupCredentials(backupCredentials)),
    grafanaPassword: secret(grafanaPassword),
    remoteWriteSecret: secret(remoteWriteSecret),
    alertReceiverSecret: secret(alertReceiverSecret),
  });
}

/**
 * The definitions of kinds that the platform brings along, as `npm run setup` has taken them out of their module.
 *
 * @throws RunError when they are not there
 */
function readDefinitions(section: string, name: ToolName, { cache, read }: Host): Definition[] {
  const box = { ...defaultToolbox(), cache };
  const file = binaryOf(findTool(name, box), box);
  const text = read(file);
  if (text === undefined) {
    throw refused([`quintet:${section}: there are no definitions of its kinds at ${file}, run \`npm run setup\``]);
  }
  const objects = z.array(z.looseObject({ kind: z.string() })).parse(JSON.parse(text));
  // The Gateway API's come with a policy against older ones, which nobody here installs.
  return z.array(definitionSchema).parse(objects.filter(({ kind }) => kind === "CustomResourceDefinition"));
}

const isSecretKey = (name: string): name is SecretKey => secretKeys.some((key) => key === name);

/** Secrets that the stack's file shows to everybody. */
function secretProblems(values: Readonly<Record<SecretKey, string>>, { isSecret }: Host): string[] {
  return secretKeys
    .filter((key) => values[key] !== "" && !isSecret(`quintet:${key}`))
    .map(
      (key) =>
        `quintet:${key}: stands in the stack's file for everybody to read. Encrypt a new one with \`npm run secret -- ${key}\`, this one is no secret any more`,
    );
}

/** What is known of the cluster: one that is there already says so itself. */
function connect({ cluster, dns, environment, registries, ...secrets }: Parsed, host: Host): ClusterConfig {
  const missing = (file: string, advice: string) =>
    refused([`quintet:cluster: there is no kubeconfig at ${file}, ${advice}`]);
  switch (cluster.kind) {
    case "embedded": {
      const file = join(host.cache, "clusters", cluster.name, "kubeconfig");
      const kubeconfig = host.read(file);
      if (kubeconfig === undefined) {
        const name = cluster.name === "quintet" ? "" : ` --name ${cluster.name}`;
        throw missing(file, `start the cluster with \`npm run cluster -- up${name}\``);
      }
      const { id, ...facts } = embeddedFacts(kubeconfig, file);
      return { kind: "embedded", kubeconfig, id, facts: cluster.guest ? guestFacts(facts) : facts };
    }
    case "existing": {
      const file = resolve(cluster.kubeconfig);
      const kubeconfig = host.read(file);
      if (kubeconfig === undefined) throw missing(file, "set quintet:cluster.kubeconfig to its path");
      const {
        context,
        facts: { id, ...own },
      } = cluster;
      const facts = cluster.guest ? guestFacts(own) : own;
      const problem = contextProblem(kubeconfig, file, context);
      if (problem !== undefined) throw refused([problem]);
      return { kind: "existing", kubeconfig, id, facts, ...(context === undefined ? {} : { context }) };
    }
    case "k3s": {
      const passphrase = secrets.sshPassphrase === "" ? {} : { passphrase: secret(secrets.sshPassphrase) };
      return {
        kind: "k3s",
        config: cluster,
        facts: k3sFacts(cluster),
        ssh: { privateKey: secret(secrets.sshPrivateKey), ...passphrase },
        token: secret(secrets.k3sToken),
        mirrors: registries.mirrors,
      };
    }
    case "eks":
      return { kind: "eks", config: cluster, facts: eksFacts(cluster), environment, dns };
  }
}

function wantedOf(environment: string, cluster: ClusterConfig): Wanted {
  switch (cluster.kind) {
    case "embedded":
    case "existing":
      return { environment, kind: cluster.kind, id: cluster.id, facts: cluster.facts, upgrades: false };
    case "k3s":
    case "eks":
      return { environment, kind: cluster.kind, facts: cluster.facts, upgrades: true };
  }
}

/** What an environment may not stand on. */
function environmentProblems({ environment, cluster }: Pick<Parsed, "environment" | "cluster">): string[] {
  const disposable = environment === "dev" || environment === "test";
  if (disposable) return [];
  if (cluster.kind === "embedded") {
    return [
      `quintet:cluster.kind: an embedded cluster lives and dies with one machine, environment ${environment} needs k3s, eks or existing`,
    ];
  }
  if (cluster.kind === "existing" && cluster.context === undefined) {
    return [
      `quintet:cluster.context: is missing, and environment ${environment} must not follow whatever context the kubeconfig was last switched to. Name it`,
    ];
  }
  return [];
}

/** Why the platform needs what it does not install itself, by part. */
const needs = {
  cni: "no pod gets an address without it",
  proxy: "no Service has an effect without it",
  metrics: "the backend's autoscaler reads it",
} as const;

/** A network in which the lack of a policy closes what it is meant to leave open. */
function strictProblems({ cluster, network }: Pick<Parsed, "cluster" | "network">): Contradiction[] {
  if (cluster.kind !== "eks" || cluster.networkPolicy !== "strict" || network.defaultDeny) return [];
  return [
    [
      ["network", "defaultDeny"],
      "is off, but quintet:cluster.networkPolicy is strict, where a pod without a policy talks to nobody: leave it on, or say standard there",
    ],
  ];
}

/** What the mesh does not go together with. */
function meshProblems(
  { cluster, ingress, backend }: Pick<Parsed, "cluster" | "ingress" | "backend">,
  kubernetesMinor: string,
): Contradiction[] {
  if (ingress.kind === "none") return [];
  const found: Contradiction[] = [];
  const problem = combinationProblem("Istio", minorOf(versions.istio), kubernetesMinor);
  if (problem !== undefined) found.push([["ingress", "kind"], `${problem}: say none until there is a newer one`]);
  if ([istioNamespace, istioCniNamespace, gatewayNamespace].includes(backend.namespace)) {
    found.push([["backend", "namespace"], "is a namespace of the mesh: give the backend one of its own"]);
  }
  if (cluster.kind === "k3s" && !cluster.disable.includes("traefik")) {
    found.push([
      ["cluster", "disable"],
      'leaves traefik in, and quintet:ingress is an ingress controller, too: add "traefik", or say none there',
    ]);
  }
  return found;
}

/** What a cluster lacks. */
function prerequisiteProblems({ kind, facts: { brings } }: ClusterConfig): string[] {
  const lacking = (Object.keys(needs) as (keyof typeof needs)[]) // the literal's own keys
    .filter((part) => !brings.includes(part));
  return lacking.map((part) =>
    kind === "existing"
      ? `quintet:cluster.facts.brings: lacks "${part}", which Quintet does not install: ${needs[part]}. Install it first, then list it`
      : `quintet:cluster: leaves out "${part}", which Quintet does not install otherwise: ${needs[part]}. Leave it in`,
  );
}

/** What is wrong with the secrets of a cluster over SSH, which no other kind has. */
function nodeSecretProblems(
  kind: ClusterConfig["kind"],
  secrets: Readonly<Record<"k3sToken" | "sshPrivateKey" | "sshPassphrase", string>>,
): string[] {
  if (kind !== "k3s") {
    return Object.entries(secrets).flatMap(([key, value]) =>
      value === "" ? [] : [`quintet:${key}: is for a cluster of kind k3s, and this one is of kind ${kind}. Remove it`],
    );
  }
  const [key, token] = [sshKeyProblem(secrets.sshPrivateKey, secrets.sshPassphrase), tokenProblem(secrets.k3sToken)];
  return [
    ...(token === undefined ? [] : [`quintet:k3sToken: ${token}`]),
    ...(key === undefined ? [] : [`quintet:sshPrivateKey: ${key}`]),
  ];
}

/** The releases in use whose support may end, with the key that chooses each. */
function releasesOf({ cluster, ingress }: PlatformConfig): Release[] {
  const mesh: Release[] = ingress.kind === "none" ? [] : [{ product: "Istio", minor: minorOf(versions.istio) }];
  return [clusterRelease(cluster), ...mesh];
}

function clusterRelease(cluster: ClusterConfig): Release {
  const minor = minorOf(cluster.facts.kubernetesVersion);
  switch (cluster.kind) {
    case "embedded":
      return { product: "Kubernetes", minor };
    case "existing":
      return { product: "Kubernetes", minor, path: "quintet:cluster.facts.kubernetesVersion" };
    case "k3s":
      return { product: "Kubernetes", minor, path: "quintet:cluster.version" };
    case "eks":
      return { product: "Amazon EKS", minor, path: "quintet:cluster.version" };
  }
}

function refused(problems: readonly string[]): RunError {
  return new RunError(
    [
      "The stack's configuration is refused and nothing has been changed:",
      ...problems.map((problem) => `  ${problem}`),
    ].join("\n"),
  );
}

/** Pulumi hands over objects as JSON, and everything else as it stands in the file. */
function fromJson(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value) && !Output.isInstance(value)) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
