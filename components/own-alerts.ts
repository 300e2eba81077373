/** What an alert of a stack's own says, whoever works it out. */
import { z } from "zod";
import type { Contradiction } from "./cluster/facts.ts";
import type { Insight } from "./monitoring/insight.ts";

const sentence = z.string().min(1, "must be a sentence for whoever is told");

/** Beside what makes it fire. */
export const ownAlert = {
  severity: z.enum(["critical", "warning"]).default("warning"),
  summary: sentence,
  description: sentence,
  /** Where it is written what to do. */
  runbook: z.url({ protocol: /^https?$/, error: "must be the URL of a page like https://wiki.example/runbook" }),
};

/** Rules by the names of their alerts. */
export const ownAlerts = <Rule extends z.ZodType>(rule: Rule) =>
  z.record(z.string().regex(/^([A-Z][a-z0-9]+)+$/, "must be called as alerts are, like ShopPaymentsFail"), rule);

/** The labels and annotations of one, as Prometheus and Loki both read them. */
export const ownAlertSays = ({
  severity,
  summary,
  description,
  runbook,
}: {
  readonly [part in keyof typeof ownAlert]: z.infer<(typeof ownAlert)[part]>;
}) => ({ labels: { severity }, annotations: { summary, description, runbook_url: runbook } });

/** Names that are there already, among the platform's own alerts or those of the other kind, by their path under `quintet:`. */
export function ownAlertProblems(
  insights: readonly Insight[],
  own: readonly { readonly path: readonly string[]; readonly rules: Readonly<Record<string, unknown>> }[],
): Contradiction[] {
  const taken = new Map<string, string>(
    insights.flatMap(({ alerts, logAlerts = [] }) =>
      [...alerts, ...logAlerts].map(({ name }) => [name, "one of the platform's own"] as const),
    ),
  );
  return own.flatMap(({ path, rules }) =>
    Object.keys(rules).flatMap((name): Contradiction[] => {
      const of = taken.get(name);
      if (of !== undefined) return [[[...path, name], `is the name of ${of}`]];
      taken.set(name, `quintet:${path.join(".")}.${name} too`);
      return [];
    }),
  );
}
