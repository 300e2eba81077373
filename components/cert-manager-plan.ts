/** What cert-manager is, as plain manifests: no Pulumi here. */
import { controllerRights, injectorRights, viewerRules, webhookRights } from "./cert-manager-rights.ts";
import type { ClusterFacts } from "./cluster/facts.ts";
import { lookups } from "./cluster/half.ts";
import type { Edge, Half, NamespaceRules, Peer, Workload } from "./connectivity-graph.ts";
import { waitFor } from "./definitions-plan.ts";
import { metadataAddress } from "./outside.ts";
import { httpProbe, lockedDown, spread, unprivileged } from "./pod-plan.ts";
import type { Rights } from "./rights.ts";
import { hashedName, replicated } from "./workload-plan.ts";

/** Where cert-manager runs, and where the issuers of the whole cluster keep their keys. */
export const certManagerNamespace = "cert-manager";

/** The parts of cert-manager; each is a Deployment with an account of its own. */
export const certManagerParts = ["controller", "webhook", "cainjector"] as const;

/** One of them. */
export type CertManagerPart = (typeof certManagerParts)[number];

/** The Gateway through which ACME servers see the answers to their challenges. */
export interface ChallengeGateway {
  readonly namespace: string;
  readonly name: string;
}

/** What decides the shape of cert-manager. */
export interface CertManagerSpec {
  readonly images: Readonly<Record<CertManagerPart | "acmesolver", string>>;
  /** How many pods each part has. */
  readonly replicas: number;
  /** Whether the nodes stand in more than one rack. */
  readonly racks: boolean;
  /** Whether pods really run, so that a webhook answers. */
  readonly live: boolean;
  /** Where ACME challenges are answered. @default there are none */
  readonly gateway?: ChallengeGateway | undefined;
}

/** The name of every object that stands for a part. */
const nameOf = (part: CertManagerPart) => (part === "controller" ? "cert-manager" : `cert-manager-${part}`);

const labelsOf = (part: CertManagerPart) => ({
  "app.kubernetes.io/name": "cert-manager",
  "app.kubernetes.io/component": part,
});

/** The Secret with the CA of the webhook's own certificate. */
const webhookCa = `${nameOf("webhook")}-ca`;

/** Where each part listens. */
const portsOf = {
  controller: { metrics: 9402, healthz: 9403 },
  webhook: { https: 10250, healthz: 6080 },
  cainjector: {},
} as const satisfies Record<CertManagerPart, Readonly<Record<string, number>>>;

/**
 * What a container is promised and what it may take at most. On the embedded cluster they take 21, 11 and 8 MiB. The
 * controller keeps every certificate and the metadata of every Secret, some KiB each: its limit is enough for thousands.
 */
const amounts = {
  controller: { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "500m", memory: "256Mi" } },
  webhook: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
  cainjector: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
} as const;

/** The user `nonroot` of images without a distribution, which has no rights anywhere. */
const user = 65532;

/** What solver pods carry, and where they listen (cert-manager.io/docs/configuration/acme/http01). */
const solver = { labels: { "acme.cert-manager.io/http01-solver": "true" }, port: 8089 } as const;

/** What cert-manager adds to the connectivity graph. */
export function certManagerHalf(
  facts: Pick<ClusterFacts, "podCidr" | "serviceCidr" | "nodes">,
  { closed, gateway }: NamespaceRules & Pick<CertManagerSpec, "gateway">,
): Half {
  const namespace = certManagerNamespace;
  const ref = (part: CertManagerPart) => `${namespace}/${part}`;
  const server: Edge[] = certManagerParts.map((part) => ({
    from: ref(part),
    to: "api-server",
    port: "https",
    why: "it watches and writes objects",
  }));
  const challenges = gateway === undefined ? undefined : challengeHalf(facts, ref("controller"), gateway);
  return {
    of: "cert-manager",
    namespaces: { [namespace]: { closed } },
    workloads: [
      ...certManagerParts.map((part): Workload => {
        const { metrics, https }: { metrics?: number; https?: number } = portsOf[part];
        const ports = {
          ...(metrics === undefined ? {} : { metrics: { port: metrics } }),
          ...(https === undefined ? {} : { https: { port: https } }),
        };
        return { namespace, name: part, labels: labelsOf(part), ports };
      }),
      ...(challenges?.workloads ?? []),
    ],
    peers: challenges?.peers ?? {},
    edges: [
      ...server,
      { from: "api-server", to: ref("webhook"), port: "https", why: "every object of cert-manager is validated" },
      ...(challenges?.edges ?? []),
    ],
  };
}

