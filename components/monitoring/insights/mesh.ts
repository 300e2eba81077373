/** What the mesh says: istiod, the gateway, every sidecar; and by the gateway, what clients of the backend get. */
import { everyPodOf } from "../../connectivity-graph.ts";
import { gatewayNamespace } from "../../gateway-plan.ts";
import { gatewayRef } from "../../ingress-plan.ts";
import { istiodPorts, istiodRef, istioNamespace, proxyPorts } from "../../istio-names.ts";
import { grown } from "../grown.ts";
import type { Alert, Insight, Panel, Recording } from "../insight.ts";

/** Istio's control plane. */
export const istiod: Insight = {
  of: "istiod",
  panels: [
    { title: "Proxies", unit: "short", queries: [{ expr: "sum by (pod) (pilot_xds)", legend: "{{pod}}" }] },
    {
      title: "Configurations sent",
      unit: "ops",
      queries: [{ expr: "sum by (type) (rate(pilot_xds_pushes[5m]))", legend: "{{type}}" }],
    },
    {
      title: "Rejected",
      unit: "short",
      shows: "number",
      queries: [{ expr: `sum(${grown("pilot_total_xds_rejects", 60)}) or vector(0)`, legend: "by proxies" }],
    },
    {
      title: "Until a change is everywhere",
      unit: "s",
      queries: [
        {
          expr: "histogram_quantile(0.99, sum by (le) (rate(pilot_proxy_convergence_time_bucket[5m])))",
          legend: "p99",
        },
      ],
    },
    {
      title: "Memory",
      unit: "bytes",
      queries: [{ expr: 'process_resident_memory_bytes{job="istiod"}', legend: "{{pod}}" }],
    },
  ],
  scrapes: [
    {
      job: "istiod",
      targets: { kind: "pods", namespace: istioNamespace, labels: { app: "istiod" }, port: istiodPorts.monitoring },
      keep: "pilot_(xds|xds_pushes|total_xds_rejects|total_xds_internal_errors|proxy_convergence_time_bucket|proxy_convergence_time_count|conflict_.*)|citadel_server_root_cert_expiry_timestamp|galley_validation_failed|sidecar_injection_(failure|success|requests)_total|process_(resident_memory_bytes|cpu_seconds_total)",
      edge: { to: istiodRef, port: "metrics" },
    },
  ],
  alerts: [
    {
      name: "IstiodDown",
      expr: 'sum(up{job="istiod"}) == 0 or absent(up{job="istiod"})',
      for: "2m",
      severity: "critical",
      summary: "No istiod answers.",
      meaning:
        "Traffic goes on as it is. Pods of the mesh are not created, endpoints that move are not known, and certificates of the proxies end after a day.",
      runbook: [
        "`kubectl -n istio-system get pods`, `describe`, and their logs.",
        "Nothing starts in the mesh meanwhile, by design: it fails closed.",
      ],
      fired: { by: "istiod is scaled to zero" },
      cases: [
        { when: "none answers", series: { 'up{job="istiod",pod="a"}': "0x10" }, at: "5m", fires: [{}] },
        { when: "one answers", series: { 'up{job="istiod",pod="a"}': "1x10" }, at: "5m", fires: [] },
      ],
    },
    {
      name: "MeshConfigurationRejected",
      expr: `sum(${grown('pilot_total_xds_rejects{job="istiod"}', 5)}) > 0`,
      for: "1m",
      severity: "warning",
      summary: "Proxies have rejected their configuration.",
      meaning: "They go on with the last good one, and later changes have no effect there.",
      runbook: [
        "`npm run mesh -- stale` names the proxies; `istioctl analyze` and the logs of istiod name the object.",
      ],
      fired: { by: "an EnvoyFilter is not what Envoy takes" },
      cases: [
        {
          when: "they go on rejecting",
          series: { 'pilot_total_xds_rejects{job="istiod",type="lds"}': "0+1x20" },
          at: "10m",
          fires: [{}],
        },
        {
          when: "one does for the first time, with which the series begins",
          series: { 'up{job="istiod"}': "1x20", 'pilot_total_xds_rejects{job="istiod",type="lds"}': "_x8 1x12" },
          at: "12m",
          fires: [{}],
        },
        {
          when: "one did a while ago",
          series: { 'up{job="istiod"}': "1x20", 'pilot_total_xds_rejects{job="istiod",type="lds"}': "_x8 1x12" },
          at: "16m",
          fires: [],
        },
        {
          when: "one did, and Prometheus alone is new",
          series: { 'up{job="coredns"}': "_x8 1x12", 'pilot_total_xds_rejects{job="istiod",type="lds"}': "_x8 1x12" },
          at: "14m",
          fires: [],
        },
        {
          when: "none does",
          series: { 'pilot_total_xds_rejects{job="istiod",type="lds"}': "0x20" },
          at: "10m",
          fires: [],
        },
      ],
    },
  ],
};

