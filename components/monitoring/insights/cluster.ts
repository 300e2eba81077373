/** What Kubernetes itself says: API servers, kubelets, and, where they can be asked, etcd, scheduler and controllers. */
import { controlPlanePeer, controlPlanePorts } from "../half.ts";
import type { Insight } from "../insight.ts";

const down = (job: string) => ({ [`up{job="${job}",instance="a"}`]: "0x30" });
const up = (job: string) => ({ [`up{job="${job}",instance="a"}`]: "1x30" });

/**
 * The API servers: all of the platform is a client of theirs.
 *
 * @param port where they listen on the nodes of the control plane; undefined where those are not ours to know. One that is
 * lost takes itself off the Service's list, and would not be missed there.
 */
export const apiServers = (port: number | undefined): Insight => ({
  of: "api-server",
  panels: [
    {
      title: "Requests by answer",
      unit: "reqps",
      queries: [{ expr: 'sum by (code) (rate(apiserver_request_total{job="api-server"}[5m]))', legend: "{{code}}" }],
    },
    {
      title: "Failing",
      unit: "percentunit",
      queries: [
        {
          expr: '(sum(rate(apiserver_request_total{job="api-server",code=~"5.."}[5m])) or vector(0)) / sum(rate(apiserver_request_total{job="api-server"}[5m]))',
          legend: "5xx",
        },
      ],
    },
    {
      title: "Under way",
      unit: "short",
      queries: [
        {
          expr: "sum by (instance, request_kind) (apiserver_current_inflight_requests)",
          legend: "{{instance}} {{request_kind}}",
        },
      ],
    },
    {
      title: "Objects by kind",
      unit: "short",
      queries: [{ expr: "topk(10, max by (resource) (apiserver_storage_objects))", legend: "{{resource}}" }],
    },
    {
      title: "Memory",
      unit: "bytes",
      queries: [{ expr: 'process_resident_memory_bytes{job="api-server"}', legend: "{{instance}}" }],
    },
    {
      title: "Processor",
      unit: "short",
      queries: [{ expr: 'rate(process_cpu_seconds_total{job="api-server"}[5m])', legend: "{{instance}}" }],
    },
  ],
  scrapes: [
    {
      job: "api-server",
      targets: port === undefined ? { kind: "api-servers" } : { kind: "nodes", controlPlane: true, port },
      tls: "cluster-ca",
      keep: "apiserver_request_total|apiserver_current_inflight_requests|apiserver_requested_deprecated_apis|apiserver_client_certificate_expiration_seconds_(bucket|count)|process_(resident_memory_bytes|cpu_seconds_total)|apiserver_storage_objects|apiserver_admission_webhook_rejection_count",
      edge: { to: "api-server", port: "https" },
    },
  ],
  recordings: [
    {
      name: "quintet:api_requests:rate5m",
      expr: 'sum by (verb, code) (rate(apiserver_request_total{job="api-server"}[5m]))',
    },
  ],
  alerts: [
    {
      name: "ApiServerDown",
      expr: 'up{job="api-server"} == 0 or absent(up{job="api-server"})',
      for: "3m",
      severity: "critical",
      summary: "The API server {{ $labels.instance }} does not answer.",
      meaning:
        "With three API servers the others go on, and the next loss takes the quorum of etcd with it. With the last one gone nothing can be changed and nothing heals; what runs goes on.",
      runbook: [
        "`kubectl get nodes` shows whether its node is there. If it is not, bring the node back first.",
        "On the node: `crictl ps -a --name kube-apiserver` and `crictl logs <id>`; most often it is etcd that it cannot reach, or a certificate that has expired (`kubeadm certs check-expiration`).",
        "If etcd has lost its data: [restore](operations.md).",
      ],
      fired: { by: "a control-plane node is stopped" },
      cases: [
        {
          when: "one does not answer",
          series: down("api-server"),
          at: "10m",
          fires: [{ job: "api-server", instance: "a" }],
        },
        { when: "it answers", series: up("api-server"), at: "10m", fires: [] },
      ],
    },
    {
      name: "ApiServerErrors",
      expr: 'sum(rate(apiserver_request_total{job="api-server",code=~"5.."}[5m])) / sum(rate(apiserver_request_total{job="api-server"}[5m])) > 0.05',
      for: "10m",
      severity: "critical",
      summary: "{{ $value | humanizePercentage }} of the requests to the API servers fail.",
      meaning: "Controllers fall behind, `up` fails, and pods that are lost are not made again.",
      runbook: [
        "`kubectl get --raw /readyz?verbose` names the part that is not ready.",
        "Is etcd slow or without a leader? See EtcdNoLeader and EtcdSlowFsync.",
        "Does a webhook time out? `kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations`, and whether the Services that they name have endpoints.",
      ],
      fired: { by: "a webhook that is called has no endpoints" },
      cases: [
        {
          when: "every tenth request fails",
          series: {
            'apiserver_request_total{job="api-server",code="500"}': "0+6x30",
            'apiserver_request_total{job="api-server",code="200"}': "0+54x30",
          },
          at: "25m",
          fires: [{}],
        },
        {
          when: "one in sixty fails",
          series: {
            'apiserver_request_total{job="api-server",code="500"}': "0+1x30",
            'apiserver_request_total{job="api-server",code="200"}': "0+59x30",
          },
          at: "25m",
          fires: [],
        },
      ],
    },
    {
      name: "ClientCertificateExpires",
      expr: 'apiserver_client_certificate_expiration_seconds_count{job="api-server"} > 0 and on (instance) histogram_quantile(0.01, sum by (instance, le) (rate(apiserver_client_certificate_expiration_seconds_bucket{job="api-server"}[5m]))) < 604800',
      for: "5m",
      severity: "warning",
      summary: "Somebody calls the API server with a certificate that expires within a week.",
      meaning: "When it has expired, that client, which may be a kubelet or a controller, is not known any more.",
      runbook: [
        "`kubeadm certs check-expiration` on each control-plane node; `kubeadm certs renew all` renews them, and the static pods are to be restarted.",
        "Is it a kubeconfig of a person or a pipeline? Make it anew.",
      ],
      fired: { by: "a client's certificate lasts for a day" },
      cases: [
        {
          when: "a client has a day left",
          series: {
            'apiserver_client_certificate_expiration_seconds_count{job="api-server",instance="a"}': "0+10x30",
            'apiserver_client_certificate_expiration_seconds_bucket{job="api-server",instance="a",le="86400"}':
              "0+10x30",
            'apiserver_client_certificate_expiration_seconds_bucket{job="api-server",instance="a",le="+Inf"}':
              "0+10x30",
          },
          at: "20m",
          fires: [{ job: "api-server", instance: "a" }],
        },
        {
          when: "all have a year left",
          series: {
            'apiserver_client_certificate_expiration_seconds_count{job="api-server",instance="a"}': "0+10x30",
            'apiserver_client_certificate_expiration_seconds_bucket{job="api-server",instance="a",le="15552000"}':
              "0x30",
            'apiserver_client_certificate_expiration_seconds_bucket{job="api-server",instance="a",le="31104000"}':
              "0+10x30",
            'apiserver_client_certificate_expiration_seconds_bucket{job="api-server",instance="a",le="+Inf"}':
              "0+10x30",
          },
          at: "20m",
          fires: [],
        },
      ],
    },
  ],
});

