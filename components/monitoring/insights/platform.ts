/** What the parts say that others lean on: DNS and certificates. */
import { certManagerNamespace } from "../../cert-manager-plan.ts";
import { clusterDns } from "../../cluster/half.ts";
import type { Insight } from "../insight.ts";

/** CoreDNS. */
export const dns: Insight = {
  of: "coredns",
  panels: [
    {
      title: "Questions",
      unit: "reqps",
      queries: [{ expr: "sum by (pod) (rate(coredns_dns_requests_total[5m]))", legend: "{{pod}}" }],
    },
    {
      title: "Answers by kind",
      unit: "reqps",
      queries: [{ expr: "sum by (rcode) (rate(coredns_dns_responses_total[5m]))", legend: "{{rcode}}" }],
    },
    {
      title: "Slowest answer in a hundred",
      unit: "s",
      queries: [
        {
          expr: "histogram_quantile(0.99, sum by (le) (rate(coredns_dns_request_duration_seconds_bucket[5m])))",
          legend: "p99",
        },
      ],
    },
    {
      title: "From the cache",
      unit: "percentunit",
      queries: [
        {
          expr: "(sum(rate(coredns_cache_hits_total[5m])) or vector(0)) / ((sum(rate(coredns_cache_hits_total[5m])) or vector(0)) + (sum(rate(coredns_cache_misses_total[5m])) or vector(0)))",
          legend: "hits",
        },
      ],
    },
  ],
  scrapes: [
    {
      job: "coredns",
      targets: { kind: "pods", namespace: "kube-system", labels: { "k8s-app": "kube-dns" }, port: 9153 },
      keep: "coredns_(dns_(requests|responses)_total|dns_request_duration_seconds_(bucket|count)|cache_(hits|misses)_total|forward_healthcheck_broken_total|panics_total|reload_failed_total)|process_resident_memory_bytes",
      edge: { to: clusterDns, port: "metrics" },
    },
  ],
  alerts: [
    {
      name: "CoreDnsDown",
      expr: 'sum(up{job="coredns"}) == 0 or absent(up{job="coredns"})',
      for: "2m",
      severity: "critical",
      summary: "No CoreDNS answers.",
      meaning: "No name is resolved in the cluster: connections that are there go on, new ones fail.",
      runbook: [
        "`kubectl -n kube-system get pods -l k8s-app=kube-dns -o wide`, and their logs.",
        "`kubectl -n kube-system get configmap coredns -o yaml`: was its Corefile changed?",
      ],
      fired: { by: "CoreDNS is scaled to zero" },
      cases: [
        { when: "none answers", series: { 'up{job="coredns",pod="a"}': "0x10" }, at: "5m", fires: [{}] },
        { when: "there is none", series: { 'up{job="other"}': "1x10" }, at: "5m", fires: [{ job: "coredns" }] },
        { when: "one answers", series: { 'up{job="coredns",pod="a"}': "1x10" }, at: "5m", fires: [] },
      ],
    },
    {
      name: "CoreDnsErrors",
      expr: 'sum(rate(coredns_dns_responses_total{job="coredns",rcode="SERVFAIL"}[5m])) / sum(rate(coredns_dns_responses_total{job="coredns"}[5m])) > 0.05',
      for: "10m",
      severity: "warning",
      summary: "{{ $value | humanizePercentage }} of the answers of CoreDNS are SERVFAIL.",
      meaning: "Names outside the cluster, or of a stub domain, are not resolved.",
      runbook: [
        "`kubectl -n kube-system logs -l k8s-app=kube-dns --tail=50`: which name, and which server did not answer?",
        "Are the servers right in `quintet:dns.upstream` and `stubDomains`?",
      ],
      fired: { by: "the server of a stub domain answers SERVFAIL" },
      cases: [
        {
          when: "every tenth answer",
          series: {
            'coredns_dns_responses_total{job="coredns",rcode="SERVFAIL"}': "0+6x30",
            'coredns_dns_responses_total{job="coredns",rcode="NOERROR"}': "0+54x30",
          },
          at: "25m",
          fires: [{}],
        },
        {
          when: "none",
          series: {
            'coredns_dns_responses_total{job="coredns",rcode="SERVFAIL"}': "0x30",
            'coredns_dns_responses_total{job="coredns",rcode="NOERROR"}': "0+54x30",
          },
          at: "25m",
          fires: [],
        },
      ],
    },
  ],
};

