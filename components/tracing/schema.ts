/** The configuration of tracing: which share of requests is followed, and how many are kept. */
import { z } from "zod";
import { section } from "../../problems.ts";
import { amounts } from "../amounts-schema.ts";
import type { Contradiction } from "../cluster/facts.ts";

const percent = "must be a share of requests from 0 to 100 percent";
const traces = "must be a whole number of traces from 100 to 1000000";

const jaeger = section({
  kind: z.literal("jaeger"),
  /** Of a hundred requests that come in, how many are followed; a caller that follows one itself decides for it. */
  samplingPercent: z.number(percent).min(0, percent).max(100, percent).default(1),
  /** How many traces are kept, in memory; the oldest go first. One of ten spans takes some 20 KiB. */
  maxTraces: z.int(traces).min(100, traces).max(1_000_000, traces).default(5000),
  resources: amounts("200m", "256Mi"),
});

const none = section({ kind: z.literal("none") });

/** The shape of `quintet:tracing`. */
export const tracingSchema = z
  .discriminatedUnion("kind", [jaeger, none], 'expected an object with kind "jaeger" or "none"')
  .prefault({ kind: "none" });

/** Who keeps what requests go through. */
export type TracingConfig = z.infer<typeof tracingSchema>;

/** Jaeger, and which requests it is told of. */
export type JaegerConfig = Extract<TracingConfig, { kind: "jaeger" }>;

/** What of it does not go together, by its path under `quintet:`. */
export function tracingProblems(
  { kind }: Pick<TracingConfig, "kind">,
  ingress: { readonly kind: "gateway" | "none" },
): Contradiction[] {
  if (kind === "none" || ingress.kind !== "none") return [];
  return [
    [["tracing", "kind"], "is jaeger, but requests are followed by the mesh, and quintet:ingress is none: say none"],
  ];
}
