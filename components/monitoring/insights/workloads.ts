/** What Kubernetes' objects say of everything that runs: by kube-state-metrics; and what the nodes' machines say. */
import { objectFigures } from "../exporters-plan.ts";
import type { Insight } from "../insight.ts";
import { monitoringLabels, monitoringNamespace, monitoringPorts, nodeExporterNamespace } from "../names.ts";

/** Nodes, Deployments, pods, Jobs and autoscalers, as the API server has them. */
export const objects: Insight = {
  of: "kube-state-metrics",
  panels: [
    {
      title: "Nodes that are Ready",
      unit: "short",
      shows: "number",
      queries: [{ expr: 'sum(kube_node_status_condition{condition="Ready",status="true"})', legend: "nodes" }],
    },
    {
      title: "Pods by phase",
      unit: "short",
      queries: [{ expr: "sum by (phase) (kube_pod_status_phase)", legend: "{{phase}}" }],
    },
    {
      title: "Restarts in an hour",
      unit: "short",
      queries: [
        {
          expr: "topk(10, sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total[1h])))",
          legend: "{{namespace}}/{{pod}}",
        },
      ],
    },
    {
      title: "Promised of the processors",
      unit: "percentunit",
      queries: [
        {
          expr: 'sum(kube_pod_container_resource_requests{resource="cpu"}) / sum(kube_node_status_allocatable{resource="cpu"})',
          legend: "requests",
        },
      ],
    },
    {
      title: "Promised of the memory",
      unit: "percentunit",
      queries: [
        {
          expr: 'sum(kube_pod_container_resource_requests{resource="memory"}) / sum(kube_node_status_allocatable{resource="memory"})',
          legend: "requests",
        },
      ],
    },
    {
      title: "Replicas of autoscalers",
      unit: "short",
      queries: [
        {
          expr: "kube_horizontalpodautoscaler_status_current_replicas",
          legend: "{{namespace}}/{{horizontalpodautoscaler}}",
        },
        { expr: "kube_horizontalpodautoscaler_spec_max_replicas", legend: "{{horizontalpodautoscaler}} at most" },
      ],
    },
  ],
  scrapes: [
    {
      job: "kube-state-metrics",
      targets: {
        kind: "pods",
        namespace: monitoringNamespace,
        labels: monitoringLabels.kubeStateMetrics,
        port: monitoringPorts.kubeStateMetrics,
      },
      speaksOfOthers: true,
      keep: objectFigures.join("|"),
      edge: { to: `${monitoringNamespace}/kube-state-metrics`, port: "metrics" },
    },
  ],
  alerts: [
    {
      name: "NodeProblem",
      // Every condition that is not the kubelet's own: some agents say what is wrong, and others, as EKS's, what is Ready.
      expr: 'kube_node_status_condition{condition!~".*Ready|(Memory|Disk|PID)Pressure|NetworkUnavailable",status="true"} == 1 or kube_node_status_condition{condition=~".+Ready",status="false"} == 1',
      for: "1m",
      severity: "critical",
      summary: "The node {{ $labels.node }} says of itself: {{ $labels.condition }} is {{ $labels.status }}.",
      meaning:
        "node-problem-detector, which runs beside the kubelet, has found what the kubelet cannot tell: itself or containerd does not answer, a file system has become read-only, or the kernel is stuck. Its pods may go on for a while; nothing new starts there.",
      runbook: [
        "`kubectl describe node <node>`: the condition's message, and the events beside it.",
        "`kubectl cordon <node>`, and on the node: the logs of the kubelet and containerd, `dmesg -T | tail`. On the embedded cluster: `npm run cluster -- exec <node> -- tail -n 50 /var/log/kubelet.log` (or `containerd.log`).",
        "A read-only file system or a stuck kernel: drain it, and start the machine anew.",
      ],
      fired: { by: "a kubelet is stopped, and does not answer" },
      cases: [
        {
          when: "its kubelet does not answer",
          series: { 'kube_node_status_condition{node="n1",condition="KubeletUnhealthy",status="true"}': "1x20" },
          at: "10m",
          fires: [{ node: "n1", condition: "KubeletUnhealthy", status: "true" }],
        },
        {
          when: "another agent says that its storage is not Ready, and that its network is",
          series: {
            'kube_node_status_condition{node="n1",condition="StorageReady",status="false"}': "1x20",
            'kube_node_status_condition{node="n1",condition="NetworkingReady",status="true"}': "1x20",
          },
          at: "10m",
          fires: [{ node: "n1", condition: "StorageReady", status: "false" }],
        },
        {
          when: "all is well, and it is Ready",
          series: {
            'kube_node_status_condition{node="n1",condition="KubeletUnhealthy",status="true"}': "0x20",
            'kube_node_status_condition{node="n1",condition="KubeletUnhealthy",status="false"}': "1x20",
            'kube_node_status_condition{node="n1",condition="Ready",status="true"}': "1x20",
          },
          at: "10m",
          fires: [],
        },
      ],
    },
    {
      name: "NodeNotReady",
      expr: 'kube_node_status_condition{condition="Ready",status="true"} == 0',
      for: "2m",
      severity: "critical",
      summary: "The node {{ $labels.node }} is not Ready.",
      meaning:
        "Its pods get no more requests and are made again elsewhere; there is one node less to bear the next loss.",
      runbook: [
        "`kubectl describe node <node>`: which condition, since when?",
        "On the embedded cluster: `npm run cluster -- status`, `npm run cluster -- start <node>`.",
        "Lost for good: `kubectl delete node <node>`, and join a new one.",
      ],
      fired: { by: "a control-plane node is stopped" },
      cases: [
        {
          when: "a node is silent",
          series: { 'kube_node_status_condition{node="n1",condition="Ready",status="true"}': "0x20" },
          at: "10m",
          fires: [{ node: "n1", condition: "Ready", status: "true" }],
        },
        {
          when: "it is Ready",
          series: { 'kube_node_status_condition{node="n1",condition="Ready",status="true"}': "1x20" },
          at: "10m",
          fires: [],
        },
      ],
    },
    {
      name: "PodCrashLooping",
      expr: 'max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[5m]) >= 1',
      for: "5m",
      severity: "warning",
      summary: "{{ $labels.namespace }}/{{ $labels.pod }} ends again and again.",
      meaning: "It does no work, and each further start takes longer, up to five minutes.",
      runbook: [
        "`kubectl -n <namespace> logs <pod> --previous`, and `kubectl -n <namespace> describe pod <pod>` for how it ended.",
        "Did it come with the last `up`? `kubectl -n <namespace> rollout undo deployment/<name>`, and the same in the stack's configuration.",
      ],
      fired: { by: "a Deployment's program ends at once" },
      cases: [
        {
          when: "a container waits for its next start",
          series: {
            'kube_pod_container_status_waiting_reason{namespace="n",pod="p",reason="CrashLoopBackOff"}': "1x20",
          },
          at: "15m",
          fires: [{ namespace: "n", pod: "p", reason: "CrashLoopBackOff" }],
        },
        {
          when: "it waits for its image",
          series: {
            'kube_pod_container_status_waiting_reason{namespace="n",pod="p",reason="ContainerCreating"}': "1x20",
          },
          at: "15m",
          fires: [],
        },
      ],
    },
    {
      name: "PodNotReady",
      expr: 'sum by (namespace, pod) (kube_pod_status_phase{phase=~"Pending|Unknown|Failed"}) > 0',
      for: "10m",
      severity: "warning",
      summary: "{{ $labels.namespace }}/{{ $labels.pod }} has not come up in ten minutes.",
      meaning: "It has no node, no image or no volume, and does no work.",
      runbook: [
        "`kubectl -n <namespace> describe pod <pod>`: the events at the end say what it waits for.",
        "No node fits? Look at its requests, its node selector and the taints, and add a node or ask for less.",
      ],
      fired: { by: "a Deployment wants a node that there is not" },
      cases: [
        {
          when: "a pod finds no node",
          series: { 'kube_pod_status_phase{namespace="n",pod="p",phase="Pending"}': "1x30" },
          at: "20m",
          fires: [{ namespace: "n", pod: "p" }],
        },
        {
          when: "it runs",
          series: {
            'kube_pod_status_phase{namespace="n",pod="p",phase="Pending"}': "0x30",
            'kube_pod_status_phase{namespace="n",pod="p",phase="Running"}': "1x30",
          },
          at: "20m",
          fires: [],
        },
      ],
    },
    {
      name: "DeploymentIncomplete",
      expr: "kube_deployment_spec_replicas > on (namespace, deployment) kube_deployment_status_replicas_available",
      for: "5m",
      severity: "warning",
      summary: "{{ $labels.namespace }}/{{ $labels.deployment }} has fewer replicas than it wants.",
      meaning: "It has less room for load, and for the next loss, than it was given.",
      runbook: [
        "`kubectl -n <namespace> get pods` and `describe` what is not Ready.",
        "`kubectl -n <namespace> describe replicaset` where no pod is made at all: a quota, a policy or a webhook refuses it.",
      ],
      fired: { by: "a Deployment wants a node that there is not" },
      cases: [
        {
          when: "one of three is missing",
          series: {
            'kube_deployment_spec_replicas{namespace="n",deployment="d"}': "3x20",
            'kube_deployment_status_replicas_available{namespace="n",deployment="d"}': "2x20",
          },
          at: "10m",
          fires: [{ namespace: "n", deployment: "d" }],
        },
        {
          when: "all are there",
          series: {
            'kube_deployment_spec_replicas{namespace="n",deployment="d"}': "3x20",
            'kube_deployment_status_replicas_available{namespace="n",deployment="d"}': "3x20",
          },
          at: "10m",
          fires: [],
        },
      ],
    },
    {
      name: "DaemonSetIncomplete",
      expr: "kube_daemonset_status_desired_number_scheduled > on (namespace, daemonset) kube_daemonset_status_number_available",
      for: "10m",
      severity: "warning",
      summary: "{{ $labels.namespace }}/{{ $labels.daemonset }} lacks a pod on some node.",
      meaning: "On that node something is missing that every node should have: its network, its proxy or its figures.",
      runbook: ["`kubectl -n <namespace> get pods -o wide`: which node has none, or one that is not Ready?"],
      fired: { by: "the pods of a DaemonSet never become ready" },
      cases: [
        {
          when: "four of five are there",
          series: {
            'kube_daemonset_status_desired_number_scheduled{namespace="n",daemonset="d"}': "5x30",
            'kube_daemonset_status_number_available{namespace="n",daemonset="d"}': "4x30",
          },
          at: "20m",
          fires: [{ namespace: "n", daemonset: "d" }],
        },
        {
          when: "all are there",
          series: {
            'kube_daemonset_status_desired_number_scheduled{namespace="n",daemonset="d"}': "5x30",
            'kube_daemonset_status_number_available{namespace="n",daemonset="d"}': "5x30",
          },
          at: "20m",
          fires: [],
        },
      ],
    },
    {
      name: "JobFailed",
      expr: "kube_job_status_failed > 0 unless on (namespace, job_name) kube_job_status_succeeded > 0",
      for: "1m",
      severity: "warning",
      summary: "The Job {{ $labels.namespace }}/{{ $labels.job_name }} has failed.",
      meaning: "What it was to do has not been done.",
      runbook: [
        "`kubectl -n <namespace> logs job/<job>` says why.",
        "Once it is mended: `kubectl -n <namespace> delete job <job>`; a CronJob makes the next one by itself.",
      ],
      fired: { by: "a Job fails" },
      cases: [
        {
          when: "it has failed",
          series: { 'kube_job_status_failed{namespace="n",job_name="j"}': "1x10" },
          at: "5m",
          fires: [{ namespace: "n", job_name: "j" }],
        },
        {
          when: "its second try was good",
          series: {
            'kube_job_status_failed{namespace="n",job_name="j"}': "1x10",
            'kube_job_status_succeeded{namespace="n",job_name="j"}': "1x10",
          },
          at: "5m",
          fires: [],
        },
      ],
    },
    {
      name: "AutoscalerAtItsLimit",
      expr: "kube_horizontalpodautoscaler_status_desired_replicas >= on (namespace, horizontalpodautoscaler) kube_horizontalpodautoscaler_spec_max_replicas",
      for: "15m",
      severity: "warning",
      summary: "{{ $labels.namespace }}/{{ $labels.horizontalpodautoscaler }} can grow no further.",
      meaning: "More load than now is answered late or not at all.",
      runbook: [
        "Is the load real? See the requests at the gateway.",
        "Raise `max` in the stack's configuration, if the nodes have room: `kubectl top nodes`.",
      ],
      fired: { by: "an autoscaler wants more pods than it may make" },
      cases: [
        {
          when: "it is at its most",
          series: {
            'kube_horizontalpodautoscaler_status_desired_replicas{namespace="n",horizontalpodautoscaler="h"}': "10x40",
            'kube_horizontalpodautoscaler_spec_max_replicas{namespace="n",horizontalpodautoscaler="h"}': "10x40",
          },
          at: "30m",
          fires: [{ namespace: "n", horizontalpodautoscaler: "h" }],
        },
        {
          when: "it has room",
          series: {
            'kube_horizontalpodautoscaler_status_desired_replicas{namespace="n",horizontalpodautoscaler="h"}': "3x40",
            'kube_horizontalpodautoscaler_spec_max_replicas{namespace="n",horizontalpodautoscaler="h"}': "10x40",
          },
          at: "30m",
          fires: [],
        },
      ],
    },
  ],
};

