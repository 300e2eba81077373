/** What a part of the platform says of itself to whoever watches it: where it is scraped, and when it is ill. No Pulumi here. */
import type { Labels } from "../network-policy.ts";

/** Whom Prometheus asks. */
export type Targets =
  /** Ready and unready pods of a workload, by their labels, on one port. */
  | { readonly kind: "pods"; readonly namespace: string; readonly labels: Labels; readonly port: number }
  /** Every node, or those of the control plane, on one port of its own. */
  | { readonly kind: "nodes"; readonly port: number; readonly controlPlane?: boolean }
  /** Every API server that says of itself that it is there, behind the Service `default/kubernetes`. */
  | { readonly kind: "api-servers" };

/** One job of Prometheus. */
export interface Scrape {
  /** Its name, which every series of it carries as `job`. */
  readonly job: string;
  readonly targets: Targets;
  /** @default /metrics */
  readonly path?: string;
  /** Parameters of the request. @default none */
  readonly params?: Readonly<Record<string, string>>;
  /** With HTTPS, Prometheus shows its own token; "unverified" is for servers whose certificate nobody has signed. @default plain */
  readonly tls?: "cluster-ca" | "unverified";
  /**
   * Whether its labels `namespace`, `pod` and `node` tell whom it speaks of. Nothing then tells the pod that speaks: what the
   * next one says goes on where the last one has ended, and no alert begins anew. @default false
   */
  readonly speaksOfOthers?: boolean;
  /** A regular expression of the whole names of series that are kept; what nobody asks for costs memory for ever. */
  readonly keep: string;
  /** Expressions on labels, by label: series that one of them matches whole are dropped. @default none */
  readonly drop?: Readonly<Record<string, string>>;
  /** An edge of the connectivity graph: who is called, on which of its ports. */
  readonly edge: { readonly to: string; readonly port: string };
}

/** How bad it is: "critical" wakes somebody, "warning" is for the working day, "none" is the sign of life. */
export type Severity = "critical" | "warning" | "none";

/** Series as promtool's unit tests write them, and whether the alert fires over them (prometheus.io, unit testing rules). */
export interface AlertCase {
  /** What is the matter, in words. */
  readonly when: string;
  /** Series with their values, one a minute: `up{job="etcd"}` to `0x30`. */
  readonly series: Readonly<Record<string, string>>;
  /** When it is looked at, as `20m`. */
  readonly at: string;
  /** The labels of each alert that fires, beyond its severity. */
  readonly fires: readonly Labels[];
}

/** What every alerting rule says, whoever works it out. */
export interface Told {
  /** CamelCase, as everywhere in this field. */
  readonly name: string;
  readonly expr: string;
  /** How long it must hold, as `5m`. @default at once */
  readonly for?: string;
  readonly severity: Severity;
  /** One line, with `{{ $labels.… }}`. */
  readonly summary: string;
  /** What it means for users, and what happens if nobody does anything. */
  readonly meaning: string;
  /** What to type first, and what to do then; each one line of the runbook. */
  readonly runbook: readonly string[];
  /**
   * By which fault the end-to-end tests fire it on a real cluster; or why none of them does, and it is tested as a rule
   * alone.
   */
  readonly fired: { readonly by: string } | { readonly not: string };
}

/** One alerting rule of Prometheus. */
export interface Alert extends Told {
  /** Firing and silent cases. */
  readonly cases: readonly AlertCase[];
}

/** Lines and events that Loki has, and whether the alert fires over them. */
export interface LogCase {
  /** What is the matter, in words. */
  readonly when: string;
  /** What was said, in which stream, and what is known beside it. */
  readonly said: readonly { readonly stream: Labels; readonly beside: Labels; readonly line: string }[];
  /** The labels of each alert that fires. */
  readonly fires: readonly Labels[];
}

/** One alerting rule of Loki, over lines and events. */
export interface LogAlert extends Told {
  /** Firing and silent cases. */
  readonly cases: readonly LogCase[];
}

/** A series that is worked out beforehand. */
export interface Recording {
  readonly name: string;
  readonly expr: string;
  readonly labels?: Labels;
}

/** One picture on a dashboard. */
export interface Panel {
  readonly title: string;
  /** What its values are, by Grafana's own names of units. */
  readonly unit: "short" | "percentunit" | "s" | "ms" | "bytes" | "Bps" | "reqps" | "dtdurations" | "ops";
  /** Lines over time, or the last value alone. @default lines */
  readonly shows?: "lines" | "number";
  /** Each with how its series are called, with `{{label}}`. */
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
}

/** Everything that a part of the platform says of itself. */
export interface Insight {
  /** The part, as people call it; also the name of its group of rules. */
  readonly of: string;
  readonly scrapes: readonly Scrape[];
  readonly recordings?: readonly Recording[];
  readonly alerts: readonly Alert[];
  /** Those that Loki works out. @default none */
  readonly logAlerts?: readonly LogAlert[];
  /** Its dashboard. */
  readonly panels: readonly Panel[];
}
