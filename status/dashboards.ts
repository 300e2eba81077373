/** The figures of dashboards: what Prometheus has for each of their panels, as plain data. */
import type { Get } from "../api-get.ts";
import { z } from "zod";
import type { Panel } from "../components/monitoring/insight.ts";
import { inMonitoring } from "./reading.ts";

/** A line of a panel: its name, and its values in the order of time. */
export interface Series {
  readonly name: string;
  /** Seconds since 1970, and the value. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** A panel with what it shows. */
export interface DrawnPanel extends Pick<Panel, "title" | "unit" | "shows"> {
  readonly series: readonly Series[];
}

/** The stretch of time that is shown: seconds since 1970, and between two values. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

// Prometheus' HTTP API: a matrix, whose values are strings.
const answerSchema = z.object({
  status: z.literal("success"),
  data: z.object({
    resultType: z.literal("matrix"),
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), values: z.array(z.tuple([z.number(), z.string()])) }),
    ),
  }),
});

/** Asks for all that a panel shows in a stretch of time. @throws when an answer is none of Prometheus' */
export async function readPanel(get: Get, panel: Panel, stretch: Stretch): Promise<DrawnPanel> {
  const { title, unit, shows = "lines" } = panel;
  const series: Series[] = [];
  for (const { expr, legend } of panel.queries) {
    const { start, end, step } = stretch;
    const asked = new URLSearchParams({ query: expr, start: String(start), end: String(end), step: String(step) });
    const answer = answerSchema.parse(
      JSON.parse(await get(`${inMonitoring("prometheus:9090")}/api/v1/query_range?${asked.toString()}`)),
    );
    for (const { metric, values } of answer.data.result) {
      const points = values.map(([at, value]) => [at, Number(value)] as const).filter(([, value]) => isFinite(value));
      if (points.length > 0) series.push({ name: nameOf(legend, metric), points });
    }
  }
  return { title, unit, shows, series };
}

/** The name of a line: a legend with `{{label}}`, as Grafana fills it in. */
export const nameOf = (legend: string, labels: Readonly<Record<string, string>>): string =>
  legend.replace(/{{\s*(\w+)\s*}}/g, (_, label: string) => labels[label] ?? "").trim();
