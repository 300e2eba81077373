/** Jaeger, and what the mesh is told of it, as plain manifests: no Pulumi here. */
import type { Edge, Half, NamespaceRules } from "../connectivity-graph.ts";
import { istioNamespace } from "../istio-names.ts";
import { httpProbe, lockedDown, softLimit, unprivileged } from "../pod-plan.ts";
import { alone, unwaited } from "../workload-plan.ts";
import { jaegerLabels, jaegerPorts, jaegerRef, tracingNamespace, tracingProvider } from "./names.ts";
import type { JaegerConfig } from "./schema.ts";

/** What decides the shape of Jaeger. */
export interface JaegerSpec extends Pick<JaegerConfig, "maxTraces" | "resources"> {
  readonly image: string;
}

const name = "jaeger";

/** The user of upstream's image. */
const user = 10001;

/**
 * What Jaeger adds to the connectivity graph; whoever has a sidecar says so itself.
 *
 * @param gateway the gateway, where requests begin to be followed
 */
export function tracingHalf(gateway: string, { closed }: NamespaceRules): Half {
  return {
    of: "tracing",
    namespaces: { [tracingNamespace]: { closed } },
    workloads: [
      {
        namespace: tracingNamespace,
        name,
        labels: jaegerLabels,
        ports: {
          zipkin: { port: jaegerPorts.zipkin },
          query: { port: jaegerPorts.query },
          metrics: { port: jaegerPorts.admin },
        },
      },
    ],
    edges: [
      spansFrom(gateway),
      { from: "api-server", to: jaegerRef, port: "query", why: "people search through the API server" },
    ],
  };
}

/** What a proxy needs so that a request can be followed through it. */
export const spansFrom = (from: string): Edge => ({
  from,
  to: jaegerRef,
  port: "zipkin",
  why: "which way requests take is told",
});

/** Whom proxies send spans to, as Istio's configuration of the mesh has it; podinfo passes on the headers of this kind. */
export const extensionProvider = (clusterDomain: string) => ({
  name: tracingProvider,
  zipkin: { service: `${name}.${tracingNamespace}.svc.${clusterDomain}`, port: jaegerPorts.zipkin },
});

/** Which requests are followed, in the whole mesh (istio.io, Telemetry). */
export const planTelemetry = ({ samplingPercent }: Pick<JaegerConfig, "samplingPercent">) => ({
  metadata: { name: "tracing", namespace: istioNamespace },
  spec: {
    tracing: [{ providers: [{ name: tracingProvider }], randomSamplingPercentage: samplingPercent }],
  },
});

/** Every manifest of Jaeger; namespaces are added by who applies it. */
export function planJaeger({ image, maxTraces, resources }: JaegerSpec) {
  const metadata = { name, labels: jaegerLabels };
  const pod = {
    ...unprivileged(name, { user, token: false }),
    containers: [
      {
        name,
        image,
        args: ["--collector.otlp.enabled=false", "--log-level=warn", `--memory.max-traces=${String(maxTraces)}`],
        env: [
          { name: "SPAN_STORAGE_TYPE", value: "memory" },
          { name: "COLLECTOR_ZIPKIN_HOST_PORT", value: `:${String(jaegerPorts.zipkin)}` },
          { name: "GOMEMLIMIT", value: String(softLimit(resources.memory)) },
        ],
        ports: [
          { name: "zipkin", containerPort: jaegerPorts.zipkin },
          { name: "query", containerPort: jaegerPorts.query },
          { name: "metrics", containerPort: jaegerPorts.admin },
        ],
        resources: { requests: resources, limits: resources },
        readinessProbe: httpProbe("/", "metrics", 5),
        livenessProbe: httpProbe("/", "metrics", 15),
        securityContext: lockedDown,
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
      },
    ],
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: "16Mi" } }],
  };
  return {
    serviceAccount: { metadata, automountServiceAccountToken: false },
    rights: { cluster: [], namespace: [] },
    service: {
      metadata: unwaited(metadata),
      spec: {
        selector: jaegerLabels,
        ports: [
          { name: "http-zipkin", port: jaegerPorts.zipkin, targetPort: "zipkin" },
          { name: "http-query", port: jaegerPorts.query, targetPort: "query" },
        ],
      },
    },
    deployment: alone(name, jaegerLabels, pod), // a second one would have the other half of the traces
  };
}
