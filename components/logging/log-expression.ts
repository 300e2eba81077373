/** What is counted in events and lines, as an expression of Loki's (grafana.com/docs/loki, LogQL). No Pulumi here. */

/** Events by their reasons, or lines of containers. */
export type Counted =
  | { readonly kind: "events"; readonly reasons: readonly string[]; readonly saying?: string | undefined }
  | {
      readonly kind: "lines";
      readonly saying: string;
      readonly namespace?: string | undefined;
      readonly app?: string | undefined;
    };

/** How many of them in how much time make an alert. */
export interface Threshold {
  readonly of: Counted;
  readonly atLeast: number;
  /** As `5m`. */
  readonly within: string;
}

/** True once for each object, or container, of which there is as much. */
export function logExpression({ of, atLeast, within }: Threshold): string {
  const [by, selected] = of.kind === "events" ? [["kind", "name"], eventsOf(of)] : [["pod", "container"], linesOf(of)];
  return `sum by (${["namespace", ...by].join(", ")}) (count_over_time(${selected} [${within}])) >= ${String(atLeast)}`;
}

const eventsOf = ({ reasons, saying }: Extract<Counted, { kind: "events" }>) =>
  `{source="events"}${saying === undefined ? "" : ` |~ ${text(saying)}`} | k8s_event_reason=~"${reasons.join("|")}"`;

function linesOf({ saying, namespace, app }: Extract<Counted, { kind: "lines" }>): string {
  const labels = Object.entries({ source: "pods", namespace, app });
  const matchers = labels.flatMap(([label, value]) => (value === undefined ? [] : [`${label}=${text(value)}`]));
  return `{${matchers.join(", ")}} |~ ${text(saying)}`;
}

/** LogQL's texts are those of Go, of which JSON's are some. */
const text = (value: string) => JSON.stringify(value);
