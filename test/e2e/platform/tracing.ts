/** A request from outside is one trace, from the gateway through every service of the bookstore. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bookstoreServiceNames } from "../../../components/bookstore-plan.ts";
import { gatewayName } from "../../../components/gateway-plan.ts";
import { until } from "../../../embedded/run.ts";
import { ask } from "../../../scripts/ask.ts";
import { getterOf } from "../../../scripts/find-stack.ts";
import { newestOf, servicesOf, type Trace } from "../../../traces/reading.ts";
import { config, figures, program, publicPlaces, state } from "./context.ts";
import { query } from "./prometheus.ts";

test("a request to the bookstore is one trace through the gateway and all of its services", async () => {
  const { url: backend, places } = await publicPlaces();
  const get = getterOf(state.kubeconfig);
  const wanted = [gatewayName, ...bookstoreServiceNames];
  const gateway = async () => (await servicesOf(get)).find((name) => name.startsWith(gatewayName)) ?? "";
  const before = new Set((await newestOf(get, await gateway(), 200)).map(({ id }) => id));
  const entry = new URL("/bookstore/api/echo", backend).href;
  const { status } = await ask(entry, places[0]);
  assert.equal(status, 200);
  let traces: Trace[] = [];
  const servicesOfAll = () => traces.flatMap(({ spans }) => spans.map(({ service }) => service));
  await until(
    "the trace to be whole",
    20_000,
    async () => {
      // The backend is asked meanwhile, by who watches it.
      const isOurs = ({ id, spans }: Trace) =>
        !before.has(id) &&
        spans.some(({ service }) => bookstoreServiceNames.some((name) => service.startsWith(`${name}.`)));
      traces = (await newestOf(get, await gateway(), 200)).filter(isOurs);
      return wanted.every((name) => servicesOfAll().some((one) => one.startsWith(name)));
    },
    500,
  ).catch((error: unknown) => {
    throw new Error(`In ${String(traces.length)} traces: ${servicesOfAll().join(", ")}`, { cause: error });
  });
  const [trace, ...others] = traces;
  assert.ok(trace !== undefined && others.length === 0, "the request fell into several traces");
  const picture = state.file("trace.svg");
  const shown = await program("scripts/traces.ts", trace.id, "--stack", "e2e", "--config", config, "--svg", picture);
  const drawn = readFileSync(picture, "utf8");
  for (const name of wanted) {
    assert.match(shown, new RegExp(`^ *${name}\\.`, "m"));
    assert.ok(drawn.includes(`>${name}.`), name);
  }
  const memory = Number((await query('process_resident_memory_bytes{job="jaeger"}'))[0]?.value[1] ?? Number.NaN);
  figures.push(
    `one request to the bookstore: one trace of ${String(trace.spans.length)} spans through ${String(wanted.length)} services; Jaeger ${(memory / 1024 ** 2).toFixed(0)} MiB`,
  );
});
