/** What Istio's control plane is, as plain manifests: no Pulumi here. */
import { stringify } from "yaml";
import type { ClusterFacts } from "./cluster/facts.ts";
import { clusterDns } from "./cluster/half.ts";
import { everyPodOf, type Half, type NamespaceRules } from "./connectivity-graph.ts";
import { type Definition, waitFor } from "./definitions-plan.ts";
import {
  discoveryAddress,
  istioNamespace,
  istiodName,
  istiodPorts,
  istiodRef,
  revisionOf,
  tokenForIstiod,
  trustDomain,
} from "./istio-names.ts";
import { istiodRights } from "./istio-rights.ts";
import { lockedDown, lostNodeTolerations, replicated, spread } from "./pod-plan.ts";
import { injectorFiles, type SidecarSpec } from "./sidecar-plan.ts";

/** The class of Gateways that istiod looks after. */
export const gatewayClass = "istio";

/** The class of the classic Ingresses that it serves. */
export const ingressClass = "istio";

/**
 * The revision that namespaces name, which leads to that of one istiod: all of them move to another istiod when it does.
 */
export const revisionTag = "stable";

/** The labels of a namespace whose pods get sidecars. */
export const meshLabels = { "istio.io/rev": revisionTag } as const;

/** What decides the shape of the control plane. */
export interface IstioSpec {
  /** The release, as in "1.31.1": it names the revision. */
  readonly version: string;
  readonly image: string;
  /** How many pods of istiod there are. */
  readonly replicas: number;
  /** Whether the nodes stand in more than one rack. */
  readonly racks: boolean;
  /** Whether pods really run, so that a webhook answers. */
  readonly live: boolean;
  /** The domain of Services' names. */
  readonly clusterDomain: string;
  /** Where the proxies' images come from: a mirror has upstream's Envoy, without the filters that Istio adds to its own. */
  readonly imageSource: ClusterFacts["imageSource"];
  /** The namespaces that take part; istiod looks at no other. */
  readonly namespaces: readonly string[];
  /** The definitions of its kinds and of the Gateway API's. */
  readonly definitions: readonly Definition[];
  /** What is put into the pods of the mesh. */
  readonly sidecars: Pick<SidecarSpec, "image" | "guaranteed" | "burstable">;
  /** The gateway that serves classic Ingresses, by the value of its label `istio`. @default they are not served */
  readonly ingressGateway?: string | undefined;
}

const labelsOf = (version: string) => ({
  app: "istiod",
  "app.kubernetes.io/name": "istiod",
  "istio.io/rev": revisionOf(version),
});

/**
 * What a pod is promised and what it may take at most. It takes 60 MiB with no proxy, and by upstream's own measure 1 GiB
 * for 1,000 Services and 2,000 proxies (istio.io/latest/docs/ops/deployment/performance-and-scalability).
 */
const amounts = { requests: { cpu: "50m", memory: "128Mi" }, limits: { cpu: "1", memory: "512Mi" } };

/** The user of upstream's image. */
const user = { runAsUser: 1337, runAsGroup: 1337, fsGroup: 1337 };

/** What the control plane adds to the connectivity graph. */
export function istioHalf({ version }: Pick<IstioSpec, "version">, { closed }: NamespaceRules): Half {
  return {
    of: "istio",
    namespaces: { [istioNamespace]: { closed } },
    workloads: [
      {
        namespace: istioNamespace,
        name: "istiod",
        labels: labelsOf(version),
        // Another revision beside it is istiod, too.
        selector: { app: "istiod" },
        ports: {
          xds: { port: istiodPorts.xds },
          webhooks: { port: istiodPorts.webhooks },
          metrics: { port: istiodPorts.monitoring },
        },
      },
    ],
    edges: [
      { from: istiodRef, to: "api-server", port: "https", why: "it watches Services, routes and Secrets" },
      {
        from: "api-server",
        to: istiodRef,
        port: "webhooks",
        why: "every object of Istio is validated, and pods of the mesh get their sidecars",
      },
    ],
  };
}

/** What sidecars add to the connectivity graph, in each namespace of the mesh. */
export const meshHalf = (namespaces: readonly string[]): Half => ({
  of: "mesh",
  edges: namespaces.flatMap((namespace) => [
    {
      from: everyPodOf(namespace),
      to: istiodRef,
      port: "xds",
      why: "sidecars get their configuration and certificates",
    },
    ...["dns", "dns-tcp"].map((port) => ({
      from: everyPodOf(namespace),
      to: clusterDns,
      port,
      why: "istiod is resolved",
    })),
  ]),
});

/**
 * The configuration of the mesh (istio.io/latest/docs/reference/config/istio.mesh.v1alpha1).
 *
 * No provider of metrics: Istio's own filter for them is in its own Envoy alone.
 */