/** The way to an ACME server and back; the server's addresses are nobody's to know. */
function challengeHalf(
  facts: Pick<ClusterFacts, "podCidr" | "serviceCidr" | "nodes">,
  controller: string,
  gateway: ChallengeGateway,
) {
  const inside = [
    facts.podCidr,
    facts.serviceCidr,
    metadataAddress,
    ...facts.nodes.map((node) => `${node.address}/32`),
  ];
  const peers: Record<string, Peer> = {
    "acme-server": {
      cidrs: ["0.0.0.0/0"],
      except: [...new Set(inside)],
      ports: { https: { port: 443 }, http: { port: 80 } },
    },
  };
  const solvers = { namespace: gateway.namespace, name: "acme-solver", labels: solver.labels };
  const edges: Edge[] = [
    { from: controller, to: "acme-server", port: "https", why: "certificates are ordered from it" },
    { from: controller, to: "acme-server", port: "http", why: "it looks at its answer as the ACME server will" },
    ...lookups(controller, "the server is resolved"),
    {
      from: `${gateway.namespace}/*`,
      to: `${gateway.namespace}/${solvers.name}`,
      port: "http",
      why: "the ACME server asks through the gateway",
    },
  ];
  return { workloads: [{ ...solvers, ports: { http: { port: solver.port } } }], peers, edges };
}

/** The controllers that run: those that issue from the kinds of issuer that the platform has, and no others. */
const controllers = [
  ...["issuers", "clusterissuers", "certificates-metrics", "certificaterequests-approver"],
  ...["certificaterequests-issuer-ca", "certificaterequests-issuer-selfsigned"],
  ...["trigger", "issuing", "key-manager", "request-manager", "readiness", "revision-manager"].map(
    (step) => `certificates-${step}`,
  ),
];
const acmeControllers = ["certificaterequests-issuer-acme", "orders", "challenges"];

/** The configuration file of each part; upstream's own kinds (cert-manager.io/docs/installation/configuring-components). */
function configurationOf(part: CertManagerPart, { images, gateway }: CertManagerSpec): object {
  const namespace = certManagerNamespace;
  const leaderElectionConfig = { namespace };
  switch (part) {
    case "controller":
      return {
        apiVersion: "controller.config.cert-manager.io/v1alpha1",
        kind: "ControllerConfiguration",
        leaderElectionConfig,
        clusterResourceNamespace: namespace,
        controllers: gateway === undefined ? controllers : [...controllers, ...acmeControllers],
        ...(gateway === undefined
          ? {}
          : { gatewayAPI: { enabled: true }, acmeHTTP01Config: { solverImage: images.acmesolver } }),
      };
    case "webhook":
      return {
        apiVersion: "webhook.config.cert-manager.io/v1alpha1",
        kind: "WebhookConfiguration",
        securePort: portsOf.webhook.https,
        healthzPort: portsOf.webhook.healthz,
        metricsListenAddress: "0",
        tlsConfig: {
          minTLSVersion: "VersionTLS13", // its one client is the API server
          dynamic: {
            secretNamespace: namespace,
            secretName: webhookCa,
            dnsNames: [`${nameOf("webhook")}.${namespace}.svc`],
          },
        },
      };
    case "cainjector":
      return {
        apiVersion: "cainjector.config.cert-manager.io/v1alpha1",
        kind: "CAInjectorConfiguration",
        namespace, // of the Secrets that it reads
        leaderElectionConfig,
        metricsListenAddress: "0",
        enableDataSourceConfig: { certificates: false },
        enableInjectableConfig: { customResourceDefinitions: false, apiServices: false },
      };
  }
}

/** Every manifest of one part. */
function planPart(part: CertManagerPart, spec: CertManagerSpec) {
  const [name, labels] = [nameOf(part), labelsOf(part)];
  const meta = { name, labels };
  const file = JSON.stringify(configurationOf(part, spec), undefined, 2);
  // Another configuration is another ConfigMap, with which the pods are rolled, and back.
  const configMap = hashedName(name, file);
  return {
    serviceAccount: { metadata: meta, automountServiceAccountToken: false },
    configMap: { metadata: { name: configMap, labels }, immutable: true, data: { "config.yaml": file } },
    rights: rightsOf(part, spec),
    ...replicated(name, labels, spec.replicas, podOf(part, spec, configMap)),
  };
}