/** Envoy's statistics by its port for them, of what has counted anything. */
const envoy = {
  path: "/stats/prometheus",
  params: { usedonly: "", filter: "stream_" }, // as the topology reads them
  keep: "envoy_cluster_upstream_(rq|rq_total|rq_active|rq_time_bucket|rq_time_count|rq_time_sum|rq_timeout|rq_retry|rq_pending_overflow|cx_[rt]x_bytes_total)|envoy_http_downstream_(rq|rq_time_bucket|cx_[rt]x_bytes_total)",
  // Calls that come in are counted by whoever makes them, spans by who gets them; single codes are in the class beside them.
  drop: {
    cluster_name: "inbound.*|xds-grpc|prometheus_stats|agent|sds-grpc|.*BlackHole.*|outbound\\|9411\\|.*",
    "__name__;response_code": "envoy_cluster_upstream_rq;\\d+",
    "__name__;le": "envoy_.*_bucket;(0\\.5|1|250|1000|2500|10000|60000|1\\.8e.*|3\\.6e.*|300000|600000)(\\.0)?",
  },
} as const;

const callsByName = 'sum by (cluster_name) (rate(envoy_cluster_upstream_rq{response_code_class!=""}[5m]))';

/** The gateway's proxies and those of pods. */
export const proxies = (meshed: readonly string[]): Insight => ({
  of: "proxies",
  panels: [
    {
      title: "Calls by who makes them",
      unit: "reqps",
      queries: [
        {
          expr: 'sum by (namespace, job) (rate(envoy_cluster_upstream_rq{response_code_class!=""}[5m]))',
          legend: "{{namespace}}",
        },
      ],
    },
    {
      title: "Calls by who is called",
      unit: "reqps",
      queries: [
        {
          expr: 'topk(15, sum by (cluster_name) (rate(envoy_cluster_upstream_rq{response_code_class!=""}[5m])))',
          legend: "{{cluster_name}}",
        },
      ],
    },
    {
      title: "Failing by who is called",
      unit: "percentunit",
      queries: [
        {
          expr: `(sum by (cluster_name) (rate(envoy_cluster_upstream_rq{response_code_class="5xx"}[5m])) or 0 * ${callsByName}) / ${callsByName}`,
          legend: "{{cluster_name}}",
        },
      ],
    },
    {
      title: "Slowest call in a hundred",
      unit: "ms",
      queries: [
        {
          expr: "histogram_quantile(0.99, sum by (cluster_name, le) (rate(envoy_cluster_upstream_rq_time_bucket[5m])))",
          legend: "{{cluster_name}}",
        },
      ],
    },
    {
      title: "Clients of the gateway",
      unit: "reqps",
      queries: [
        {
          expr: 'sum by (pod) (rate(envoy_http_downstream_rq{job="gateway",response_code_class!=""}[5m]))',
          legend: "{{pod}}",
        },
      ],
    },
  ],
  scrapes: [
    {
      job: "gateway",
      targets: { kind: "pods", namespace: gatewayNamespace, labels: {}, port: proxyPorts.metrics },
      ...envoy,
      edge: { to: gatewayRef, port: "metrics" },
    },
    ...meshed.map((namespace) => ({
      job: `sidecars-${namespace}`,
      targets: { kind: "pods" as const, namespace, labels: {}, port: proxyPorts.metrics },
      ...envoy,
      edge: { to: everyPodOf(namespace), port: `${String(proxyPorts.metrics)}/TCP` },
    })),
  ],
  alerts: [
    {
      name: "GatewayDown",
      expr: 'sum(up{job="gateway"}) == 0 or absent(up{job="gateway"})',
      for: "1m",
      severity: "critical",
      summary: "No proxy of the gateway answers.",
      meaning: "Nobody outside reaches anything.",
      runbook: ["`kubectl -n istio-ingress get pods -o wide`, `describe`, and their logs; then istiod's."],
      fired: { by: "the gateway is scaled to zero" },
      cases: [
        { when: "none answers", series: { 'up{job="gateway",pod="a"}': "0x10" }, at: "5m", fires: [{}] },
        { when: "one answers", series: { 'up{job="gateway",pod="a"}': "1x10" }, at: "5m", fires: [] },
      ],
    },
  ],
});

/** The promise to clients of the backend: of all requests, in thirty days. */
export const slo = { availability: 0.999, latency: { milliseconds: 100, share: 0.99 } } as const;

const windows = ["5m", "30m", "1h", "6h"] as const;

/**
 * The share of the backend's requests that are not answered or answered 500 and above, and that take too long, as the
 * gateway counts them; with alerts on how fast they use up what the promise leaves over (Google SRE workbook, alerting on
 * SLOs: multi-window, multi-burn-rate).
 */
