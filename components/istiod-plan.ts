/** What one istiod is, as plain manifests: no Pulumi here. */
import { stringify } from "yaml";
import type { ClusterFacts } from "./cluster/facts.ts";
import { type Definition, waitFor } from "./definitions-plan.ts";
import {
  discoveryAddress,
  goYaml,
  istioNamespace,
  istiodName,
  istiodPorts,
  tokenForIstiod,
  trustDomain,
} from "./istio-names.ts";
import { istiodRights } from "./istio-rights.ts";
import { lockedDown, lostNodeTolerations, spread } from "./pod-plan.ts";
import { callsMade } from "./proxy-statistics.ts";
import { injectorFiles, type SidecarSpec } from "./sidecar-plan.ts";
import { extensionProvider } from "./tracing/jaeger-plan.ts";
import { tracingNamespace } from "./tracing/names.ts";
import { replicated } from "./workload-plan.ts";

/** The class of the classic Ingresses that istiod serves. */
export const ingressClass = "istio";

/**
 * The revision that namespaces name, which leads to that of one istiod: all of them move to another istiod when it does.
 */
export const revisionTag = "stable";

/** What decides the shape of every istiod. */
export interface IstiodSpec {
  /** How many pods each istiod has: more under load where the two differ. */
  readonly replicas: { readonly min: number; readonly max: number };
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
  readonly sidecars: Pick<SidecarSpec, "guaranteed" | "burstable">;
  /** The gateway that serves classic Ingresses, by the value of its label `istio`. @default they are not served */
  readonly ingressGateway?: string | undefined;
  /** Whether Jaeger is told which way requests take. @default nobody is */
  readonly traced?: boolean;
}

/** One control plane: a release under a name of its own, so that two can stand side by side while proxies move. */
export interface Revision {
  readonly name: string;
  /** The images of the release. */
  readonly images: { readonly pilot: string; readonly proxy: string };
}

/** What the pods of a revision's istiod carry. */
export const istiodLabels = (revision: string) => ({
  app: "istiod",
  "app.kubernetes.io/name": "istiod",
  "istio.io/rev": revision,
});

/**
 * What a pod is promised and what it may take at most. It takes 60 MiB with no proxy, and by upstream's own measure 1 GiB
 * for 1,000 Services and 2,000 proxies (istio.io/latest/docs/ops/deployment/performance-and-scalability).
 */
const amounts = { requests: { cpu: "50m", memory: "128Mi" }, limits: { cpu: "1", memory: "512Mi" } };

/** The mean use of the requested cpu, in percent, above which there are to be more pods: a fifth of what one may take. */
const targetCpuPercent = 400;

/** The user of upstream's image. */
const user = { runAsUser: 1337, runAsGroup: 1337, fsGroup: 1337 };

/**
 * The configuration of the mesh (istio.io/latest/docs/reference/config/istio.mesh.v1alpha1).
 *
 * No provider of metrics: Istio's own filter for them is in its own Envoy alone.
 */
function meshConfig(revision: string, spec: IstiodSpec): object {
  const { namespaces, ingressGateway, traced = false, clusterDomain } = spec;
  const known = [istioNamespace, ...namespaces, ...(traced ? [tracingNamespace] : [])];
  return {
    trustDomain,
    rootNamespace: istioNamespace,
    discoverySelectors: [
      {
        matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: known.sort() }],
      },
    ],
    accessLogFile: "/dev/stdout",
    accessLogEncoding: "JSON",
    ...(traced ? { enableTracing: true, extensionProviders: [extensionProvider(clusterDomain)] } : {}),
    enablePrometheusMerge: false,
    pathNormalization: { normalization: "MERGE_SLASHES" },
    // A pod of the mesh calls what is declared, and nobody else.
    outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
    defaultConfig: {
      discoveryAddress: discoveryAddress(revision),
      proxyStatsMatcher: { inclusionRegexps: [callsMade] },
    },
    ...(ingressGateway === undefined
      ? { ingressControllerMode: "OFF" }
      : { ingressControllerMode: "STRICT", ingressClass, ingressSelector: ingressGateway }),
  };
}