function meshConfig({ version, namespaces, ingressGateway }: IstioSpec): object {
  return {
    trustDomain,
    rootNamespace: istioNamespace,
    discoverySelectors: [
      {
        matchExpressions: [
          { key: "kubernetes.io/metadata.name", operator: "In", values: [istioNamespace, ...namespaces].sort() },
        ],
      },
    ],
    accessLogFile: "/dev/stdout",
    accessLogEncoding: "JSON",
    enablePrometheusMerge: false,
    pathNormalization: { normalization: "MERGE_SLASHES" },
    // A pod of the mesh calls what is declared, and nobody else.
    outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
    defaultConfig: { discoveryAddress: discoveryAddress(version), proxyStatsMatcher: { inclusionRegexps: [calls] } },
    ...(ingressGateway === undefined
      ? { ingressControllerMode: "OFF" }
      : { ingressControllerMode: "STRICT", ingressClass, ingressSelector: ingressGateway }),
  };
}

/** The statistics that Envoy keeps of a pod's calls, by whom they go to; it keeps none of them by default. */
const calls =
  "cluster\\.outbound\\|.*\\.upstream_rq_(\\dxx|\\d{3}|time|total|active|timeout|retry|retry_success|pending_overflow)";

/** What istiod is told by its environment: names and what it leaves to others. */
function environmentOf({ version, imageSource }: IstioSpec) {
  const fixed = {
    REVISION: revisionOf(version),
    CLUSTER_ID: "Kubernetes",
    PILOT_CERT_PROVIDER: "istiod",
    ENABLE_NATIVE_SIDECARS: "true",
    INJECTION_WEBHOOK_CONFIG_NAME: "istio-sidecar-injector", // any name, as that of the validator
    // Gateways are declared like everything else, where previews and policies see them.
    PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER: "false",
    PILOT_ENABLE_GATEWAY_API_GATEWAYCLASS_CONTROLLER: "false",
    PILOT_ENABLE_ANALYSIS: "false",
    VALIDATION_WEBHOOK_CONFIG_NAME: "istio-validator", // any name: it patches what carries its revision
    ...(imageSource === "mirror" ? { PILOT_ENABLE_ALPN_FILTER: "false", PILOT_ENABLE_METADATA_EXCHANGE: "false" } : {}),
  };
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return [
    ...Object.entries(fixed).map(([name, value]) => ({ name, value })),
    field("POD_NAME", "metadata.name"),
    field("POD_NAMESPACE", "metadata.namespace"),
    field("SERVICE_ACCOUNT", "spec.serviceAccountName"),
    { name: "GOMAXPROCS", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1" } } },
  ];
}

function podOf(spec: IstioSpec) {
  const named = {
    "http-debug": istiodPorts.debug,
    "tls-xds": istiodPorts.xds,
    "http-monitoring": istiodPorts.monitoring,
    "https-webhooks": istiodPorts.webhooks,
  };
  const probe = { httpGet: { path: "/ready", port: "http-debug" }, timeoutSeconds: 5 };
  return {
    serviceAccountName: istiodName(spec.version),
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    securityContext: { ...user, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    topologySpreadConstraints: spread(labelsOf(spec.version), spec.racks),
    tolerations: lostNodeTolerations,
    containers: [
      {
        name: "discovery",
        image: spec.image,
        args: [
          "discovery",
          `--monitoringAddr=:${String(istiodPorts.monitoring)}`,
          "--grpcAddr=", // the plain-text port
          "--log_output_level=default:info",
          "--log_as_json",
          `--domain=${spec.clusterDomain}`,
          "--keepaliveMaxServerConnectionAge=30m",
        ],
        ports: Object.entries(named).map(([name, containerPort]) => ({ name, containerPort })),
        env: environmentOf(spec),
        resources: amounts,
        startupProbe: { ...probe, periodSeconds: 1, failureThreshold: 120 },
        readinessProbe: { ...probe, periodSeconds: 3 },
        livenessProbe: { ...probe, periodSeconds: 10, failureThreshold: 6 },
        securityContext: lockedDown,
        volumeMounts: [
          { name: "istio-token", mountPath: "/var/run/secrets/tokens", readOnly: true },
          { name: "local-certs", mountPath: "/var/run/secrets/istio-dns" },
        ],
      },
    ],
    volumes: [
      { name: "istio-token", projected: { sources: [{ serviceAccountToken: tokenForIstiod }] } },
      { name: "local-certs", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
    ],
  };
}

/** Everything of the control plane but the definitions; namespaces are added by who applies it. */
export function planIstio(spec: IstioSpec) {
  const [name, labels] = [istiodName(spec.version), labelsOf(spec.version)];
  const meta = { name, labels };
  const mesh = stringify(meshConfig(spec));
  return {
    serviceAccount: { metadata: meta, automountServiceAccountToken: false },
    rights: istiodRights({
      definitions: spec.definitions,
      validators: validators(spec.version).map(({ name: validator }) => validator),
      injectors: injectors(spec.version).map(({ name: injector }) => injector),
      ingress: spec.ingressGateway !== undefined,
    }),
    // Read again when it changes, so that neither its name nor the pods have to.
    configMap: {
      metadata: { name: `istio-${revisionOf(spec.version)}`, labels },
      data: { mesh, meshNetworks: "networks: {}\n" },
    },
    // By this name it looks for it.
    injectorConfigMap: {
      metadata: { name: `istio-sidecar-injector-${revisionOf(spec.version)}`, labels },
      data: injectorFiles({ ...spec, ...spec.sidecars }),
    },
    service: {
      metadata: meta,
      spec: {
        selector: labels,
        ports: [
          { name: "https-dns", port: istiodPorts.xds, targetPort: "tls-xds" },
          { name: "https-webhook", port: 443, targetPort: "https-webhooks" },
          { name: "http-monitoring", port: istiodPorts.monitoring, targetPort: "http-monitoring" },
        ],
      },
    },
    ...replicated(name, labels, spec.replicas, podOf(spec)),
    gatewayClass: {
      metadata: {
        name: gatewayClass,
        labels: { "app.kubernetes.io/name": "istiod" },
        ...(spec.live ? { annotations: waitFor("condition=Accepted") } : {}),
      },
      spec: { controllerName: "istio.io/gateway-controller" },
    },
    ingressClass:
      spec.ingressGateway === undefined
        ? undefined
        : {
            metadata: { name: ingressClass, labels: { "app.kubernetes.io/name": "istiod" } },
            spec: { controller: "istio.io/ingress-controller" },
          },
    // Nobody answers on simulated nodes, and what must be asked there would be refused.
    webhooks: spec.live ? validators(spec.version).map((validator) => validatorOf(validator, spec.version)) : [],
    injectors: spec.live ? injectors(spec.version).map((injector) => injectorOf(injector, spec.version)) : [],
  };
}

/** One configuration of the webhook that injects. */
interface Injector {
  readonly role: string;
  readonly name: string;
  /** What namespaces say to be served by it. */
  readonly revision: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Who injects into the pods of which namespaces: those that name this revision, and those that name the tag. */
const injectors = (version: string): readonly Injector[] => [
  {
    role: "revision-injector",
    name: `istio-sidecar-injector-${revisionOf(version)}`,
    revision: revisionOf(version),
    labels: {},
  },
  {
    role: "tag-injector",
    name: `istio-revision-tag-${revisionTag}`,
    revision: revisionTag,
    labels: { "istio.io/tag": revisionTag }, // by which `istioctl tag` finds it
  },
];

/** Pods of a namespace that names the revision are made with a sidecar or not at all; no other namespace waits for istiod. */
function injectorOf({ role, name, revision, labels }: Injector, version: string) {
  return {
    role,
    manifest: {
      metadata: {
        name,
        labels: { ...labelsOf(version), ...labels },
        annotations: waitFor("jsonpath={.webhooks[0].clientConfig.caBundle}"),
      },
      webhooks: [
        {
          name: "rev.namespace.sidecar-injector.istio.io",
          admissionReviewVersions: ["v1"],
          clientConfig: {
            service: { name: istiodName(version), namespace: istioNamespace, path: "/inject", port: 443 },
          },
          failurePolicy: "Fail",
          namespaceSelector: { matchExpressions: [{ key: "istio.io/rev", operator: "In", values: [revision] }] },
          objectSelector: {
            matchExpressions: [{ key: "sidecar.istio.io/inject", operator: "NotIn", values: ["false"] }],
          },
          rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
          sideEffects: "None",
          timeoutSeconds: 10,
        },
      ],
    },
  };
}

/** One configuration of the webhook. */
interface Validator {
  readonly role: string;
  readonly name: string;
  readonly webhook: string;
  /** What of the label of the revision it is asked about. */
  readonly selects: { readonly key: string; readonly operator: string; readonly values?: string[] };
}

/** Who validates which objects: those of this revision, and, since it is the default one, those of none. */
const validators = (version: string): readonly Validator[] => [
  {
    role: "revision-validator",
    name: `istio-validator-${revisionOf(version)}-${istioNamespace}`,
    webhook: "rev.validation.istio.io",
    selects: { key: "istio.io/rev", operator: "In", values: [revisionOf(version)] },
  },
  {
    role: "default-validator",
    name: "istiod-default-validator", // by this name istiod knows that it looks after objects without a revision
    webhook: "validation.istio.io",
    selects: { key: "istio.io/rev", operator: "DoesNotExist" },
  },
];

/** A gate in which istiod has written its CA, so that the API server can trust who answers. */
function validatorOf({ role, name, webhook, selects }: Validator, version: string) {
  return {
    role,
    manifest: {
      metadata: {
        name,
        labels: labelsOf(version),
        annotations: waitFor("jsonpath={.webhooks[0].clientConfig.caBundle}"),
      },
      webhooks: [
        {
          name: webhook,
          admissionReviewVersions: ["v1"],
          clientConfig: { service: { name: istiodName(version), namespace: istioNamespace, path: "/validate" } },
          failurePolicy: "Fail",
          objectSelector: { matchExpressions: [selects] },
          rules: [
            {
              apiGroups: ["security.istio.io", "networking.istio.io", "telemetry.istio.io", "extensions.istio.io"],
              apiVersions: ["*"],
              operations: ["CREATE", "UPDATE"],
              resources: ["*"],
            },
          ],
          sideEffects: "None",
          timeoutSeconds: 10,
        },
      ],
    },
  };
}
