/** What the parts say that the platform brings: DNS, certificates, backups, and the monitoring itself. */
import { drillMaxAge } from "../../../backup/verdict.ts";
import { certManagerNamespace } from "../../cert-manager-plan.ts";
import { clusterDns } from "../../cluster/half.ts";
import type { Insight } from "../insight.ts";
import { monitoringLabels, monitoringNamespace, monitoringPorts, prometheusRef } from "../names.ts";

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
      cases: [
        { when: "none answers", series: { 'up{job="coredns",pod="a"}': "0x10" }, at: "5m", fires: [{}] },
        { when: "there is none", series: { 'up{job="other"}': "1x10" }, at: "5m", fires: [{ job: "coredns" }] },
        { when: "one answers", series: { 'up{job="coredns",pod="a"}': "1x10" }, at: "5m", fires: [] },
      ],
      fault: "CoreDNS is scaled to zero",
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

/** The snapshots of etcd, as the program that takes them leaves it on its node; node-exporter brings it along. */
export const backups = (secondsBetween: number, s3: boolean): Insight => ({
  of: "etcd-backup",
  panels: [
    {
      title: "Age of the newest snapshot",
      unit: "dtdurations",
      shows: "number",
      queries: [{ expr: "time() - max(quintet_etcd_backup_last_success_timestamp_seconds)", legend: "age" }],
    },
    {
      title: "Size",
      unit: "bytes",
      queries: [
        { expr: "quintet_etcd_backup_database_bytes", legend: "{{node}} database" },
        { expr: "quintet_etcd_backup_bundle_bytes", legend: "{{node}} encrypted" },
      ],
    },
    {
      title: "How long one takes",
      unit: "s",
      queries: [
        { expr: "quintet_etcd_backup_duration_seconds", legend: "{{node}} snapshot" },
        { expr: "quintet_etcd_backup_upload_duration_seconds", legend: "{{node}} upload" },
      ],
    },
    {
      title: "Last drill",
      unit: "short",
      shows: "number",
      queries: [{ expr: "max(quintet_etcd_drill_ok)", legend: "1 is green" }],
    },
  ],
  scrapes: [],
  alerts: [
    {
      name: "BackupStale",
      expr: `time() - max(quintet_etcd_backup_last_success_timestamp_seconds) > ${String(2 * secondsBetween + 600)}`,
      severity: "critical",
      summary: "The newest snapshot of etcd is {{ $value | humanizeDuration }} old.",
      meaning: "A restore loses everything that has changed since. Two that were due have not been taken.",
      runbook: [
        "`kubectl -n etcd-backup get cronjob,jobs,pods`, and `kubectl -n etcd-backup logs job/<newest>`.",
        "Take one by hand: `kubectl -n etcd-backup create job --from=cronjob/etcd-backup by-hand`.",
      ],
      cases: [
        {
          when: "it is older than two that were due",
          series: { 'quintet_etcd_backup_last_success_timestamp_seconds{node="n1"}': "0x200" },
          at: `${String(Math.ceil((2 * secondsBetween + 660) / 60))}m`,
          fires: [{}],
        },
        {
          when: "another node has taken one since",
          series: {
            'quintet_etcd_backup_last_success_timestamp_seconds{node="n1"}': "0x200",
            'quintet_etcd_backup_last_success_timestamp_seconds{node="n2"}': `${String(2 * secondsBetween)}x200`,
          },
          at: `${String(Math.ceil((2 * secondsBetween + 660) / 60))}m`,
          fires: [],
        },
      ],
    },
    {
      name: "BackupAbsent",
      expr: "absent(quintet_etcd_backup_last_success_timestamp_seconds)",
      for: "30m",
      severity: "critical",
      summary: "No node knows of any snapshot of etcd.",
      meaning: "There is nothing to restore from, or nobody can tell.",
      runbook: [
        "`kubectl -n etcd-backup get cronjob,jobs,pods`; is the CronJob suspended?",
        "Does node-exporter run on the control-plane nodes? `kubectl -n node-exporter get pods -o wide`.",
      ],
      cases: [
        { when: "there is none", series: { 'up{job="node-exporter"}': "1x60" }, at: "40m", fires: [{}] },
        {
          when: "there is one",
          series: { 'quintet_etcd_backup_last_success_timestamp_seconds{node="n1"}': "0x60" },
          at: "40m",
          fires: [],
        },
      ],
    },
    {
      name: "BackupFailed",
      expr: "quintet_etcd_backup_last_exit_code != 0 and on (node) quintet_etcd_backup_last_attempt_timestamp_seconds == on () group_left () max(quintet_etcd_backup_last_attempt_timestamp_seconds)",
      for: "1m",
      severity: "warning",
      summary: "The last try to save etcd, on {{ $labels.node }}, has ended with {{ $value }}.",
      meaning:
        "17 is a full disk, 18 a snapshot that is kept on its node and not in S3; docs/operations.md has the others.",
      runbook: ["`kubectl -n etcd-backup logs job/<newest>` is one sentence with what is to be done."],
      cases: [
        {
          when: "the newest try has failed",
          series: {
            'quintet_etcd_backup_last_exit_code{node="n1"}': "18x10",
            'quintet_etcd_backup_last_attempt_timestamp_seconds{node="n1"}': "200x10",
            'quintet_etcd_backup_last_exit_code{node="n2"}': "0x10",
            'quintet_etcd_backup_last_attempt_timestamp_seconds{node="n2"}': "100x10",
          },
          at: "5m",
          fires: [{ node: "n1" }],
        },
        {
          when: "one before it has failed",
          series: {
            'quintet_etcd_backup_last_exit_code{node="n1"}': "18x10",
            'quintet_etcd_backup_last_attempt_timestamp_seconds{node="n1"}': "100x10",
            'quintet_etcd_backup_last_exit_code{node="n2"}': "0x10",
            'quintet_etcd_backup_last_attempt_timestamp_seconds{node="n2"}': "200x10",
          },
          at: "5m",
          fires: [],
        },
      ],
    },
    {
      name: "DrillFailed",
      expr: "max(quintet_etcd_drill_ok) == 0",
      severity: "critical",
      summary: "The last drill was red: the snapshots of etcd do not bring this cluster back.",
      meaning: "A restore would fail or lose objects. Upgrades and restores are refused until a drill is green.",
      runbook: [
        "`npm run drill` says by name what is wrong: a byte, a key, another cluster, an object that is missing.",
        "Take a new snapshot, `kubectl -n etcd-backup create job --from=cronjob/etcd-backup by-hand`, and drill that one.",
      ],
      cases: [
        { when: "it was red", series: { 'quintet_etcd_drill_ok{node="n1"}': "0x5" }, at: "2m", fires: [{}] },
        { when: "it was green", series: { 'quintet_etcd_drill_ok{node="n1"}': "1x5" }, at: "2m", fires: [] },
      ],
    },
    {
      name: "DrillStale",
      expr: `time() - max(quintet_etcd_drill_last_run_timestamp_seconds) > ${String(drillMaxAge / 1000)}`,
      severity: "warning",
      summary: "The last drill was {{ $value | humanizeDuration }} ago.",
      meaning: "Nobody knows whether the snapshots since then bring the cluster back.",
      runbook: ["`npm run drill`, where the private key is; daily, by a timer of that machine."],
      cases: [
        {
          when: "it was nine days ago",
          series: { 'quintet_etcd_drill_last_run_timestamp_seconds{node="n1"}': `-${String(9 * 86_400)}x5` },
          at: "2m",
          fires: [{}],
        },
        {
          when: "it was a minute ago",
          series: { 'quintet_etcd_drill_last_run_timestamp_seconds{node="n1"}': "0x5" },
          at: "2m",
          fires: [],
        },
      ],
    },
    ...(s3
      ? [
          {
            name: "BackupNotAway",
            expr: `time() - max(quintet_etcd_backup_last_upload_timestamp_seconds) > ${String(2 * secondsBetween + 600)}`,
            severity: "critical" as const,
            summary: "The newest snapshot in S3 is {{ $value | humanizeDuration }} old.",
            meaning: "Newer ones lie on the nodes alone, and are lost with them.",
            runbook: [
              "`kubectl -n etcd-backup logs job/<newest>`: is the login denied or expired, or is S3 not reached?",
              "A new login: `npm run secret -- backupCredentials`, then `npm run up`. The next Job brings away what is missing.",
            ],
            cases: [
              {
                when: "two that were due are not there",
                series: { 'quintet_etcd_backup_last_upload_timestamp_seconds{node="n1"}': "0x200" },
                at: `${String(Math.ceil((2 * secondsBetween + 660) / 60))}m`,
                fires: [{}],
              },
              {
                when: "the last one is",
                series: {
                  'quintet_etcd_backup_last_upload_timestamp_seconds{node="n1"}': `${String(2 * secondsBetween)}x200`,
                },
                at: `${String(Math.ceil((2 * secondsBetween + 660) / 60))}m`,
                fires: [],
              },
            ],
          },
        ]
      : []),
  ],
});

