/** The way in: routes, TLS, limits, and the gateway's own loss. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { rootCertificates, type SecureVersion } from "node:tls";
import { test } from "node:test";
import { kubectl as kubectlOf } from "../../../embedded/kubectl.ts";
import { until } from "../../../embedded/run.ts";
import { ask } from "../../../scripts/ask.ts";
import { Stack } from "../../../scripts/stack.ts";
import { atOnce, fetchAs, protocolOf } from "../clients.ts";
import { during, failures, summary } from "../load.ts";
import { longTest } from "../long.ts";
import { config, figures, kubectl, publicPlaces, spec, stack, state } from "./context.ts";

test("HTTPS is answered by host and path, with a chain that proves the name", async () => {
  const { url, places } = await publicPlaces();
  assert.equal(url, "https://enroll.example:30443/api");
  assert.deepEqual(
    places.map(({ address }) => address),
    ["172.20.40.12", "172.20.40.52"],
  );
  for (const place of places) {
    assert.match((await ask(url, place)).body, /"hostname": "backend-/);
    assert.equal((await ask(`${url}/status/418`, place)).status, 418, "the path without its public beginning");
    assert.equal((await ask(url.replace("/api", "/apis"), place)).status, 404);
    assert.equal((await ask(url, place, { headers: { host: "other.example" } })).status, 404);
    await assert.rejects(ask(url.replace("enroll.example", "other.example"), place));
    await assert.rejects(ask(url, { ...place, ca: rootCertificates[0] ?? "" }), /unable to|self-signed/);
  }
});

test("HTTP is sent on to HTTPS for good", async () => {
  const { places } = await publicPlaces();
  for (const { address } of places) {
    const answer = await fetchAs("enroll.example", `http://${address}:30080/api/info?verbose=1`);
    assert.deepEqual([answer.status, answer.location], [301, "https://enroll.example:30443/api/info?verbose=1"]);
    assert.equal((await fetchAs("other.example", `http://${address}:30080/api`)).status, 404);
  }
});

test("TLS below 1.2 is refused", async () => {
  const { url, places } = await publicPlaces();
  const { hostname, port } = new URL(url);
  const shake = (version: SecureVersion) =>
    protocolOf({ host: places[0].address, port: Number(port), servername: hostname, ca: places[0].ca }, version);
  assert.equal(await shake("TLSv1.3"), "TLSv1.3");
  assert.equal(await shake("TLSv1.2"), "TLSv1.2");
  await assert.rejects(shake("TLSv1.1"), /protocol version/);
  await assert.rejects(shake("TLSv1"), /protocol version/);
});

test("the backend sees who the client is, whatever the client says", async () => {
  const { url, places } = await publicPlaces();
  for (const place of places) {
    const headers = { "x-forwarded-for": "203.0.113.7", "x-envoy-external-address": "203.0.113.7" };
    const seen = JSON.parse((await ask(`${url}/headers`, place, { headers })).body) as Record<string, string[]>; // podinfo's
    assert.deepEqual(seen["X-Forwarded-For"], [spec.hostAddress]);
    assert.doesNotMatch(JSON.stringify(seen), /203\.0\.113\.7/);
  }
});

test("bodies, headers and rates above the limits are refused", async () => {
  const { url, places } = await publicPlaces();
  const [place] = places;
  const post = (size: number) => ask(`${url}/api/echo`, place, { method: "POST", body: Buffer.alloc(size, "x") });
  assert.equal((await post(1024 ** 2)).status, 202);
  assert.equal((await post(1024 ** 2 + 1)).status, 413);
  const header = (size: number) => ask(url, place, { headers: { "x-large": "x".repeat(size) } });
  assert.equal((await header(24 * 1024)).status, 200);
  assert.equal((await header(40 * 1024)).status, 431);
  const statuses = await atOnce(url, place, 2000);
  const limited = statuses.filter((status) => status === 429).length;
  figures.push(`2000 requests at once over one connection: ${String(limited)} answered 429`);
  assert.deepEqual([...new Set(statuses)].sort(), [200, 429]);
  await until("requests to be let through again", 10_000, async () => (await ask(url, place)).status === 200);
});

longTest("classic Ingresses are served once they are switched on", async () => {
  const file = state.file("classic.yaml");
  writeFileSync(file, readFileSync(config, "utf8").replace("kind: gateway", "kind: gateway\n    classic: true"));
  const on = await new Stack({ stack: "e2e", config: file }).capture("up", ["--yes", "--skip-preview"]);
  assert.equal(on.exitCode, 0, on.text);
  const { places } = await publicPlaces();
  const backend = { service: { name: "backend", port: { number: 80 } } };
  const ingress = {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "classic", namespace: "backend" },
    spec: {
      ingressClassName: "istio",
      rules: [{ host: "classic.example", http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
    },
  };
  await kubectlOf(state, ["apply", "-f", "-"], JSON.stringify(ingress));
  const status = async () => (await fetchAs("classic.example", `http://${places[0].address}:30080/`)).status;
  await until("the classic Ingress to be served", 30_000, async () => (await status()) === 200, 200);
  await kubectl("delete", "ingress", "classic", "-n", "backend");
  await until("the classic Ingress to be gone", 30_000, async () => (await status()) === 404, 200);
  const off = await stack().capture("up", ["--yes", "--skip-preview"]);
  assert.equal(off.exitCode, 0, off.text);
});

longTest("a gateway pod is deleted under 200 requests a second, and none is lost", async () => {
  const { url, places } = await publicPlaces();
  const load = { perSecond: 200, connections: 20 };
  const steady = await during(url, places, () => sleep(10_000), load);
  figures.push(`through the ingress, 200 requests/s over 20 connections to each node: ${summary(steady)}`);
  assert.deepEqual(failures(steady), []);
  const pods = ["get", "pods", "-n", "istio-ingress", "-l", "istio=ingress"];
  const victim = await kubectl(...pods, "-o", "jsonpath={.items[0].metadata.name}");
  const work = async () => {
    await sleep(2000);
    await kubectl("delete", "pod", "-n", "istio-ingress", victim, "--wait=true", "--timeout=120s");
    await kubectl("rollout", "status", "deployment/gateway", "-n", "istio-ingress", "--timeout=120s");
    await sleep(2000);
  };
  const answers = await during(url, places, work, load);
  figures.push(`a gateway pod deleted under that: ${summary(answers)}`);
  assert.deepEqual(failures(answers), []);
});

test("no proxy has rejected any of its configuration", async () => {
  const pods = [
    "get",
    "pods",
    "-n",
    "istio-ingress",
    "-l",
    "istio=ingress",
    "-o",
    "jsonpath={.items[*].metadata.name}",
  ];
  const names = (await kubectl(...pods)).split(" ");
  assert.equal(names.length, 4);
  for (const pod of names) {
    const stats = await kubectl("exec", "-n", "istio-ingress", pod, "--", "pilot-agent", "request", "GET", "stats");
    const counted = (word: string) =>
      stats.split("\n").flatMap((line) => new RegExp(`^(\\S+\\.${word}): (\\d+)$`).exec(line)?.slice(1) ?? []);
    assert.ok(
      counted("update_success").some((value) => Number(value) > 0),
      stats,
    );
    assert.deepEqual(
      counted("update_rejected").filter((value) => /^[1-9]/.test(value)),
      [],
      stats,
    );
  }
});