/** What istiod is told by its environment: names and what it leaves to others. */
function environmentOf(revision: string, { imageSource, ingressGateway }: IstiodSpec) {
  const fixed = {
    REVISION: revision,
    CLUSTER_ID: "Kubernetes",
    PILOT_CERT_PROVIDER: "istiod",
    ENABLE_NATIVE_SIDECARS: "true",
    INJECTION_WEBHOOK_CONFIG_NAME: "istio-sidecar-injector", // any name, as that of the validator
    // Gateways are declared like everything else, where previews and policies see them.
    PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER: "false",
    PILOT_ENABLE_GATEWAY_API_GATEWAYCLASS_CONTROLLER: "false",
    PILOT_ENABLE_ANALYSIS: "false",
    // Nobody reads it: whether Ingresses are served is decided when istiod starts, so a change has to start it anew.
    QUINTET_CLASSIC_INGRESS: ingressGateway ?? "none",
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

function podOf({ name, images }: Revision, spec: IstiodSpec) {
  const named = {
    "http-debug": istiodPorts.debug,
    "tls-xds": istiodPorts.xds,
    "http-monitoring": istiodPorts.monitoring,
    "https-webhooks": istiodPorts.webhooks,
  };
  const probe = { httpGet: { path: "/ready", port: "http-debug" }, timeoutSeconds: 5 };
  return {
    serviceAccountName: istiodName(name),
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    securityContext: { ...user, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    topologySpreadConstraints: spread(istiodLabels(name), spec.racks),
    tolerations: lostNodeTolerations,
    containers: [
      {
        name: "discovery",
        image: images.pilot,
        args: [
          "discovery",
          `--monitoringAddr=:${String(istiodPorts.monitoring)}`,
          "--grpcAddr=", // the plain-text port
          "--log_output_level=default:info",
          "--log_as_json",
          `--domain=${spec.clusterDomain}`,
          "--keepaliveMaxServerConnectionAge=30m",
        ],
        ports: Object.entries(named).map(([port, containerPort]) => ({ name: port, containerPort })),
        env: environmentOf(name, spec),
        resources: amounts,
        startupProbe: { ...probe, periodSeconds: 1, failureThreshold: 120 },
        readinessProbe: { ...probe, periodSeconds: 5 },
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

/** What makes the API server ask one istiod. */
interface Webhooks {
  readonly validators: readonly { readonly role: string; readonly manifest: ReturnType<typeof validatorOf> }[];
  readonly injectors: readonly { readonly role: string; readonly manifest: ReturnType<typeof injectorOf> }[];
}

/** What is asked of a revision: to validate what carries it, and to inject into namespaces that name it. */
export function ownWebhooks(revision: string): Webhooks {
  const own = { key: "istio.io/rev", operator: "In", values: [revision] };
  return {
    validators: [
      {
        role: "validator",
        manifest: validatorOf(revision, `istio-validator-${revision}-${istioNamespace}`, {
          webhook: "rev.validation.istio.io",
          selects: own,
        }),
      },
    ],
    injectors: [
      { role: "injector", manifest: injectorOf(revision, `istio-sidecar-injector-${revision}`, { serves: revision }) },
    ],
  };
}

/** What is asked of whichever revision serves: to validate what carries none, and to inject where the tag is named. */
export function sharedWebhooks(revision: string): Webhooks {
  return {
    validators: [
      {
        role: "default-validator",
        // By this name istiod knows that it looks after objects without a revision.
        manifest: validatorOf(revision, "istiod-default-validator", {
          webhook: "validation.istio.io",
          selects: { key: "istio.io/rev", operator: "DoesNotExist" },
        }),
      },
    ],
    injectors: [
      {
        role: "tag-injector",
        manifest: injectorOf(revision, `istio-revision-tag-${revisionTag}`, { serves: revisionTag }),
      },
    ],
  };
}

/** The annotation by which `up` waits until istiod has written its CA, so that the API server can trust who answers. */
const whenTrusted = waitFor("jsonpath={.webhooks[0].clientConfig.caBundle}");

/** A gate for objects of Istio's kinds. */
function validatorOf(
  revision: string,
  name: string,
  {
    webhook,
    selects,
  }: {
    readonly webhook: string;
    readonly selects: { readonly key: string; readonly operator: string; readonly values?: string[] };
  },
) {
  return {
    metadata: { name, labels: istiodLabels(revision), annotations: whenTrusted },
    webhooks: [
      {
        name: webhook,
        admissionReviewVersions: ["v1"],
        clientConfig: { service: { name: istiodName(revision), namespace: istioNamespace, path: "/validate" } },
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
  };
}

/** Pods of a namespace that names what is served get a sidecar or are not made; no other namespace waits for istiod. */
function injectorOf(revision: string, name: string, { serves }: { readonly serves: string }) {
  const tag = serves === revision ? {} : { "istio.io/tag": serves }; // by which `istioctl tag` finds it
  return {
    metadata: { name, labels: { ...istiodLabels(revision), ...tag }, annotations: whenTrusted },
    webhooks: [
      {
        name: "rev.namespace.sidecar-injector.istio.io",
        admissionReviewVersions: ["v1"],
        clientConfig: {
          service: { name: istiodName(revision), namespace: istioNamespace, path: "/inject", port: 443 },
        },
        failurePolicy: "Fail",
        namespaceSelector: { matchExpressions: [{ key: "istio.io/rev", operator: "In", values: [serves] }] },
        objectSelector: {
          matchExpressions: [{ key: "sidecar.istio.io/inject", operator: "NotIn", values: ["false"] }],
        },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        sideEffects: "None",
        timeoutSeconds: 10,
      },
    ],
  };
}

const namesOf = (webhooks: readonly { readonly manifest: { readonly metadata: { readonly name: string } } }[]) =>
  webhooks.map(({ manifest }) => manifest.metadata.name);

/** Everything of one istiod; namespaces are added by who applies it. */
export function planIstiod(revision: Revision, spec: IstiodSpec) {
  const [name, labels] = [istiodName(revision.name), istiodLabels(revision.name)];
  const meta = { name, labels };
  const [own, shared] = [ownWebhooks(revision.name), sharedWebhooks(revision.name)];
  const { min, max } = spec.replicas;
  const { deployment, podDisruptionBudget } = replicated(name, labels, min, podOf(revision, spec));
  const { replicas, ...scaled } = deployment.spec;
  return {
    serviceAccount: { metadata: meta, automountServiceAccountToken: false },
    rights: istiodRights({
      definitions: spec.definitions,
      validators: namesOf([...own.validators, ...shared.validators]),
      injectors: namesOf([...own.injectors, ...shared.injectors]),
      ingress: spec.ingressGateway !== undefined,
    }),
    // Read again when it changes, but for the mode of Ingresses, so that neither its name nor the pods have to.
    configMap: {
      metadata: { name: `istio-${revision.name}`, labels },
      data: { mesh: stringify(meshConfig(revision.name, spec), goYaml), meshNetworks: "networks: {}\n" },
    },
    // By this name it looks for it.
    injectorConfigMap: {
      metadata: { name: `istio-sidecar-injector-${revision.name}`, labels },
      data: injectorFiles({
        ...spec.sidecars,
        revision: revision.name,
        image: revision.images.proxy,
        clusterDomain: spec.clusterDomain,
      }),
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
    podDisruptionBudget,
    // An autoscaler owns the number.
    deployment: { ...deployment, spec: min === max ? { ...scaled, replicas } : scaled },
    horizontalPodAutoscaler:
      min === max
        ? undefined
        : {
            metadata: meta,
            spec: {
              scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
              minReplicas: min,
              maxReplicas: max,
              metrics: [
                {
                  type: "Resource",
                  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: targetCpuPercent } },
                },
              ],
            },
          },
    // Nobody answers on simulated nodes, and what must be asked there would be refused.
    webhooks: spec.live ? own : { validators: [], injectors: [] },
  };
}