/** The monitoring itself, which nobody else watches. */
export const monitoring: Insight = {
  of: "monitoring",
  panels: [
    {
      title: "Targets that are down",
      unit: "short",
      shows: "number",
      queries: [{ expr: "count(up == 0) or vector(0)", legend: "targets" }],
    },
    {
      title: "Alerts",
      unit: "short",
      queries: [{ expr: 'sum by (alertname, severity) (ALERTS{alertstate="firing"})', legend: "{{alertname}}" }],
    },
    { title: "Series", unit: "short", queries: [{ expr: "prometheus_tsdb_head_series", legend: "{{pod}}" }] },
    {
      title: "Memory",
      unit: "bytes",
      queries: [{ expr: 'process_resident_memory_bytes{job=~"prometheus|alertmanager"}', legend: "{{pod}}" }],
    },
  ],
  scrapes: [
    {
      job: "prometheus",
      targets: {
        kind: "pods",
        namespace: monitoringNamespace,
        labels: monitoringLabels.prometheus,
        port: monitoringPorts.prometheus,
      },
      keep: "prometheus_(config_last_reload_successful|tsdb_head_series|tsdb_head_samples_appended_total|rule_evaluation_failures_total|notifications_(dropped|sent|errors)_total|target_scrape_pool_.*|tsdb_storage_blocks_bytes)|process_(resident_memory_bytes|cpu_seconds_total)",
      edge: { to: prometheusRef, port: "web" },
    },
    {
      job: "alertmanager",
      targets: {
        kind: "pods",
        namespace: monitoringNamespace,
        labels: monitoringLabels.alertmanager,
        port: monitoringPorts.alertmanager,
      },
      keep: "alertmanager_(alerts|notifications(_failed)?_total|config_last_reload_successful|cluster_members)|process_resident_memory_bytes",
      edge: { to: `${monitoringNamespace}/alertmanager`, port: "web" },
    },
  ],
  alerts: [
    {
      name: "Watchdog",
      expr: "vector(1)",
      severity: "none",
      summary: "Always fires: whoever no longer gets it should look at Prometheus and Alertmanager.",
      meaning: "The sign of life of the whole way from a rule to the receiver.",
      runbook: ["It is missing? `kubectl -n monitoring get pods`, then the logs of both."],
      cases: [{ when: "always", series: { 'up{job="a"}': "1x5" }, at: "2m", fires: [{}] }],
      fault: "none is needed: it always fires",
    },
    {
      name: "TargetDown",
      expr: 'up{job!~"api-server|kubelet|etcd"} == 0',
      for: "5m",
      severity: "warning",
      summary: "{{ $labels.job }} on {{ $labels.instance }} cannot be scraped.",
      meaning: "It is down, or nobody would see if it were: alerts on its figures are silent.",
      runbook: [
        "`kubectl get --raw /api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/targets?state=active` says why, as `lastError`.",
        "Is its pod Ready? Does a NetworkPolicy let Prometheus in? Edges are in docs/connectivity.md.",
      ],
      cases: [
        {
          when: "one is down",
          series: { 'up{job="coredns",instance="a"}': "0x20" },
          at: "10m",
          fires: [{ job: "coredns", instance: "a" }],
        },
        { when: "all are up", series: { 'up{job="coredns",instance="a"}': "1x20" }, at: "10m", fires: [] },
      ],
    },
    {
      name: "RulesFail",
      expr: 'increase(prometheus_rule_evaluation_failures_total{job="prometheus"}[5m]) > 0',
      for: "5m",
      severity: "warning",
      summary: "Prometheus cannot work out a rule.",
      meaning: "An alert of that rule would not fire.",
      runbook: [
        "`kubectl get --raw /api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/rules` has `lastError` at the rule.",
      ],
      cases: [
        {
          when: "failures go on",
          series: { 'prometheus_rule_evaluation_failures_total{job="prometheus",instance="a"}': "0+1x20" },
          at: "15m",
          fires: [{ job: "prometheus", instance: "a" }],
        },
        {
          when: "there were some once",
          series: { 'prometheus_rule_evaluation_failures_total{job="prometheus",instance="a"}': "3x20" },
          at: "15m",
          fires: [],
        },
      ],
    },
    {
      name: "NotificationsFail",
      expr: 'increase(alertmanager_notifications_failed_total{job="alertmanager"}[5m]) > 0',
      for: "5m",
      severity: "critical",
      summary: "Alertmanager reaches nobody by {{ $labels.integration }}.",
      meaning: "Alerts fire, and nobody is told.",
      runbook: ["`kubectl -n monitoring logs -l app.kubernetes.io/name=alertmanager`: what did the receiver answer?"],
      cases: [
        {
          when: "failures go on",
          series: {
            'alertmanager_notifications_failed_total{job="alertmanager",instance="a",integration="webhook"}': "0+1x20",
          },
          at: "15m",
          fires: [{ job: "alertmanager", instance: "a", integration: "webhook" }],
        },
        {
          when: "there are none",
          series: {
            'alertmanager_notifications_failed_total{job="alertmanager",instance="a",integration="webhook"}': "0x20",
          },
          at: "15m",
          fires: [],
        },
      ],
    },
  ],
};