/** The kubelets, with what cAdvisor in them says of every container. */
export const kubelets: Insight = {
  of: "kubelet",
  panels: [
    { title: "Pods", unit: "short", queries: [{ expr: "kubelet_running_pods", legend: "{{node}}" }] },
    {
      title: "Memory of pods by namespace",
      unit: "bytes",
      queries: [
        { expr: 'sum by (namespace) (container_memory_working_set_bytes{container!=""})', legend: "{{namespace}}" },
      ],
    },
    {
      title: "Processor of pods by namespace",
      unit: "short",
      queries: [
        {
          expr: 'sum by (namespace) (rate(container_cpu_usage_seconds_total{container!=""}[5m]))',
          legend: "{{namespace}}",
        },
      ],
    },
    {
      title: "Throttled",
      unit: "percentunit",
      queries: [
        {
          expr: "topk(10, sum by (namespace, pod) (rate(container_cpu_cfs_throttled_periods_total[5m])) / sum by (namespace, pod) (rate(container_cpu_cfs_periods_total[5m])))",
          legend: "{{namespace}}/{{pod}}",
        },
      ],
    },
    {
      title: "Sent and received by namespace",
      unit: "Bps",
      queries: [
        { expr: "sum by (namespace) (rate(container_network_receive_bytes_total[5m]))", legend: "{{namespace}} in" },
        { expr: "sum by (namespace) (rate(container_network_transmit_bytes_total[5m]))", legend: "{{namespace}} out" },
      ],
    },
  ],
  scrapes: [
    {
      job: "kubelet",
      targets: { kind: "nodes", port: 10250 },
      tls: "cluster-ca",
      keep: "kubelet_(running_pods|running_containers|node_name|certificate_manager_client_expiration_renew_errors|server_expiration_renew_errors|volume_stats_(available|capacity|used)_bytes|pleg_relist_duration_seconds_(bucket|count))|process_(resident_memory_bytes|cpu_seconds_total)",
      edge: { to: "nodes", port: "kubelet" },
    },
    {
      job: "cadvisor",
      targets: { kind: "nodes", port: 10250 },
      path: "/metrics/cadvisor",
      tls: "cluster-ca",
      keep: "container_(cpu_usage_seconds_total|cpu_cfs_(throttled_)?periods_total|memory_working_set_bytes|network_(receive|transmit)_bytes_total|oom_events_total)",
      // The pause container and the slices above pods say nothing that the containers do not.
      drop: { "container;image": "POD;.*", "__name__;pod": "container_(cpu|memory|oom)_.*;" },
      edge: { to: "nodes", port: "kubelet" },
    },
  ],
  alerts: [
    {
      name: "KubeletDown",
      expr: 'up{job="kubelet"} == 0',
      for: "3m",
      severity: "critical",
      summary: "The kubelet of {{ $labels.node }} does not answer.",
      meaning: "Its pods still run, but nobody restarts them, and after a minute they are made again elsewhere.",
      runbook: [
        "`kubectl describe node <node>`: what do its conditions say, and since when?",
        "On the node: is the kubelet running, and what does its log say last? On the embedded cluster: `npm run cluster -- status`.",
        "If the node is lost for good: `kubectl delete node <node>` and join a new one.",
      ],
      fired: { by: "a control-plane node is stopped" },
      cases: [
        {
          when: "one does not answer",
          series: { 'up{job="kubelet",node="n1"}': "0x30" },
          at: "10m",
          fires: [{ job: "kubelet", node: "n1" }],
        },
        { when: "it answers", series: { 'up{job="kubelet",node="n1"}': "1x30" }, at: "10m", fires: [] },
      ],
    },
  ],
};