function rightsOf(part: CertManagerPart, { gateway }: CertManagerSpec): Rights {
  switch (part) {
    case "controller":
      return controllerRights(gateway !== undefined);
    case "webhook":
      return webhookRights(webhookCa);
    case "cainjector":
      return injectorRights(nameOf("webhook"));
  }
}

function podOf(part: CertManagerPart, spec: CertManagerSpec, configMap: string) {
  const folder = "/etc/cert-manager";
  const named: Readonly<Record<string, number>> = portsOf[part];
  const probe = (path: string, periodSeconds: number) => httpProbe(path, "healthz", periodSeconds);
  return {
    ...unprivileged(nameOf(part), { user, token: true }),
    topologySpreadConstraints: spread(labelsOf(part), spec.racks),
    containers: [
      {
        name: part,
        image: spec.images[part],
        args: [`--config=${folder}/config.yaml`],
        ports: Object.entries(named).map(([name, containerPort]) => ({ name, containerPort })),
        resources: amounts[part],
        ...probesOf(part, probe),
        securityContext: lockedDown,
        volumeMounts: [{ name: "config", mountPath: folder, readOnly: true }],
      },
    ],
    volumes: [{ name: "config", configMap: { name: configMap } }],
  };
}

/** The injector answers nobody, as upstream makes it: its lease runs out where it hangs, and another one takes over. */
function probesOf<T>(part: CertManagerPart, probe: (path: string, periodSeconds: number) => T) {
  switch (part) {
    case "controller":
      return { livenessProbe: probe("/livez", 10), readinessProbe: probe("/livez", 5) };
    case "webhook":
      return { livenessProbe: probe("/livez", 10), readinessProbe: probe("/healthz", 5) };
    case "cainjector":
      return {};
  }
}

/** Everything of cert-manager but the definitions; namespaces are added by who applies it. */
export function planCertManager(spec: CertManagerSpec) {
  return {
    parts: certManagerParts.map((part) => ({ part, ...planPart(part, spec) })),
    viewerRole: {
      metadata: {
        name: "cert-manager-view",
        labels: Object.fromEntries(
          ["view", "edit", "admin"].map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, "true"]),
        ),
      },
      rules: viewerRules,
    },
    webhookService: {
      metadata: { name: nameOf("webhook"), labels: labelsOf("webhook") },
      spec: {
        selector: labelsOf("webhook"),
        ports: [{ name: "https", port: 443, targetPort: "https", appProtocol: "https" }],
      },
    },
    // Nobody answers on simulated nodes, and what must be asked there would be refused.
    webhooks: spec.live ? webhookConfigurations() : undefined,
  };
}

/**
 * The webhook's configurations: gates in which the injector has written the CA, so that the API server can trust who
 * answers. Who makes them after the Service has endpoints makes sure that somebody does.
 */
function webhookConfigurations() {
  const configuration = (path: string, resources: string[], apiGroups: string[], operations: string[]) => ({
    metadata: {
      name: nameOf("webhook"),
      labels: labelsOf("webhook"),
      annotations: {
        "cert-manager.io/inject-ca-from-secret": `${certManagerNamespace}/${webhookCa}`,
        ...waitFor("jsonpath={.webhooks[0].clientConfig.caBundle}"),
      },
    },
    webhooks: [
      {
        name: "webhook.cert-manager.io",
        admissionReviewVersions: ["v1"],
        clientConfig: { service: { name: nameOf("webhook"), namespace: certManagerNamespace, path } },
        failurePolicy: "Fail",
        matchPolicy: "Equivalent",
        rules: [{ apiGroups, apiVersions: ["v1"], operations, resources }],
        sideEffects: "None",
        timeoutSeconds: 10,
      },
    ],
  });
  return {
    validating: configuration("/validate", ["*/*"], ["cert-manager.io", "acme.cert-manager.io"], ["CREATE", "UPDATE"]),
    mutating: configuration("/mutate", ["certificaterequests"], ["cert-manager.io"], ["CREATE"]),
  };
}
