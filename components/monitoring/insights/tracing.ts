/** What the tracing says of itself. */
import { jaegerLabels, jaegerPorts, jaegerRef, tracingNamespace } from "../../tracing/names.ts";
import { grown } from "../grown.ts";
import type { Insight } from "../insight.ts";

/** Jaeger. */
export const traces: Insight = {
  of: "tracing",
  panels: [
    {
      title: "Spans by who sends them",
      unit: "ops",
      queries: [
        { expr: "topk(15, sum by (svc) (rate(jaeger_collector_spans_received_total[5m])))", legend: "{{svc}}" },
      ],
    },
    {
      title: "Thrown away",
      unit: "short",
      shows: "number",
      queries: [{ expr: `sum(${grown("jaeger_collector_spans_dropped_total", 60)}) or vector(0)`, legend: "spans" }],
    },
    {
      title: "Memory",
      unit: "bytes",
      queries: [{ expr: 'process_resident_memory_bytes{job="jaeger"}', legend: "{{pod}}" }],
    },
  ],
  scrapes: [
    {
      job: "jaeger",
      targets: { kind: "pods", namespace: tracingNamespace, labels: jaegerLabels, port: jaegerPorts.admin },
      keep: "jaeger_collector_(spans_received_total|spans_dropped_total|queue_length)|process_(resident_memory_bytes|cpu_seconds_total)",
      // Each sender is counted once for every way in, of which one is used.
      drop: { "__name__;svc": "jaeger_collector_spans_received_total;other-services" },
      edge: { to: jaegerRef, port: "metrics" },
    },
  ],
  alerts: [
    {
      name: "SpansDropped",
      expr: `sum(${grown('jaeger_collector_spans_dropped_total{job="jaeger"}', 10)}) > 0`,
      for: "5m",
      severity: "warning",
      summary: "Jaeger throws spans away.",
      meaning: "Traces have holes. Requests themselves are not touched.",
      runbook: [
        "More comes in than it can take: lower `quintet:tracing.samplingPercent`, or give it more in `resources`.",
      ],
      fired: { by: "more spans come at once than Jaeger's queue holds" },
      cases: [
        {
          when: "its queue is full",
          series: { 'jaeger_collector_spans_dropped_total{job="jaeger",host="a"}': "0+9x30" },
          at: "20m",
          fires: [{}],
        },
        {
          when: "all of them are kept",
          series: { 'jaeger_collector_spans_dropped_total{job="jaeger",host="a"}': "0x30" },
          at: "20m",
          fires: [],
        },
      ],
    },
  ],
};
