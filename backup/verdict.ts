/** What a drill found, how it is told, and what follows from it. */
import type { Compared, Finding } from "./compare.ts";
import type { Refusal } from "./snapshot.ts";

/** Why a drill is red. */
export type Reason =
  | Refusal
  /** The newest snapshot is older than allowed. */
  | "stale"
  /** No etcd or API server comes up on it. */
  | "does-not-start"
  /** It has another number of keys than its manifest says. */
  | "keys"
  /** Keys that no API server can read. */
  | "undecoded"
  /** The live cluster could not be asked. */
  | "not-compared"
  | "missing"
  | "differs"
  | "vanished";

/** Every reason, for those who count them. */
export const reasons = [
  "wrong-key",
  "changed",
  "truncated",
  "another-cluster",
  "wrong-database",
  "unknown-format",
  "not-found",
  "s3-denied",
  "disk-full",
  "failed",
  "stale",
  "does-not-start",
  "keys",
  "undecoded",
  "not-compared",
  "missing",
  "differs",
  "vanished",
] as const satisfies readonly Reason[];

/** One reason with a sentence. */
export interface Fault {
  readonly reason: Reason;
  readonly says: string;
}

/** What a drill found; this is its JSON. It holds names, and no content of any object. */
export interface DrillResult {
  readonly format: 1;
  /** Whether the snapshot would bring back all that the cluster had. */
  readonly ok: boolean;
  /** When the drill ended (RFC 3339). */
  readonly at: string;
  readonly clusterId: string;
  /** Undefined when there was none to open. */
  readonly snapshot?: {
    readonly name: string;
    readonly takenAt: string;
    readonly revision: number;
    readonly reason: string;
  };
  readonly faults: readonly Fault[];
  /** How much would be lost: the age of the newest snapshot. Seconds. */
  readonly rpo?: number;
  /** From the bundle to an API server that is ready. Seconds. */
  readonly rto?: number;
  /** Of etcd at the snapshot's revision. */
  readonly keys?: number;
  /** Of all kinds, read out of the snapshot. */
  readonly objects?: number;
  readonly compared?: Compared;
}

/** How old a drill may be that a change builds on, in milliseconds. */
export const drillMaxAge = 24 * 3_600_000;

/** Whether a risky change may go on, and why. */
export interface Decision {
  readonly may: boolean;
  readonly says: string;
}

/**
 * Whether a change that may need a snapshot (an upgrade, a restore, an edit of the control plane) may go on.
 *
 * @param result the last drill's, if there was one
 * @param now milliseconds since the epoch
 * @param waiver why it is to go on all the same
 */
export function mayChange(result: DrillResult | undefined, now: number, waiver?: string): Decision {
  const against = obstacle(result, now);
  if (against === undefined) return { may: true, says: "The last drill is green." };
  const reason = waiver?.trim() ?? "";
  return reason === ""
    ? { may: false, says: `${against} Run \`npm run drill\`, or waive it with a reason.` }
    : { may: true, says: `${against} Waived: ${reason}` };
}

function obstacle(result: DrillResult | undefined, now: number): string | undefined {
  if (result === undefined) return "No snapshot has been drilled.";
  const age = now - Date.parse(result.at);
  if (!result.ok) return `The last drill is red: ${result.faults.map(({ reason }) => reason).join(", ")}.`;
  return age > drillMaxAge ? `The last drill is ${duration(age / 1000)} old.` : undefined;
}

/** The drill as a few lines for people. */
export function drillText(result: DrillResult): string {
  const { ok, snapshot, rpo, rto } = result;
  const seconds = (value: number | undefined) => (value === undefined ? "unknown" : duration(value));
  return [
    ...(snapshot === undefined
      ? []
      : [`${snapshot.name}, taken ${snapshot.takenAt} (${snapshot.reason}), revision ${String(snapshot.revision)}`]),
    `RPO ${seconds(rpo)}, RTO ${seconds(rto)}`,
    ...findings(result),
    ok ? "drill_ok 1: this snapshot brings the cluster back." : "drill_ok 0",
  ].join("\n");
}

/** What a comparison after a restore has found. */
export function restoredText(result: DrillResult): string {
  const verdict = result.ok
    ? "The cluster has every object of the snapshot."
    : "The cluster has not every object of the snapshot.";
  return [...findings(result), verdict].join("\n");
}

function findings({ faults, keys, objects, compared }: DrillResult): string[] {
  const counts = Object.entries(compared?.counts ?? {}).filter(([, count]) => count > 0);
  return [
    ...(keys === undefined ? [] : [`${String(keys)} keys, ${String(objects ?? 0)} objects`]),
    ...(counts.length === 0 ? [] : [counts.map(([finding, count]) => `${String(count)} ${finding}`).join(", ")]),
    ...Object.entries(compared?.examples ?? {}).map(([finding, names]) => `${finding}: ${names.join("; ")}`),
    ...faults.map(({ reason, says }) => `RED ${reason}: ${says}`),
  ];
}

/** Seconds as people say them. */
export function duration(seconds: number): string {
  const units = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
  ] as const;
  const [size, unit] = units.find(([least]) => seconds >= 2 * least) ?? [1, "s"];
  return `${(seconds / size).toFixed(size === 1 && seconds < 100 ? 1 : 0)} ${unit}`;
}

/** The drill in Prometheus' text format. */
export function drillMetrics(result: DrillResult): string {
  const found: Partial<Record<Finding, number>> = result.compared?.counts ?? {};
  const gauge = (name: string, help: string, lines: readonly (readonly [labels: string, value: number])[]) => [
    `# HELP quintet_etcd_drill_${name} ${help}`,
    `# TYPE quintet_etcd_drill_${name} gauge`,
    ...lines.map(([labels, value]) => `quintet_etcd_drill_${name}${labels} ${String(value)}`),
  ];
  const optional = (value: number | undefined) => (value === undefined ? [] : [["", value] as const]);
  return [
    ...gauge("ok", "Whether the last drill was green.", [["", result.ok ? 1 : 0]]),
    ...gauge("last_run_timestamp_seconds", "When it ended.", [["", Date.parse(result.at) / 1000]]),
    ...gauge("rpo_seconds", "Age of the newest snapshot at that time.", optional(result.rpo)),
    ...gauge("rto_seconds", "From the bundle to a ready API server.", optional(result.rto)),
    ...gauge("keys", "Keys of etcd in the snapshot.", optional(result.keys)),
    ...gauge(
      "objects",
      "Objects by how they compare with the live cluster.",
      Object.entries(found).map(([finding, count]) => [`{finding="${finding}"}`, count] as const),
    ),
    ...gauge(
      "fault",
      "Whether the drill was red for this reason.",
      reasons.map((reason) => [`{reason="${reason}"}`, result.faults.some((one) => one.reason === reason) ? 1 : 0]),
    ),
    "",
  ].join("\n");
}
