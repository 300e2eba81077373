/** What kubectl asks of nodes and pods by way of the API server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../../embedded/run.ts";
import { forwarded, kubectl } from "./context.ts";

test("kubectl logs, port-forward and top work", async () => {
  assert.match(await kubectl("logs", "-n", "backend", "deployment/backend", "--tail=50"), /Starting HTTP Server/);
  await until(
    "kubectl top",
    60_000,
    async () => (await kubectl("top", "nodes", "--no-headers")).trim().split("\n").length === 5,
  );
  await forwarded("backend", "service/backend", 80, async (url) => {
    assert.ok((await fetch(`${url}/healthz`)).ok);
  });
});