/** What of the control plane answers on its nodes' own ports, where the cluster lets it. */
export const controlPlane: Insight = {
  of: "control-plane",
  panels: [
    {
      title: "Members with a leader",
      unit: "short",
      shows: "number",
      queries: [{ expr: "sum(etcd_server_has_leader)", legend: "members" }],
    },
    {
      title: "Changes of leader",
      unit: "short",
      queries: [{ expr: "increase(etcd_server_leader_changes_seen_total[1h])", legend: "{{node}}" }],
    },
    {
      title: "Database",
      unit: "bytes",
      queries: [
        { expr: "etcd_mvcc_db_total_size_in_bytes", legend: "{{node}}" },
        { expr: "etcd_mvcc_db_total_size_in_use_in_bytes", legend: "{{node}} in use" },
      ],
    },
    {
      title: "Slowest write in a hundred",
      unit: "s",
      queries: [
        {
          expr: "histogram_quantile(0.99, sum by (node, le) (rate(etcd_disk_wal_fsync_duration_seconds_bucket[5m])))",
          legend: "{{node}}",
        },
      ],
    },
    {
      title: "Slowest way to a peer in a hundred",
      unit: "s",
      queries: [
        {
          expr: "histogram_quantile(0.99, sum by (node, le) (rate(etcd_network_peer_round_trip_time_seconds_bucket[5m])))",
          legend: "{{node}}",
        },
      ],
    },
    {
      title: "Pods without a node",
      unit: "short",
      queries: [{ expr: "sum by (queue) (scheduler_pending_pods)", legend: "{{queue}}" }],
    },
    {
      title: "Work that waits for controllers",
      unit: "short",
      queries: [{ expr: 'topk(10, sum by (name) (workqueue_depth{job="controller-manager"}))', legend: "{{name}}" }],
    },
  ],
  scrapes: [
    {
      job: "etcd",
      targets: { kind: "nodes", controlPlane: true, port: controlPlanePorts["etcd-metrics"] },
      keep: "etcd_server_(has_leader|leader_changes_seen_total|proposals_failed_total|quota_backend_bytes)|etcd_mvcc_db_total_size_(in_bytes|in_use_in_bytes)|etcd_disk_(wal_fsync|backend_commit)_duration_seconds_(bucket|count)|etcd_network_peer_round_trip_time_seconds_bucket|process_resident_memory_bytes",
      edge: { to: controlPlanePeer, port: "etcd-metrics" },
    },
    {
      job: "scheduler",
      targets: { kind: "nodes", controlPlane: true, port: controlPlanePorts.scheduler },
      tls: "unverified",
      keep: "scheduler_(pending_pods|schedule_attempts_total)|process_(resident_memory_bytes|cpu_seconds_total)",
      edge: { to: controlPlanePeer, port: "scheduler" },
    },
    {
      job: "controller-manager",
      targets: { kind: "nodes", controlPlane: true, port: controlPlanePorts.controllers },
      tls: "unverified",
      keep: "workqueue_(depth|adds_total)|process_(resident_memory_bytes|cpu_seconds_total)",
      edge: { to: controlPlanePeer, port: "controllers" },
    },
  ],
  alerts: [
    {
      name: "EtcdMemberDown",
      expr: 'up{job="etcd"} == 0',
      for: "3m",
      severity: "critical",
      summary: "The etcd member on {{ $labels.node }} does not answer.",
      meaning: "Three members bear the loss of one. The next loss stops every change to the cluster.",
      runbook: [
        "Is its node there? `kubectl get nodes`.",
        "On the node: `crictl ps -a --name etcd`, `crictl logs <id>`.",
        "If its data is lost: `npm run restore -- --member <node>`, which joins it as a new one (operations.md).",
      ],
      fired: { by: "a control-plane node is stopped" },
      cases: [
        {
          when: "one does not answer",
          series: { 'up{job="etcd",node="n1"}': "0x30" },
          at: "10m",
          fires: [{ job: "etcd", node: "n1" }],
        },
        { when: "it answers", series: { 'up{job="etcd",node="n1"}': "1x30" }, at: "10m", fires: [] },
      ],
    },
    {
      name: "EtcdNoLeader",
      expr: 'etcd_server_has_leader{job="etcd"} == 0',
      for: "1m",
      severity: "critical",
      summary: "The etcd member on {{ $labels.node }} has no leader.",
      meaning: "Nothing can be written. If all members say so, the quorum is lost.",
      runbook: [
        "`kubectl get --raw /readyz?verbose`; does it answer at all?",
        "Are the other members there, and can they reach each other on port 2380?",
        "If two of three have lost their data: `npm run restore` (operations.md, quorum lost).",
      ],
      fired: { by: "two of three members of etcd are stopped; the webhook is told" },
      cases: [
        {
          when: "a member has none",
          series: { 'etcd_server_has_leader{job="etcd",node="n1"}': "0x10" },
          at: "5m",
          fires: [{ job: "etcd", node: "n1" }],
        },
        { when: "it has one", series: { 'etcd_server_has_leader{job="etcd",node="n1"}': "1x10" }, at: "5m", fires: [] },
      ],
    },
    {
      name: "EtcdDatabaseFull",
      expr: 'etcd_mvcc_db_total_size_in_bytes{job="etcd"} / etcd_server_quota_backend_bytes{job="etcd"} > 0.8',
      for: "5m",
      severity: "critical",
      summary: "The database of etcd on {{ $labels.node }} is at {{ $value | humanizePercentage }} of its quota.",
      meaning: "At the quota etcd refuses every write until space is made by hand.",
      runbook: [
        "What fills it? `kubectl get --raw /metrics | grep apiserver_storage_objects | sort -t' ' -k2 -n | tail`.",
        "Delete what is too much, and then, one member after the other: `etcdctl defrag`.",
      ],
      fired: { by: "a member's quota is little more than its database" },
      cases: [
        {
          when: "it is at nine tenths",
          series: {
            'etcd_mvcc_db_total_size_in_bytes{job="etcd",node="n1"}': "90x20",
            'etcd_server_quota_backend_bytes{job="etcd",node="n1"}': "100x20",
          },
          at: "10m",
          fires: [{ job: "etcd", node: "n1" }],
        },
        {
          when: "it is half full",
          series: {
            'etcd_mvcc_db_total_size_in_bytes{job="etcd",node="n1"}': "50x20",
            'etcd_server_quota_backend_bytes{job="etcd",node="n1"}': "100x20",
          },
          at: "10m",
          fires: [],
        },
      ],
    },
    {
      name: "EtcdSlowFsync",
      expr: 'histogram_quantile(0.99, sum by (node, le) (rate(etcd_disk_wal_fsync_duration_seconds_bucket{job="etcd"}[5m]))) > 0.5',
      for: "10m",
      severity: "warning",
      summary:
        "The disk of etcd on {{ $labels.node }} takes {{ $value | humanizeDuration }} for one write in a hundred.",
      meaning: "From a second on members lose their leader again and again, and the API server with them.",
      runbook: [
        "Who else writes to the disk of that node? `iostat -x 5`.",
        "Give etcd a disk of its own, or a faster one.",
      ],
      fired: { not: "the five nodes share one disk, which would be slow for all" },
      cases: [
        {
          when: "writes take a second",
          series: {
            'etcd_disk_wal_fsync_duration_seconds_bucket{job="etcd",node="n1",le="0.5"}': "0x40",
            'etcd_disk_wal_fsync_duration_seconds_bucket{job="etcd",node="n1",le="1"}': "0+10x40",
            'etcd_disk_wal_fsync_duration_seconds_bucket{job="etcd",node="n1",le="+Inf"}': "0+10x40",
          },
          at: "30m",
          fires: [{ node: "n1" }],
        },
        {
          when: "they take less than 8 ms",
          series: {
            'etcd_disk_wal_fsync_duration_seconds_bucket{job="etcd",node="n1",le="0.008"}': "0+10x40",
            'etcd_disk_wal_fsync_duration_seconds_bucket{job="etcd",node="n1",le="+Inf"}': "0+10x40",
          },
          at: "30m",
          fires: [],
        },
      ],
    },
    ...(["scheduler", "controller-manager"] as const).map((job) => ({
      name: job === "scheduler" ? "SchedulerDown" : "ControllerManagerDown",
      expr: `sum(up{job="${job}"}) == 0 or absent(up{job="${job}"})`,
      for: "3m",
      severity: "critical" as const,
      summary: `No ${job} answers.`,
      meaning:
        job === "scheduler"
          ? "No pod that is made gets a node, so that what is lost does not come back."
          : "Nothing that is declared is made: no pods of Deployments, no endpoints, no certificates.",
      runbook: [
        `\`kubectl -n kube-system get pods -l component=kube-${job}\`, and their logs.`,
        `\`kubectl -n kube-system get lease kube-${job}\` shows who was the leader last.`,
      ],
      fired: { by: "its manifest is taken from every node of the control plane" },
      cases: [
        { when: "none answers", series: { [`up{job="${job}",node="n1"}`]: "0x10" }, at: "5m", fires: [{}] },
        {
          when: "one of two answers",
          series: { [`up{job="${job}",node="n1"}`]: "0x10", [`up{job="${job}",node="n2"}`]: "1x10" },
          at: "5m",
          fires: [],
        },
      ],
    })),
  ],
};
