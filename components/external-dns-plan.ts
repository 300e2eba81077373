/** Who keeps the public names in a zone of the cloud, as plain manifests: no Pulumi here. */
import { versions } from "../versions.ts";
import type { DnsZone } from "./cluster/facts.ts";
import { lookups, roleEdge } from "./cluster/half.ts";
import type { Half, NamespaceRules, Ranges } from "./connectivity-graph.ts";
import { gatewayNamespace } from "./gateway-plan.ts";
import { metadataAddress } from "./outside.ts";
import { httpProbe, lockedDown, unprivileged } from "./pod-plan.ts";
import type { Rights } from "./rights.ts";
import { alone } from "./workload-plan.ts";

/** Where external-dns runs. */
export const externalDnsNamespace = "external-dns";

/** The name of its objects; that of its service account is known to the cloud, too. */
export const externalDnsName = "external-dns";

const labels = { "app.kubernetes.io/name": externalDnsName };
const ref = `${externalDnsNamespace}/${externalDnsName}`;
const metricsPort = 7979;

/** The user of upstream's image. */
const user = 65532;

/** What decides the shape of external-dns. */
export interface ExternalDnsSpec {
  readonly zone: DnsZone;
  /** What tells its records from those of others in the same zone: the cluster's name. */
  readonly recordsOwner: string;
}

/** Every manifest of external-dns; namespaces are added by who applies it. */
export function planExternalDns({ zone, recordsOwner }: ExternalDnsSpec) {
  const meta = { name: externalDnsName, labels };
  const flags = {
    provider: zone.provider,
    "aws-zone-type": "public",
    "zone-id-filter": zone.id,
    "domain-filter": zone.domain,
    source: "service",
    namespace: gatewayNamespace,
    "service-type-filter": "LoadBalancer",
    policy: "sync", // a name that nobody asks for any more is taken out
    registry: "txt",
    "txt-owner-id": recordsOwner,
    interval: "1m",
    "log-format": "json",
    "metrics-address": `:${String(metricsPort)}`,
  };
  const pod = {
    ...unprivileged(externalDnsName, { user, token: true }),
    containers: [
      {
        name: externalDnsName,
        image: versions.images.externalDns,
        args: [...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`), "--events"],
        env: [{ name: "AWS_REGION", value: zone.region }],
        ports: [{ name: "http", containerPort: metricsPort }],
        resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "200m", memory: "128Mi" } },
        readinessProbe: httpProbe("/healthz", "http", 10),
        livenessProbe: httpProbe("/healthz", "http", 20, 3),
        securityContext: lockedDown,
      },
    ],
  };
  return {
    serviceAccount: { metadata: meta, automountServiceAccountToken: false },
    rights,
    deployment: alone(externalDnsName, labels, pod), // it has no leader, and two would undo each other's work
  };
}

const read = ["get", "list", "watch"];

/** What it reads to learn where the gateway's Service is found; it is one Service, and its watches are not so narrow. */
const rights: Rights = {
  cluster: [
    { apiGroups: [""], resources: ["nodes", "pods", "services"], verbs: read },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read },
  ],
  namespace: [],
};

/** What external-dns adds to the connectivity graph. */
export function externalDnsHalf({ podCidr, serviceCidr }: Ranges, { closed }: NamespaceRules): Half {
  return {
    of: "external-dns",
    namespaces: { [externalDnsNamespace]: { closed } },
    workloads: [
      {
        namespace: externalDnsNamespace,
        name: externalDnsName,
        labels,
        ports: { metrics: { port: metricsPort } },
      },
    ],
    peers: {
      "dns-api": {
        cidrs: ["0.0.0.0/0"],
        except: [podCidr, serviceCidr, metadataAddress],
        ports: { https: { port: 443 } },
      },
    },
    edges: [
      { from: ref, to: "api-server", port: "https", why: "it watches the gateway's Service" },
      ...lookups(ref, "the cloud's API is resolved"),
      { from: ref, to: "dns-api", port: "https", why: "records are written" },
      roleEdge(ref),
    ],
  };
}
