/** The configuration of what a stack wants to be told of what is measured, beyond the platform's own alerts. */
import { z } from "zod";
import { parseDuration } from "../../duration.ts";
import { section } from "../../problems.ts";
import type { Contradiction } from "../cluster/facts.ts";
import { ownAlert, ownAlerts } from "../own-alerts.ts";
import type { Insight } from "./insight.ts";
import { readPromql } from "./promql.ts";

const holding = z.string().refine((text) => {
  const milliseconds = parseDuration(text) ?? -1;
  return milliseconds % 1000 === 0 && milliseconds >= 0 && milliseconds <= 86_400_000;
}, 'must be whole seconds, minutes or hours like "5m", up to 24h');

const rule = section({
  /** PromQL: each element of what it gives is an alert. */
  expr: z.string().superRefine((text, context) => {
    const { problem } = readPromql(text);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  }),
  /** How long it must hold. */
  for: holding.default("5m"),
  ...ownAlert,
});

/** A rule of a stack's own over what is measured. */
export type OwnRule = z.infer<typeof rule>;

/** The shape of `quintet:monitoring.rules`. */
export const rulesSchema = ownAlerts(rule).default({});

/** What Prometheus adds to every scrape, and says of its own alerts. */
const always = /^(up|scrape_.+|ALERTS(_FOR_STATE)?)$/;

/** Rules that would never fire: they ask for what no part of the platform keeps. */
export function rulesProblems(rules: Readonly<Record<string, OwnRule>>, insights: readonly Insight[]): Contradiction[] {
  const recorded = new Set(insights.flatMap(({ recordings = [] }) => recordings.map(({ name }) => name)));
  const kept = insights.flatMap(({ scrapes }) => scrapes.map(({ keep }) => new RegExp(`^(?:${keep})$`)));
  const known = (name: string) => always.test(name) || recorded.has(name) || kept.some((keep) => keep.test(name));
  return Object.entries(rules).flatMap(([name, { expr }]) => {
    const missing = [...new Set(readPromql(expr).series)].filter((series) => !known(series));
    if (missing.length === 0) return [];
    return [
      [
        ["monitoring", "rules", name, "expr"],
        `asks for ${missing.join(" and ")}, which no part of this platform keeps, so that it would never fire; docs/alerts.md has what there is`,
      ] satisfies Contradiction,
    ];
  });
}
