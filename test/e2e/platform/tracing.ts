/** A request from outside is one trace, from the gateway through every service of the bookstore. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { bookstoreServiceNames } from "../../../components/bookstore-plan.ts";
import { gatewayName } from "../../../components/gateway-plan.ts";
import { jaegerPorts, tracingNamespace } from "../../../components/tracing/names.ts";
import { until } from "../../../embedded/run.ts";
import { ask } from "../../../scripts/ask.ts";
import { figures, forwarded, publicPlaces } from "./context.ts";
import { query } from "./prometheus.ts";

/** One trace as Jaeger answers it. */
interface Trace {
  readonly traceID: string;
  readonly spans: readonly {
    readonly processID: string;
    readonly tags: readonly { readonly key: string; readonly value: unknown }[];
  }[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
}

test("a request to the bookstore is one trace through the gateway and all of its services", async () => {
  const { url: backend, places } = await publicPlaces();
  const mark = randomUUID();
  const entry = new URL(`/bookstore/api/echo?mark=${mark}`, backend).href;
  const { status } = await ask(entry, places[0]);
  assert.equal(status, 200);
  const wanted = [gatewayName, ...bookstoreServiceNames];
  await forwarded(tracingNamespace, "service/jaeger", jaegerPorts.query, async (url) => {
    const get = async (path: string) => ((await (await fetch(`${url}${path}`)).json()) as { data: unknown }).data;
    let seen: string[] = [];
    let traces: Trace[] = [];
    await until(
      "the trace to be whole",
      20_000,
      async () => {
        const services = (await get("/api/services")) as string[]; // Jaeger's HTTP API
        const first = services.find((name) => name.startsWith(gatewayName));
        if (first === undefined) return false;
        const all = (await get(`/api/traces?service=${first}&limit=200&lookback=1h`)) as Trace[]; // the same
        const marked = ({ tags }: Trace["spans"][number]) => tags.some(({ value }) => String(value).includes(mark));
        traces = all.filter(({ spans }) => spans.some(marked));
        seen = traces.flatMap(({ processes }) => Object.values(processes).map(({ serviceName }) => serviceName));
        return wanted.every((name) => seen.some((one) => one.startsWith(name)));
      },
      500,
    ).catch((error: unknown) => {
      throw new Error(`In ${String(traces.length)} traces: ${seen.join(", ")}`, { cause: error });
    });
    assert.equal(traces.length, 1, "the request fell into several traces");
    const spans = traces[0]?.spans.length ?? 0;
    const memory = Number((await query('process_resident_memory_bytes{job="jaeger"}'))[0]?.value[1] ?? Number.NaN);
    figures.push(
      `one request to the bookstore: one trace of ${String(spans)} spans through ${String(wanted.length)} services; Jaeger ${(memory / 1024 ** 2).toFixed(0)} MiB`,
    );
  });
});
