/** What is asked as users ask it, whatever the parts say of themselves: the backend, the API server and DNS. No Pulumi here. */
import type { CertificatesConfig } from "../certificates-schema.ts";
import type { ClusterFacts } from "../cluster/facts.ts";
import { clusterDns } from "../cluster/half.ts";
import { gatewayName, gatewayNamespace } from "../gateway-plan.ts";
import { gatewayRef } from "../ingress-plan.ts";
import type { IngressConfig } from "../ingress-schema.ts";
import { ports } from "../podinfo-plan.ts";

/** One question that is asked again and again. */
export interface Probe {
  /** Who is asked, which the job of Prometheus ends with. */
  readonly of: "backend" | "api-server" | "dns";
  readonly target: string;
  /** How it is asked, as a module of blackbox-exporter writes it. */
  readonly module: object;
  /** Whom the question goes to: an edge of the connectivity graph for each port. */
  readonly to: string;
  readonly ports: readonly string[];
}

/** What decides the questions. */
export interface Probed {
  readonly facts: Pick<ClusterFacts, "dns">;
  readonly ingress: IngressConfig;
  readonly certificates: Pick<CertificatesConfig, "issuer">;
  readonly backend: { readonly namespace: string; readonly name: string };
}

/** Where the exporter finds the CA that public names are signed by. */
export const platformCa = "/etc/blackbox/ca.crt";

const account = "/var/run/secrets/kubernetes.io/serviceaccount";

/** How long a question may take. */
const timeout = "5s";

/** Every question of one platform. */
export function probesOf({ facts, ingress, certificates, backend }: Probed): Probe[] {
  const { domain } = facts.dns;
  const apiServer = `kubernetes.default.svc.${domain}`;
  return [
    ingress.kind === "none"
      ? {
          of: "backend",
          target: `http://${backend.name}.${backend.namespace}.svc.${domain}:${String(ports.service)}/`,
          module: http({ valid_status_codes: [200] }),
          to: `${backend.namespace}/${backend.name}`,
          ports: ["http"],
        }
      : throughGateway(ingress, certificates, domain),
    {
      of: "api-server",
      target: `https://${apiServer}/readyz`,
      module: http({
        valid_status_codes: [200],
        authorization: { credentials_file: `${account}/token` },
        tls_config: { ca_file: `${account}/ca.crt` },
      }),
      to: "api-server",
      ports: ["https"],
    },
    {
      of: "dns",
      target: `kube-dns.kube-system.svc.${domain}`,
      module: {
        prober: "dns",
        timeout,
        dns: {
          query_name: apiServer,
          query_type: "A",
          transport_protocol: "udp",
          valid_rcodes: ["NOERROR"],
          validate_answer_rrs: { fail_if_none_matches_regexp: [".*\\sA\\s.*"] },
          ...ip4,
        },
      },
      to: clusterDns,
      ports: ["dns", "dns-tcp"],
    },
  ];
}

const ip4 = { preferred_ip_protocol: "ip4", ip_protocol_fallback: false } as const;

const http = (how: object) => ({ prober: "http", timeout, http: { method: "GET", ...ip4, ...how } });

/** As a client outside asks it: by the public name, through TLS, the gateway and its routes. */
function throughGateway(
  { host, path, jwt }: Extract<IngressConfig, { kind: "gateway" }>,
  { issuer }: Probed["certificates"],
  domain: string,
): Probe {
  // Whom clients trust: our own root; whoever everybody trusts; or somebody whom only they know.
  const trust = {
    internal: { ca_file: platformCa },
    acme: {},
    existing: { insecure_skip_verify: true },
  } as const;
  return {
    of: "backend",
    target: `https://${gatewayName}.${gatewayNamespace}.svc.${domain}${path}`,
    module: http({
      // Without a token the gateway says no, which shows that it works and not that the backend does.
      valid_status_codes: jwt === undefined ? [200] : [401, 403],
      fail_if_not_ssl: true,
      follow_redirects: false,
      headers: { Host: host },
      tls_config: { server_name: host, ...trust[issuer.kind] },
    }),
    to: gatewayRef,
    ports: ["https"],
  };
}
