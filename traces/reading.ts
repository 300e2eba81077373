/** Reads traces out of Jaeger, through the API server. */
import { z } from "zod";
import type { Get } from "../api-get.ts";
import { jaegerPorts, tracingNamespace } from "../components/tracing/names.ts";

/** One step of a request: what one proxy saw of it. */
export interface Span {
  readonly id: string;
  /** The step that it is a part of; `undefined` for the first one, and where that one was not brought. */
  readonly parent: string | undefined;
  readonly service: string;
  readonly operation: string;
  /** In microseconds since 1970. */
  readonly start: number;
  /** In microseconds. */
  readonly duration: number;
  /** Whether it ended badly, by its own words or by its status. */
  readonly failed: boolean;
}

/** One request with all of its steps, by their beginnings. */
export interface Trace {
  readonly id: string;
  readonly spans: readonly Span[];
}

const tag = z.object({ key: z.string(), value: z.unknown() });
const answered = z.object({
  data: z.array(
    z.object({
      traceID: z.string(),
      spans: z.array(
        z.object({
          spanID: z.string(),
          operationName: z.string(),
          references: z.array(z.object({ refType: z.string(), spanID: z.string() })).default([]),
          startTime: z.number(),
          duration: z.number(),
          tags: z.array(tag).default([]),
          processID: z.string(),
        }),
      ),
      processes: z.record(z.string(), z.object({ serviceName: z.string() })),
    }),
  ),
});
const named = z.object({ data: z.array(z.string()).nullable() });

const jaeger = `/api/v1/namespaces/${tracingNamespace}/services/jaeger:${String(jaegerPorts.query)}/proxy/api`;

/** Who has told of a step, by name. */
export async function servicesOf(get: Get): Promise<string[]> {
  return (named.parse(JSON.parse(await get(`${jaeger}/services`))).data ?? []).sort();
}

/** The newest traces that a service has a part in, newest first. */
export async function newestOf(get: Get, service: string, limit: number): Promise<Trace[]> {
  const search = new URLSearchParams({ service, limit: String(limit), lookback: "custom" });
  return tracesIn(await get(`${jaeger}/traces?${search.toString()}`)).sort((a, b) => startOf(b) - startOf(a));
}

/** One trace, or `undefined` where Jaeger knows it no more. */
export async function traceOf(get: Get, id: string): Promise<Trace | undefined> {
  try {
    return tracesIn(await get(`${jaeger}/traces/${id}`))[0];
  } catch (error) {
    if (error instanceof Error && /not find|not ?found/i.test(error.message)) return undefined;
    throw error;
  }
}

/** When the first of its steps began, in microseconds since 1970. */
export const startOf = ({ spans }: Trace): number => Math.min(...spans.map(({ start }) => start));

/** The traces of an answer of Jaeger's (jaegertracing.io, HTTP JSON). */
export const tracesIn = (text: string): Trace[] =>
  answered.parse(JSON.parse(text)).data.map(({ traceID, spans, processes }) => {
    const known = new Set(spans.map(({ spanID }) => spanID));
    return {
      id: traceID,
      spans: spans
        .map((span): Span => {
          const parent = span.references.find(({ refType }) => refType === "CHILD_OF")?.spanID;
          return {
            id: span.spanID,
            parent: parent !== undefined && known.has(parent) && parent !== span.spanID ? parent : undefined,
            service: processes[span.processID]?.serviceName ?? "?",
            operation: span.operationName,
            start: span.startTime,
            duration: span.duration,
            failed: failedBy(new Map(span.tags.map(({ key, value }) => [key, value]))),
          };
        })
        .sort((a, b) => a.start - b.start || b.duration - a.duration),
    };
  });

const failedBy = (tags: ReadonlyMap<string, unknown>): boolean =>
  tags.get("error") === true || tags.get("error") === "true" || Number(tags.get("http.status_code") ?? 0) >= 500;
