/** What a reading of a platform's health means: one line for each part, with a reason where it is not well. */
import { drillMaxAge, duration } from "../backup/verdict.ts";
import { slo } from "../components/monitoring/insights/mesh.ts";
import type { Figures, Known, Reading } from "./reading.ts";

/** "well" is green; "unknown" is what could not be read, which is no good news either. */
export type State = "well" | "ill" | "unknown";

/** One part of the platform. */
export interface Line {
  readonly part: string;
  readonly state: State;
  readonly says: string;
  /** Each thing that is wrong, and what to do. */
  readonly reasons: readonly string[];
}

/** Of the time between its renewal and its end: when so much is gone, nobody renews a certificate. */
const overdue = 0.1;

/** Each part of the platform, in the order in which one looks at them. */
export function reportOf(reading: Reading): Line[] {
  const { now, nodes, workloads, certificates, alerts, figures } = reading;
  return [
    lineOf("nodes", nodes, (all) => ({
      says: `${String(all.length)}, ${[...new Set(all.map(({ version }) => version))].join(" and ")}`,
      reasons: all.flatMap(({ name, ill }) => ill.map((what) => `${name} ${what} — kubectl describe node ${name}`)),
    })),
    lineOf("workloads", workloads, (all) => ({
      says: `${String(all.length)}, all as many as wanted`,
      reasons: all
        .filter(({ wanted, available }) => available < wanted)
        .map(({ name, wanted, available }) => {
          const [namespace = ""] = name.split("/");
          return `${name}: ${String(available)} of ${String(wanted)} are there — kubectl get pods -n ${namespace}`;
        }),
    })),
    lineOf("certificates", certificates, (all) => {
      const ends = all.flatMap((one) => one.ends ?? []);
      const next = ends.length === 0 ? "" : `, the next one ends in ${duration(Math.min(...ends) - now)}`;
      return {
        says: `${String(all.length)}${next}`,
        reasons: all.flatMap(({ name, ready, says, renews = Infinity, ends: end = Infinity }) => [
          ...(ready ? [] : [`${name} is not ready: ${says}`]),
          ...((now - renews) / (end - renews) > overdue
            ? [`${name} has not been renewed, and ends in ${duration(Math.max(0, end - now))} — docs/alerts.md`]
            : []),
        ]),
      };
    }),
    lineOf("targets", figures, ({ targets = 0, targetsDown = 0 }) => ({
      says: `${String(targets)} are scraped`,
      reasons: [
        ...(targets === 0 ? ["Prometheus scrapes nothing — kubectl logs -n monitoring prometheus-0"] : []),
        ...(targetsDown > 0 ? [`${String(targetsDown)} are down — docs/alerts.md, TargetDown`] : []),
      ],
    })),
    lineOf("backups", figures, (all) => backupsOf(all, now)),
    lineOf("objectives", figures, ({ errorShare = 0, slowShare = 0 }) => {
      const share = (value: number) => `${(100 * value).toFixed(2)} %`;
      return {
        says: `within the last hour ${share(errorShare)} of the requests failed and ${share(slowShare)} were slow`,
        reasons: [
          ...(errorShare > 1 - slo.availability
            ? [
                `more fail than the ${share(1 - slo.availability)} that is promised — docs/alerts.md, BackendErrorBudgetFast`,
              ]
            : []),
          ...(slowShare > 1 - slo.latency.share
            ? [
                `more are slow than the ${share(1 - slo.latency.share)} that is promised — docs/alerts.md, BackendLatencyBudgetFast`,
              ]
            : []),
        ],
      };
    }),
    lineOf("alerts", alerts, (all) => ({
      says: "none fires",
      reasons: all.map(({ name, severity, summary }) => `${severity} ${name}: ${summary} — docs/alerts.md`),
    })),
  ];
}

function lineOf<T>(part: string, read: Known<T>, judge: (known: T) => Pick<Line, "says" | "reasons">): Line {
  if ("why" in read) return { part, state: "unknown", says: "cannot be read", reasons: [read.why] };
  const { says, reasons } = judge(read.known);
  return { part, state: reasons.length === 0 ? "well" : "ill", says, reasons };
}

function backupsOf(
  { lastBackup, lastUpload, drillOk, lastDrill }: Figures,
  now: number,
): Pick<Line, "says" | "reasons"> {
  if (lastBackup === undefined) return { says: "none is known yet", reasons: [] }; // where none is wanted, or none is due
  const ago = (time: number) => `${duration(Math.max(0, now - time))} ago`;
  const drilled = lastDrill === undefined ? "never drilled" : `drilled ${ago(lastDrill)}`;
  return {
    says: `the newest was taken ${ago(lastBackup)}${lastUpload === undefined ? "" : `, and brought away ${ago(lastUpload)}`}; ${drilled}`,
    reasons: [
      ...(drillOk === 0 ? ["the last drill was red — npm run drill"] : []),
      ...(lastDrill !== undefined && now - lastDrill > drillMaxAge / 1000
        ? [`the last drill was ${ago(lastDrill)} — npm run drill`]
        : []),
    ],
  };
}

/** Whether all is well. */
export const isWell = (lines: readonly Line[]): boolean => lines.every(({ state }) => state === "well");

/** The report as text for one screen. */
export function reportText(lines: readonly Line[], colour: (state: State, text: string) => string): string {
  const width = Math.max(...lines.map(({ part }) => part.length));
  const marks = { well: "✔", ill: "✖", unknown: "?" } as const;
  return lines
    .flatMap(({ part, state, says, reasons }) => [
      colour(
        state,
        `${marks[state]} ${part.padEnd(width)}  ${state === "ill" && part !== "backups" ? "" : says}`.trimEnd(),
      ),
      ...reasons.map((reason) => `    ${reason}`),
    ])
    .join("\n");
}
