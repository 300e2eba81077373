/** Envoy with its agent, as gateways and sidecars have it: no Pulumi here. */
import { discoveryAddress, proxyPorts, tokenForIstiod, trustDomain } from "./istio-names.ts";
import { lockedDown } from "./pod-plan.ts";

/** The user that Envoy runs as, whose own calls are not led back to it. */
export const proxyUser = { runAsUser: 1337, runAsGroup: 1337 };

/** What decides the shape of the container. */
export interface ProxySpec {
  readonly role: "router" | "sidecar";
  /** The revision whose istiod it asks. */
  readonly revision: string;
  readonly image: string;
  /** The domain of Services' names. */
  readonly clusterDomain: string;
  /** Further variables, by name. */
  readonly environment: Readonly<Record<string, string>>;
}

const mounts = {
  "istio-workload-socket": "/var/run/secrets/workload-spiffe-uds",
  "istio-credential-socket": "/var/run/secrets/credential-uds",
  "istio-workload-certs": "/var/run/secrets/workload-spiffe-credentials",
  "istio-data": "/var/lib/istio/data",
  "istio-envoy": "/etc/istio/proxy",
  "istio-token": "/var/run/secrets/tokens",
  "istio-ca": "/var/run/secrets/istio",
  "istio-podinfo": "/etc/istio/pod",
} as const;

const readOnly: readonly string[] = ["istio-token", "istio-ca", "istio-podinfo"];

/** The volumes of a pod that {@link proxyContainer} mounts; all are of kinds that the restricted standard allows. */
export function proxyVolumes() {
  const scratch = ["istio-workload-socket", "istio-credential-socket", "istio-workload-certs", "istio-data"];
  return [
    ...scratch.map((name) => ({ name, emptyDir: { sizeLimit: "16Mi" } })),
    { name: "istio-envoy", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } },
    { name: "istio-token", projected: { sources: [{ serviceAccountToken: tokenForIstiod }] } },
    { name: "istio-ca", configMap: { name: "istio-ca-root-cert" } },
    {
      name: "istio-podinfo",
      downwardAPI: {
        items: ["labels", "annotations"].map((path) => ({ path, fieldRef: { fieldPath: `metadata.${path}` } })),
      },
    },
  ];
}

/** The container: as Istio's own templates have it, but that it may write nowhere and has no rights. */
export function proxyContainer(spec: ProxySpec) {
  const probe = { httpGet: { path: "/healthz/ready", port: proxyPorts.status }, timeoutSeconds: 3 };
  return {
    name: "istio-proxy",
    image: spec.image,
    args: [
      "proxy",
      spec.role,
      `--domain=$(POD_NAMESPACE).svc.${spec.clusterDomain}`,
      "--proxyLogLevel=warning",
      "--proxyComponentLogLevel=misc:error",
      "--log_output_level=default:info",
      "--log_as_json",
    ],
    env: environmentOf(spec),
    startupProbe: { ...probe, periodSeconds: 1, failureThreshold: 120 },
    readinessProbe: { ...probe, periodSeconds: 5 },
    securityContext: lockedDown,
    volumeMounts: Object.entries(mounts).map(([name, mountPath]) => ({
      name,
      mountPath,
      ...(readOnly.includes(name) ? { readOnly: true } : {}),
    })),
  };
}

/** What the agent is told. */
function environmentOf({ revision, environment }: ProxySpec) {
  const fixed = {
    ...environment,
    PILOT_CERT_PROVIDER: "istiod",
    CA_ADDR: discoveryAddress(revision),
    TRUST_DOMAIN: trustDomain,
    ISTIO_META_CLUSTER_ID: "Kubernetes",
    ISTIO_META_MESH_ID: trustDomain,
  };
  const fields = {
    POD_NAME: "metadata.name",
    POD_NAMESPACE: "metadata.namespace",
    INSTANCE_IP: "status.podIP",
    HOST_IP: "status.hostIP",
    SERVICE_ACCOUNT: "spec.serviceAccountName",
    ISTIO_META_NODE_NAME: "spec.nodeName",
  };
  const limits = { GOMEMLIMIT: "limits.memory", GOMAXPROCS: "limits.cpu", ISTIO_CPU_LIMIT: "limits.cpu" };
  return [
    ...Object.entries(fixed).map(([name, value]) => ({ name, value })),
    ...Object.entries(fields).map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } })),
    ...Object.entries(limits).map(([name, resource]) => ({
      name,
      valueFrom: { resourceFieldRef: { resource, divisor: "1" } },
    })),
  ];
}
