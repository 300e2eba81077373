/** What the platform is like to those who use it: it is asked as they ask, whatever its parts say of themselves. */
import { blackboxRef } from "../blackbox-plan.ts";
import type { Alert, Insight, Recording } from "../insight.ts";
import type { Watched } from "../insights.ts";
import { blackboxNamespace, monitoringLabels, monitoringPorts } from "../names.ts";
import { slo } from "./mesh.ts";

/** Over how long it is worked out how often the backend was reached. */
const windows = ["1h", "1d", "7d"] as const;

const day = 24 * 3600;

/** Every question, with when its answer wakes somebody. */
export const probed = ({ probes, certificateDays }: Pick<Watched, "probes" | "certificateDays">): Insight => ({
  of: "probes",
  panels: [
    {
      title: "Answered",
      unit: "short",
      queries: [{ expr: 'max by (job) (probe_success{job=~"probe-.+"})', legend: "{{job}}" }],
    },
    {
      title: "How long an answer takes",
      unit: "s",
      queries: [{ expr: 'max by (job) (probe_duration_seconds{job=~"probe-.+"})', legend: "{{job}}" }],
    },
    {
      title: "Where the time goes, from client to backend",
      unit: "s",
      queries: [{ expr: 'max by (phase) (probe_http_duration_seconds{job="probe-backend"})', legend: "{{phase}}" }],
    },
    {
      title: `The backend reached, of ${String(100 * slo.availability)} % promised`,
      unit: "percentunit",
      queries: windows.map((window) => ({ expr: `quintet:backend_reached:ratio${window}`, legend: window })),
    },
    ...(certificateDays === undefined
      ? []
      : [
          {
            title: "Until the certificate that clients see expires",
            unit: "dtdurations" as const,
            shows: "number" as const,
            queries: [
              { expr: 'min(probe_ssl_earliest_cert_expiry{job="probe-backend"}) - time()', legend: "public names" },
            ],
          },
        ]),
  ],
  scrapes: probes.map(({ of, target }) => ({
    job: `probe-${of}`,
    targets: {
      kind: "pods",
      namespace: blackboxNamespace,
      labels: monitoringLabels.blackbox,
      port: monitoringPorts.blackbox,
    },
    path: "/probe",
    params: { module: of, target },
    keep: "probe_(success|duration_seconds|http_status_code|http_duration_seconds|ssl_earliest_cert_expiry)",
    edge: { to: blackboxRef, port: "metrics" },
  })),
  recordings: windows.map((window): Recording => ({
    name: `quintet:backend_reached:ratio${window}`,
    expr: `avg(avg_over_time(probe_success{job="probe-backend"}[${window}]))`,
  })),
  alerts: [failed, ...(certificateDays === undefined ? [] : [expires(certificateDays)])],
});

const failed: Alert = {
  name: "ProbeFailed",
  expr: 'max by (job) (probe_success{job=~"probe-.+"}) == 0',
  for: "2m",
  severity: "critical",
  summary: "{{ $labels.job }} gets no answer, or a wrong one.",
  meaning: "Users who ask the same get none either, whatever the parts on the way say of themselves.",
  runbook: [
    "`kubectl get --raw '/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query?query=probe_http_status_code'` has the answer's code; 0 is none at all.",
    "`kubectl -n blackbox logs deployment/blackbox-exporter` says at which step it failed.",
    "`npm run status` for what stands on the way: DNS, the gateway, the backend.",
  ],
  fired: { by: "CoreDNS is scaled to zero, whose own alert silences it" },
  cases: [
    {
      when: "nobody answers",
      series: { 'probe_success{job="probe-backend",instance="a"}': "0x10" },
      at: "5m",
      fires: [{ job: "probe-backend" }],
    },
    {
      when: "one question in four fails",
      series: { 'probe_success{job="probe-backend",instance="a"}': "1 1 1 0 1 1 1 0 1 1 1 0" },
      at: "11m",
      fires: [],
    },
  ],
};

/** Half of the time from its renewal to its end is gone: a renewal that nobody sees has not happened. */
function expires(days: number): Alert {
  const least = (days * day) / 6;
  return {
    name: "PublicCertificateExpires",
    expr: `min(probe_ssl_earliest_cert_expiry{job="probe-backend"}) - time() < ${String(least)}`,
    for: "5m",
    severity: "critical",
    summary: "The certificate that clients are shown expires in {{ $value | humanizeDuration }}.",
    meaning:
      "It was to be renewed after two thirds of its life, and the gateway has to show the new one. Once it has expired, no client comes in.",
    runbook: [
      "`kubectl -n istio-ingress describe certificate public`: was it renewed? CertificateExpires says so too, where it was not.",
      "It was, and the gateway shows the old one: `npm run mesh -- stale`, then the logs of istiod.",
    ],
    fired: { by: "the public certificate is issued for two days" },
    cases: [
      {
        when: "it has half an hour less than that",
        series: { 'probe_ssl_earliest_cert_expiry{job="probe-backend",instance="a"}': `${String(least - 1800)}x20` },
        at: "15m",
        fires: [{}],
      },
      {
        when: "it was renewed",
        series: { 'probe_ssl_earliest_cert_expiry{job="probe-backend",instance="a"}': `${String(3 * least)}x20` },
        at: "15m",
        fires: [],
      },
    ],
  };
}