/** cert-manager, and every certificate that it looks after. */
export const certificates: Insight = {
  of: "cert-manager",
  panels: [
    {
      title: "Time until certificates expire",
      unit: "dtdurations",
      queries: [
        {
          expr: "max by (exported_namespace, name) (certmanager_certificate_expiration_timestamp_seconds) - time()",
          legend: "{{exported_namespace}}/{{name}}",
        },
      ],
    },
    {
      title: "Not ready",
      unit: "short",
      shows: "number",
      queries: [{ expr: 'sum(certmanager_certificate_ready_status{condition!="True"})', legend: "certificates" }],
    },
  ],
  scrapes: [
    {
      job: "cert-manager",
      targets: {
        kind: "pods",
        namespace: certManagerNamespace,
        labels: { "app.kubernetes.io/name": "cert-manager", "app.kubernetes.io/component": "controller" },
        port: 9402,
      },
      keep: "certmanager_certificate_(expiration|renewal)_timestamp_seconds|certmanager_certificate_ready_status|certmanager_controller_sync_error_count|process_resident_memory_bytes",
      edge: { to: `${certManagerNamespace}/controller`, port: "metrics" },
    },
  ],
  alerts: [
    {
      name: "CertificateNotReady",
      expr: 'max by (exported_namespace, name) (certmanager_certificate_ready_status{condition!="True"}) == 1',
      for: "10m",
      severity: "warning",
      summary: "The certificate {{ $labels.exported_namespace }}/{{ $labels.name }} is not ready.",
      meaning: "A new one has no Secret; an old one serves until it expires.",
      runbook: [
        "`kubectl -n <namespace> describe certificate <name>`, then `kubectl -n <namespace> get certificaterequests,orders,challenges`.",
      ],
      fired: { by: "a Certificate names an issuer that is not there" },
      cases: [
        {
          when: "it is not",
          series: {
            'certmanager_certificate_ready_status{name="c",exported_namespace="n",condition="False"}': "1x20",
            'certmanager_certificate_ready_status{name="c",exported_namespace="n",condition="True"}': "0x20",
          },
          at: "15m",
          fires: [{ name: "c", exported_namespace: "n" }],
        },
        {
          when: "it is",
          series: {
            'certmanager_certificate_ready_status{name="c",exported_namespace="n",condition="False"}': "0x20",
            'certmanager_certificate_ready_status{name="c",exported_namespace="n",condition="True"}': "1x20",
          },
          at: "15m",
          fires: [],
        },
      ],
    },
    {
      name: "CertificateExpires",
      // Whatever a life is long: a tenth of what was left at the time of renewal is gone.
      expr: "max by (exported_namespace, name) ((time() - certmanager_certificate_renewal_timestamp_seconds) / (certmanager_certificate_expiration_timestamp_seconds - certmanager_certificate_renewal_timestamp_seconds)) > 0.1",
      for: "15m",
      severity: "critical",
      summary:
        "The certificate {{ $labels.exported_namespace }}/{{ $labels.name }} should have been renewed: {{ $value | humanizePercentage }} of the time for it is gone.",
      meaning: "When all of it is gone the certificate expires, and clients refuse the server that shows it.",
      runbook: [
        "Why was it not renewed? `kubectl -n <namespace> describe certificate <name>` and the logs of cert-manager.",
        "Renew at once: `kubectl -n <namespace> annotate certificate <name> cert-manager.io/issue-temporary-certificate=true`, or delete its Secret.",
      ],
      fired: { by: "a Certificate's issuer is taken away after the first issue" },
      cases: [
        {
          when: "half of the time is gone",
          series: {
            'certmanager_certificate_renewal_timestamp_seconds{name="c",exported_namespace="n"}': "0x60",
            'certmanager_certificate_expiration_timestamp_seconds{name="c",exported_namespace="n"}': "4000x60",
          },
          at: "40m",
          fires: [{ name: "c", exported_namespace: "n" }],
        },
        {
          when: "it is to be renewed in an hour",
          series: {
            'certmanager_certificate_renewal_timestamp_seconds{name="c",exported_namespace="n"}': "6000x60",
            'certmanager_certificate_expiration_timestamp_seconds{name="c",exported_namespace="n"}': "9000x60",
          },
          at: "40m",
          fires: [],
        },
      ],
    },
  ],
};