/** The machines below the nodes: processors, memory, disks. */
export const machines: Insight = {
  of: "node-exporter",
  panels: [
    {
      title: "Processors",
      unit: "percentunit",
      queries: [{ expr: '1 - avg by (node) (rate(node_cpu_seconds_total{mode="idle"}[5m]))', legend: "{{node}}" }],
    },
    {
      title: "Memory that is free",
      unit: "percentunit",
      queries: [{ expr: "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", legend: "{{node}}" }],
    },
    {
      title: "Disk that is free",
      unit: "percentunit",
      queries: [
        { expr: "node_filesystem_avail_bytes / node_filesystem_size_bytes", legend: "{{node}} {{mountpoint}}" },
      ],
    },
    { title: "Load", unit: "short", queries: [{ expr: "node_load1", legend: "{{node}}" }] },
    {
      title: "Disk at work",
      unit: "percentunit",
      queries: [{ expr: "rate(node_disk_io_time_seconds_total[5m])", legend: "{{node}} {{device}}" }],
    },
  ],
  scrapes: [
    {
      job: "node-exporter",
      targets: {
        kind: "pods",
        namespace: nodeExporterNamespace,
        labels: monitoringLabels.nodeExporter,
        port: monitoringPorts.nodeExporter,
      },
      keep: "node_(cpu_seconds_total|load1|memory_(MemTotal|MemAvailable)_bytes|filesystem_(avail|size|files|files_free)(_bytes)?|filesystem_readonly|disk_(io_time|read_bytes|written_bytes)(_seconds)?_total|time_seconds|boot_time_seconds|textfile_(scrape_error|mtime_seconds)|pressure_.*_total|uname_info)|quintet_.*",
      edge: { to: `${nodeExporterNamespace}/node-exporter`, port: "metrics" },
    },
  ],
  alerts: [
    {
      name: "NodeDiskFull",
      expr: 'node_filesystem_avail_bytes{job="node-exporter"} / node_filesystem_size_bytes{job="node-exporter"} < 0.1',
      for: "5m",
      severity: "critical",
      summary: "{{ $labels.mountpoint }} of {{ $labels.node }} has {{ $value | humanizePercentage }} left.",
      meaning: "When it is full, etcd stops, images cannot be pulled, and the kubelet evicts pods.",
      runbook: [
        "On the node: `du -xh -d1 /var | sort -h | tail`; images go with `crictl rmi --prune`.",
        "Backups too many? `quintet:backup.retention`.",
      ],
      fired: { by: "a file system of a node is full" },
      cases: [
        {
          when: "a twentieth is left",
          series: {
            'node_filesystem_avail_bytes{job="node-exporter",node="n1",mountpoint="/"}': "5x20",
            'node_filesystem_size_bytes{job="node-exporter",node="n1",mountpoint="/"}': "100x20",
          },
          at: "10m",
          fires: [{ job: "node-exporter", node: "n1", mountpoint: "/" }],
        },
        {
          when: "half is left",
          series: {
            'node_filesystem_avail_bytes{job="node-exporter",node="n1",mountpoint="/"}': "50x20",
            'node_filesystem_size_bytes{job="node-exporter",node="n1",mountpoint="/"}': "100x20",
          },
          at: "10m",
          fires: [],
        },
      ],
    },
    {
      name: "NodeMemoryFull",
      expr: 'node_memory_MemAvailable_bytes{job="node-exporter"} / node_memory_MemTotal_bytes{job="node-exporter"} < 0.05',
      for: "5m",
      severity: "warning",
      summary: "{{ $labels.node }} has {{ $value | humanizePercentage }} of its memory left.",
      meaning: "The kernel ends processes soon, those first that took more than they were promised.",
      runbook: ["`kubectl top pods -A --sort-by=memory | head`, and whose limits are far above their requests."],
      fired: { not: "the five nodes share one machine's memory" },
      cases: [
        {
          when: "two in a hundred are left",
          series: {
            'node_memory_MemAvailable_bytes{job="node-exporter",node="n1"}': "2x20",
            'node_memory_MemTotal_bytes{job="node-exporter",node="n1"}': "100x20",
          },
          at: "10m",
          fires: [{ job: "node-exporter", node: "n1" }],
        },
        {
          when: "a third is left",
          series: {
            'node_memory_MemAvailable_bytes{job="node-exporter",node="n1"}': "33x20",
            'node_memory_MemTotal_bytes{job="node-exporter",node="n1"}': "100x20",
          },
          at: "10m",
          fires: [],
        },
      ],
    },
  ],
};