export function promises(service: { readonly namespace: string; readonly name: string }): Insight {
  const cluster = `cluster_name=~"outbound\\\\|[0-9]+\\\\|[^|]*\\\\|${service.name}[.]${service.namespace}[.]svc[.].*"`;
  const answered = `envoy_cluster_upstream_rq{job="gateway",${cluster}`;
  const recordings = windows.flatMap((window): Recording[] => [
    {
      name: `quintet:backend_errors:ratio_rate${window}`,
      expr: `(sum(rate(${answered},response_code_class="5xx"}[${window}])) or vector(0)) / sum(rate(${answered},response_code_class!=""}[${window}]))`,
    },
    {
      name: `quintet:backend_slow:ratio_rate${window}`,
      expr: `1 - sum(rate(envoy_cluster_upstream_rq_time_bucket{job="gateway",${cluster},le=~"${String(slo.latency.milliseconds)}(\\\\.0)?"}[${window}])) / sum(rate(envoy_cluster_upstream_rq_time_bucket{job="gateway",${cluster},le="+Inf"}[${window}]))`,
    },
  ]);
  return {
    of: "backend",
    panels: [
      {
        title: "Requests",
        unit: "reqps",
        queries: [
          {
            expr: `sum by (response_code_class) (rate(${answered},response_code_class!=""}[5m]))`,
            legend: "{{response_code_class}}",
          },
        ],
      },
      ...(["errors", "slow"] as const).map((series): Panel => {
        const budget = series === "errors" ? 1 - slo.availability : 1 - slo.latency.share;
        return {
          title:
            series === "errors"
              ? "Speed at which the budget of errors burns"
              : "Speed at which the budget of slow ones burns",
          unit: "short",
          queries: windows.map((window) => ({
            expr: `quintet:backend_${series}:ratio_rate${window} / ${String(Number(budget.toPrecision(3)))}`,
            legend: window,
          })),
        };
      }),
      {
        title: "Slowest request in a hundred",
        unit: "ms",
        queries: [
          {
            expr: `histogram_quantile(0.99, sum by (le) (rate(envoy_cluster_upstream_rq_time_bucket{job="gateway",${cluster}}[5m])))`,
            legend: "p99",
          },
        ],
      },
    ],
    scrapes: [],
    recordings,
    alerts: [
      ...burns("backend_errors", 1 - slo.availability, {
        of: "requests to the backend fail",
        alert: "BackendErrorBudget",
        runbook: [
          "`npm run topology` shows between whom calls fail.",
          "Did it begin with a rollout? `npm run rollout -- undo`, or set the weights back in `quintet:rollouts`.",
          "`kubectl -n backend get pods` and their logs.",
        ],
      }),
      ...burns("backend_slow", 1 - slo.latency.share, {
        of: `requests to the backend take more than ${String(slo.latency.milliseconds)} ms`,
        alert: "BackendLatencyBudget",
        runbook: [
          "`kubectl top pods -n backend`: is its processor at its limit? Is the autoscaler at its most?",
          "`npm run topology` shows which call is slow.",
        ],
      }),
    ],
  };
}

/** Two alerts on one budget: one that uses up 2 % of a month's in an hour, one that uses up 5 % in six. */
function burns(
  series: string,
  budget: number,
  { of, alert, runbook }: { readonly of: string; readonly alert: string; readonly runbook: readonly string[] },
): Alert[] {
  const speeds = [
    { name: "Fast", factor: 14.4, windows: ["1h", "5m"], severity: "critical" },
    { name: "Slow", factor: 6, windows: ["6h", "30m"], severity: "warning" },
  ] as const;
  return speeds.map(({ name, factor, windows: [long, short], severity }) => {
    const most = Number((factor * budget).toPrecision(6));
    const of2 = (window: string) => `quintet:${series}:ratio_rate${window}`;
    return {
      name: `${alert}${name}`,
      expr: `${of2(long)} > ${String(most)} and ${of2(short)} > ${String(most)}`,
      for: "2m",
      severity,
      summary: `{{ $value | humanizePercentage }} of the ${of}, ${String(factor)} times what the promise allows.`,
      meaning: `At this speed a month's budget of ${String(Number((100 * budget).toPrecision(3)))} % is used up in ${String(Number((30 / factor).toFixed(1)))} days.`,
      runbook,
      fired: { by: "the backend answers 500, and late" },
      cases: [
        {
          when: "both windows burn",
          series: { [of2(long)]: `${String(most * 1.5)}x20`, [of2(short)]: `${String(most * 1.5)}x20` },
          at: "10m",
          fires: [{}],
        },
        {
          when: "it is over already",
          series: { [of2(long)]: `${String(most * 1.5)}x20`, [of2(short)]: "0x20" },
          at: "10m",
          fires: [],
        },
      ],
    };
  });
}
