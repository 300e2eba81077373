/** The dashboards of Grafana: one for each part of the platform and one for all of it, built from what the parts show. */
/* eslint-disable @typescript-eslint/no-deprecated -- Grafana's provider of files takes the first form of dashboards in every release */
import { type Dashboard, DashboardBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as NumberBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as LinesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import type { Insight, Panel } from "./insight.ts";

/** How dashboards name the one source of their figures. */
export const source = { type: "prometheus", uid: "prometheus" } as const;

/** Two beside each other, on Grafana's 24 columns. */
const size = { w: 12, h: 8 };

/** A dashboard by the name of its file. */
export interface NamedDashboard {
  /** Also its uid, which links keep. */
  readonly name: string;
  readonly dashboard: Dashboard;
}

/** What a person wants to see first, of whichever parts there are. */
const overview: readonly Panel[] = [
  {
    title: "Alerts that fire",
    unit: "short",
    shows: "number",
    queries: [{ expr: 'count(ALERTS{alertstate="firing",severity!="none"}) or vector(0)', legend: "alerts" }],
  },
  {
    title: "Targets that are down",
    unit: "short",
    shows: "number",
    queries: [{ expr: "count(up == 0) or vector(0)", legend: "targets" }],
  },
  {
    title: "Nodes that are Ready",
    unit: "short",
    shows: "number",
    queries: [
      { expr: 'sum(kube_node_status_condition{condition="Ready",status="true"})', legend: "Ready" },
      { expr: "count(kube_node_info)", legend: "all" },
    ],
  },
  {
    title: "Pods by namespace",
    unit: "short",
    queries: [{ expr: 'sum by (namespace) (kube_pod_status_phase{phase="Running"})', legend: "{{namespace}}" }],
  },
  {
    title: "Memory by namespace",
    unit: "bytes",
    queries: [
      { expr: 'sum by (namespace) (container_memory_working_set_bytes{container!=""})', legend: "{{namespace}}" },
    ],
  },
  {
    title: "Processor by namespace",
    unit: "short",
    queries: [
      {
        expr: 'sum by (namespace) (rate(container_cpu_usage_seconds_total{container!=""}[5m]))',
        legend: "{{namespace}}",
      },
    ],
  },
];

/** All of a platform, and each part of it that shows something, with the panels of its dashboard. */
export const partsOf = (insights: readonly Insight[]): Pick<Insight, "of" | "panels">[] =>
  [{ of: "overview", panels: overview }, ...insights].filter(({ panels }) => panels.length > 0);

/** Every panel of a platform with the dashboard that it is on. */
export const panelsOf = (insights: readonly Insight[]): { readonly on: string; readonly panel: Panel }[] =>
  partsOf(insights).flatMap(({ of, panels }) => panels.map((panel) => ({ on: of, panel })));

/** Every dashboard of a platform; a part without panels has none. */
export function dashboardsOf(insights: readonly Insight[]): NamedDashboard[] {
  return partsOf(insights).map(({ of, panels }) => ({ name: `quintet-${of}`, dashboard: dashboardOf(of, panels) }));
}

function dashboardOf(of: string, panels: readonly Panel[]): Dashboard {
  const builder = new DashboardBuilder(`Quintet / ${of}`)
    .uid(`quintet-${of}`)
    .tags(["quintet"])
    .timezone("browser")
    .refresh("30s")
    .time({ from: "now-1h", to: "now" })
    .readonly(); // they are code: what is changed by hand is lost with the next `up`
  for (const [index, panel] of panels.entries()) {
    const place = { ...size, x: (index % 2) * size.w, y: Math.floor(index / 2) * size.h };
    builder.withPanel(panelOf(panel).gridPos(place));
  }
  return builder.build();
}

function panelOf({ title, unit, shows = "lines", queries }: Panel): LinesBuilder | NumberBuilder {
  const panel = shows === "number" ? new NumberBuilder() : new LinesBuilder();
  panel.title(title).unit(unit).datasource(source);
  for (const [index, { expr, legend }] of queries.entries()) {
    panel.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCharCode("A".charCodeAt(0) + index))
        .expr(expr)
        .legendFormat(legend)
        .datasource(source),
    );
  }
  return panel;
}
