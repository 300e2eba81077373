/** The mesh: sidecars, identities, and what the calls between Services are told to do. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { execa } from "execa";
import { meshedNamespaces } from "../../../components/authorization-plan.ts";
import { revisionOf } from "../../../components/istio-names.ts";
import { type MeshCall, meshCalls } from "../../../components/mesh-calls.ts";
import { kubectl as kubectlOf, podCidrs } from "../../../embedded/kubectl.ts";
import { until } from "../../../embedded/run.ts";
import { ask } from "../../../scripts/ask.ts";
import { findStale } from "../../../scripts/mesh-restart.ts";
import { toolPath } from "../../../toolchain/index.ts";
import { perSecond } from "../../../topology/report.ts";
import type { Topology } from "../../../topology/topology.ts";
import { versions } from "../../../versions.ts";
import { stacks } from "../../lib/stacks.ts";
import { analyze, renderedObjects } from "../analyze.ts";
import type { Calls, Outcome } from "../calls.ts";
import { outside, withOutside } from "../fixtures.ts";
import { during, failures, summary } from "../load.ts";
import { type Host, hostsOf } from "../reach.ts";
import { jwt, token } from "../tokens.ts";
import { longTest } from "../long.ts";
import {
  config,
  figures,
  kubectl,
  liveConfig,
  liveGraph,
  program,
  publicPlaces,
  spec,
  state,
  upWith,
} from "./context.ts";

const bookstore = "bookstore";

/** The parts of a Pod that are read here. */
interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly initContainers?: readonly { readonly name: string; readonly restartPolicy?: string }[] };
  readonly status: {
    readonly qosClass: string;
    readonly containerStatuses: readonly { readonly ready: boolean }[];
    readonly initContainerStatuses: readonly { readonly name: string; readonly ready: boolean }[];
  };
}

async function podsOf(namespace: string): Promise<Pod[]> {
  const list = await kubectl("get", "pods", "-n", namespace, "-o", "json");
  return (JSON.parse(list) as { items: Pod[] }).items;
}

/** A pod of the bookstore that requests come from. */
async function caller(service: string): Promise<Host> {
  const pods = await hostsOf(spec, state);
  const name = "app.kubernetes.io/name";
  return (
    pods.find(({ pod }) => pod?.namespace === bookstore && pod.labels[name] === service) ??
    assert.fail(`no pod of ${service} runs`)
  );
}

/** Runs a program in the network of a pod. */
async function inside({ name, network }: Host, program: readonly string[]): Promise<string> {
  assert.ok(network !== undefined, `${name} has no network`);
  return (await execa("nsenter", [`--net=${network}`, ...program])).stdout;
}

/** What a pod answers itself to a GET. */
const readInside = (of: Host, url: string) =>
  inside(of, [process.execPath, "-e", `fetch("${url}").then((r) => r.text()).then(console.log)`]);

const proxyStatistics = "http://127.0.0.1:15090/stats/prometheus";

/** Sends requests from a pod's network to a Service of the bookstore, or to any address. */
async function call(from: Host, to: string, calls: Partial<Calls> = {}): Promise<Outcome> {
  const address =
    calls.address ?? (await kubectl("get", "service", "-n", bookstore, to, "-o", "jsonpath={.spec.clusterIP}"));
  const all: Calls = { port: 80, path: "/api/info", count: 1, host: `${to}.${bookstore}`, ...calls, address };
  const file = join(import.meta.dirname, "../calls.ts");
  return JSON.parse(await inside(from, [process.execPath, file, JSON.stringify(all)])) as Outcome;
}

/** How often a sidecar has done something in calls of a Service, by Envoy's own statistics. */
async function counted(of: Host, to: string, what: string): Promise<number> {
  const cluster = `outbound|80||${to}.${bookstore}.svc.cluster.local`;
  const text = await readInside(of, proxyStatistics);
  const line = text.split("\n").find((one) => one.startsWith(`envoy_cluster_${what}{cluster_name="${cluster}`));
  return Number(line?.split(" ").at(-1) ?? 0);
}

const share = (part: number, all: number) => `${((100 * part) / all).toFixed(2)} %`;
const quantile = (sorted: readonly number[], q: number) => sorted[Math.floor(sorted.length * q)] ?? 0;
const today = () => new Date();
const inDays = (days: number) => new Date(today().getTime() + days * 86_400_000).toISOString().slice(0, 10);

/** What the traffic of the bookstore is told in these tests. */
const traffic = () => ({
  "bookstore/payment": {
    deadline: "1s",
    routes: [
      {
        name: "slow",
        match: { headers: { "x-test": { exact: "slow" } } },
        fault: { delay: "500ms", percent: 100, expires: inDays(7) },
      },
      {
        name: "broken",
        match: { headers: { "x-test": { exact: "broken" } } },
        fault: { abort: 418, percent: 100, expires: inDays(7) },
      },
    ],
  },
  "bookstore/customer": { deadline: "3s", retries: { attempts: 2, perTryTimeout: "500ms", on: [503] } },
  "bookstore/delivery": { connections: { max: 1, maxPendingRequests: 1, maxRequests: 2 } },
  "bookstore/inventory": {
    outliers: { consecutive5xx: 5, interval: "2s", baseEjectionTime: "5s", maxEjectionPercent: 50 },
  },
});

const rollout = (step: number) => ({
  "bookstore/catalog": { from: "v1", to: "v2", header: { name: "x-version", value: "next" }, step },
});

test("pods of the mesh are 2/2 with native sidecars, and the backend's stay Guaranteed", async () => {
  for (const [namespace, count, qosClass] of [
    ["backend", 3, "Guaranteed"],
    [bookstore, 8, "Burstable"],
  ] as const) {
    const pods = await podsOf(namespace);
    assert.equal(pods.length, count);
    for (const { metadata, spec: pod, status } of pods) {
      const sidecar = pod.initContainers?.find(({ name }) => name === "istio-proxy");
      assert.equal(sidecar?.restartPolicy, "Always", metadata.name);
      assert.equal(status.qosClass, qosClass, metadata.name);
      const ready = [
        ...status.containerStatuses,
        ...status.initContainerStatuses.filter(({ name }) => name === "istio-proxy"),
      ];
      assert.deepEqual(
        ready.map((one) => one.ready),
        [true, true],
        metadata.name,
      );
    }
    const shown = await kubectl("get", "pods", "-n", namespace, "--no-headers");
    assert.equal(shown.match(/ 2\/2 +Running /g)?.length, count, shown);
  }
  assert.deepEqual(await findStale(state.kubeconfig), []);
});

test("istiod has taken the mesh's configuration as it was meant", async () => {
  const log = await kubectl("logs", "-n", "istio-system", "-l", "app=istiod", "--tail=-1");
  assert.doesNotMatch(log, /invalid mesh config/);
  assert.match(log, /mesh configuration: accessLogEncoding: JSON/);
});

test("the bookstore's services call each other, each under its own name", async () => {
  const order = await caller("order");
  for (const service of ["customer", "payment", "catalog", "delivery"]) {
    const { statuses, messages } = await call(order, service);
    assert.deepEqual(statuses, { 200: 1 }, service);
    assert.match(Object.keys(messages).join(), new RegExp(`^${service} v[12]$`));
  }
  const { statuses, body } = await call(order, "catalog", { path: "/api/echo", method: "POST" });
  assert.deepEqual(statuses, { 200: 1 }, body);
});

test("calls without an identity are refused, those of a wrong one are answered 403, and those of the right one 200", async () => {
  const order = await caller("order");
  const address = (await caller("catalog")).address;
  const plain = await call(order, "catalog", { address, port: 1323, direct: true });
  assert.deepEqual(plain.statuses, { ECONNRESET: 1 });
  assert.deepEqual((await call(order, "catalog")).statuses, { 200: 1 });
  // As order by its labels, which NetworkPolicies go by, but under another account.
  const template = await kubectl("get", "deployment", "-n", bookstore, "order-v1", "-o", "json");
  const { spec: deployment } = JSON.parse(template) as {
    spec: { template: { metadata: { labels: object }; spec: { serviceAccountName: string } } };
  };
  const { metadata, spec: pod } = deployment.template;
  const impostor = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "impostor", namespace: bookstore, labels: metadata.labels },
    spec: { ...pod, serviceAccountName: "inventory" },
  };
  await kubectlOf(state, ["apply", "-f", "-"], JSON.stringify(impostor));
  await kubectl("wait", "--for=condition=Ready", "--timeout=120s", "-n", bookstore, "pod/impostor");
  const pods = await hostsOf(spec, state);
  const from = pods.find(({ name }) => name === `${bookstore}/impostor`) ?? assert.fail("the impostor does not run");
  const { statuses, body } = await call(from, "catalog");
  assert.deepEqual(statuses, { 403: 1 });
  assert.match(body, /RBAC: access denied/);
  await kubectl("delete", "pod", "-n", bookstore, "impostor", "--grace-period=1");
});

test("whoever is not declared is not called", async () => {
  const order = await caller("order");
  const { statuses } = await call(order, "elsewhere", { address: "203.0.113.2", host: "elsewhere.example" });
  assert.deepEqual(statuses, { 502: 1 });
});

test("the topology has every call of the bookstore, with what was declared and nothing else", async () => {
  const { url, places } = await publicPlaces();
  const file = state.file("topology.svg");
  let printed = "";
  const read = async () => {
    printed = await program("scripts/topology.ts", "--stack", "e2e", "--config", config, "--json", "--svg", file);
  };
  // order asks all whom it calls, and they theirs.
  const entry = new URL("/bookstore/api/echo", url).href;
  const answers = await during(
    entry,
    places,
    () => during(url, places, read, { perSecond: 10 }).then(() => undefined),
    {
      perSecond: 10,
    },
  );
  const { edges, nodes, unread } = JSON.parse(printed) as Topology;
  const ends = ({ from, to }: MeshCall) => `${from} ${to}`;
  assert.deepEqual(edges.map(ends), meshCalls(liveGraph().graph).map(ends));
  const quiet = edges.filter(({ requestsPerSecond }) => requestsPerSecond === 0);
  assert.deepEqual(quiet.map(ends), []);
  assert.deepEqual(edges.filter(({ declared }) => !declared).map(ends), []);
  for (const { p50 = NaN, p99 = NaN, bytesPerSecond, protocol } of edges) {
    assert.ok(p50 <= p99 && bytesPerSecond > 0);
    assert.equal(protocol, "http");
  }
  assert.equal(nodes.find(({ id }) => id === "bookstore/catalog")?.pods, 2);
  assert.deepEqual(unread, []);
  assert.match(readFileSync(file, "utf8"), /^<svg /);
  const at = (from: string, to: string) => edges.find((edge) => edge.from === from && edge.to === to);
  const [order, stock] = [
    at("istio-ingress/gateway", "bookstore/order"),
    at("bookstore/catalog", "bookstore/inventory"),
  ];
  figures.push(
    `topology: ${String(edges.length)} of ${String(edges.length)} declared calls seen and no other, while ${summary(answers)}; ` +
      `gateway to order ${perSecond(order?.requestsPerSecond ?? 0)}, catalog to inventory ${perSecond(stock?.requestsPerSecond ?? 0)}`,
  );
});

longTest("a declared external answers who may call it, and nobody else", async () => {
  const { partner } = liveConfig().mesh.externals;
  assert.ok(partner !== undefined, "Pulumi.e2e.yaml declares no external called partner");
  const [host = "", port = 0] = [partner.hosts[0], partner.ports[0]?.port];
  const order = await caller("order");
  assert.deepEqual([partner.from, partner.addresses], [[`${bookstore}/order`], [`${outside.declared}/32`]]);
  const pods = await hostsOf(spec, state);
  const backend = pods.find(({ pod }) => pod?.namespace === "backend") ?? assert.fail("no pod of the backend runs");
  await withOutside(spec, await podCidrs(state), async (network) => {
    const serve = [`--net=${network}`, toolPath("podinfo"), `--port=${String(port)}`, `--ui-message=${host}`];
    const server = execa("nsenter", serve, { stdio: "ignore", reject: false });
    try {
      const to = { address: outside.declared, port, host };
      await until("the external to answer", 90_000, async () => (await call(order, host, to)).statuses[200] === 1, 500);
      const { statuses, messages } = await call(order, host, { ...to, count: 20 });
      assert.deepEqual([statuses, messages], [{ 200: 20 }, { [host]: 20 }]);
      assert.deepEqual((await call(order, host, { ...to, direct: true })).statuses, { 200: 1 });
      // Its own namespace has it, where only a Sidecar keeps it from others, and another has it not.
      const payment = await caller("payment");
      for (const other of [payment, backend]) {
        assert.deepEqual((await call(other, host, to)).statuses, { 502: 1 }, other.name);
      }
      const around = await call(payment, host, { ...to, direct: true });
      assert.deepEqual(around.statuses, { "no answer in time": 1 }, "a NetworkPolicy keeps it in");
      const undeclared = await call(order, "elsewhere", { ...to, host: "elsewhere.example" });
      assert.deepEqual(undeclared.statuses, { 502: 1 });
    } finally {
      server.kill("SIGKILL");
      await server;
    }
  });
  figures.push("a declared external: 20 of 20 answered 200 to who may call it, 502 to others");
});

longTest("faults, deadlines, retries and limits do what they say, and only where they are to", async () => {
  await upWith({ "quintet:traffic": traffic(), "quintet:rollouts": rollout(1) });
  const order = await caller("order");
  const slow = { headers: { "x-test": "slow" } };
  // Envoy's clock is that of the last turn of its loop, so on a busy machine a delay of 500 ms ends a little early.
  const late = 400;
  let delayed: readonly number[] = [];
  await until("every request with the header to be late", 90_000, async () => {
    const { statuses, milliseconds } = await call(order, "payment", { ...slow, count: 20 });
    assert.deepEqual(statuses, { 200: 20 });
    delayed = milliseconds;
    const least = quantile(milliseconds, 0);
    assert.ok(least >= late, `the fastest of 20 took ${String(least)} ms`);
    return true;
  });
  assert.deepEqual((await call(order, "payment", { headers: { "x-test": "broken" }, count: 20 })).statuses, {
    418: 20,
  });
  const others = await call(order, "payment", { headers: { "x-test": "other" }, count: 200 });
  assert.deepEqual(others.statuses, { 200: 200 });
  assert.ok(quantile(others.milliseconds, 0.5) < late, "no other request waits");
  figures.push(
    `fault by header: 20 of 20 delayed by 500 ms (least ${quantile(delayed, 0).toFixed(0)} ms, median ${quantile(delayed, 0.5).toFixed(0)} ms), 20 of 20 answered 418, none of 200 others`,
  );

  const cut = await call(order, "payment", { path: "/delay/5", count: 3 });
  assert.deepEqual(cut.statuses, { 504: 3 });
  for (const milliseconds of cut.milliseconds)
    // Of the five seconds that payment takes; a busy machine adds its own.
    assert.ok(milliseconds >= 990 && milliseconds < 3000, `${String(milliseconds)} ms`);
  figures.push(`deadline of 1 s: 504 after ${cut.milliseconds.map((one) => one.toFixed(0)).join(", ")} ms`);

  const before = await counted(order, "customer", "upstream_rq_retry");
  assert.deepEqual((await call(order, "customer", { path: "/status/503", count: 10 })).statuses, { 503: 10 });
  assert.deepEqual((await call(order, "customer", { path: "/status/500", count: 10 })).statuses, { 500: 10 });
  const retries = (await counted(order, "customer", "upstream_rq_retry")) - before;
  assert.equal(retries, 20, "two retries of each answer 503, none of an answer 500");
  figures.push(`retries: ${String(retries)} for 10 answers 503 and 10 answers 500, at 2 attempts on 503`);
});

longTest("a circuit breaks under too many requests, and closes again", async () => {
  const order = await caller("order");
  const flood = await call(order, "delivery", { path: "/delay/1", count: 20, atOnce: 20 });
  const { 200: answered = 0, 503: broken = 0 } = flood.statuses;
  assert.equal(answered + broken, 20, JSON.stringify(flood.statuses));
  assert.ok(answered >= 1 && broken >= 10, JSON.stringify(flood.statuses));
  assert.deepEqual((await call(order, "delivery", { count: 50 })).statuses, { 200: 50 });
  figures.push(
    `circuit breaker of 1 connection: ${String(broken)} of 20 at once answered 503, then 50 of 50 in turn 200`,
  );
});

longTest("a pod that answers 5xx is ejected within its interval, and taken back", async () => {
  const catalog = await caller("catalog");
  const ejected = async () => {
    const lines = (await readInside(catalog, "http://127.0.0.1:15000/clusters")).split("\n");
    return lines.filter((line) => /inventory.*health_flags::.*failed_outlier_check/.test(line)).length;
  };
  assert.equal(await ejected(), 0);
  const start = performance.now();
  await call(catalog, "inventory", { path: "/status/503", count: 40 });
  await until("a pod to be ejected", 10_000, async () => (await ejected()) > 0, 50);
  const after = performance.now() - start;
  assert.equal(await ejected(), 1, "no more than half of the pods");
  assert.ok(after < 8000, `${String(after)} ms`);
  const { messages } = await call(catalog, "inventory", { count: 20 });
  assert.deepEqual(messages, { "inventory v1": 20 });
  await until("the pod to be taken back", 30_000, async () => (await ejected()) === 0, 500);
  figures.push(
    `outlier: one of two pods ejected ${after.toFixed(0)} ms after the first answer 503, back ${((performance.now() - start) / 1000).toFixed(1)} s later`,
  );
});

longTest("a canary gets what each step says, and those with the header always reach it", async () => {
  const order = await caller("order");
  const wanted = [0, 10, 30, 50, 100];
  for (const step of [1, 2, 4]) {
    const percent = wanted[step] ?? 0;
    // The last one also asks clients for tokens, which the next test is about: no client comes through the ingress here.
    const tokens = step === 4 ? { "quintet:ingress": { ...liveConfig().ingress, jwt } } : {};
    if (step > 1) await upWith({ "quintet:traffic": traffic(), "quintet:rollouts": rollout(step), ...tokens });
    const new2 = (outcome: Outcome) => outcome.messages["catalog v2"] ?? 0;
    await until("the step to be there", 30_000, async () => {
      const some = await call(order, "catalog", { count: 400, atOnce: 4 });
      return Math.abs((100 * new2(some)) / 400 - percent) < 6;
    });
    const all = await call(order, "catalog", { count: 10_000, atOnce: 8 });
    assert.deepEqual(all.statuses, { 200: 10_000 });
    const part = (100 * new2(all)) / 10_000;
    assert.ok(Math.abs(part - percent) <= 2, `${String(part)} % instead of ${String(percent)} %`);
    const headed = await call(order, "catalog", { count: 200, headers: { "x-version": "next" } });
    assert.deepEqual(headed.messages, { "catalog v2": 200 });
    figures.push(
      `canary at ${String(percent)} %: ${share(new2(all), 10_000)} of 10000 requests, 200 of 200 by the header`,
    );
  }
});

longTest("the public API is open to those with a token of its issuer", async () => {
  const { url, places } = await publicPlaces();
  const status = async (path: string, bearer?: string) => {
    const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
    const answers = await Promise.all(places.map((place) => ask(new URL(path, url).href, place, { headers })));
    return [...new Set(answers.map((answer) => answer.status))];
  };
  const past = Math.floor(Date.now() / 1000) - 3600;
  try {
    await until("every gateway to ask for a token", 30_000, async () => {
      for (let i = 0; i < 10; i++) if (String(await status("/api")) !== "403") return false;
      return true;
    });
    assert.deepEqual(await status("/bookstore"), [403], "no token, on another path");
    assert.deepEqual(await status("/api/healthz"), [200], "no token, where none is needed");
    assert.deepEqual(await status("/api", token()), [200], "a good token");
    for (const [bad, why] of [
      [token({ iss: "https://other.example" }), "another issuer"],
      [token({ exp: past }), "expired"],
      [token({ nbf: past + 7200 }), "not valid yet"],
      [token({}, "stranger"), "signed by another key"],
      [`${token()}x`, "another signature"],
      ["nothing", "no token at all"],
    ] as const) {
      assert.deepEqual(await status("/api", bad), [401], why);
    }
    assert.deepEqual(await status("/api", token({ aud: "another" })), [403], "for another service");
    figures.push("tokens: 403 without one, 200 with a good one, 401 for six bad ones, 403 for another service's");
  } finally {
    await upWith({}); // what comes after knows nothing of this
  }
  await until("the public API to be open again", 30_000, async () => String(await status("/api")) === "200");
});

longTest("a rolling update, a pause, an undo and a SIGTERM lose none of 300 requests a second", async () => {
  const { url, places } = await publicPlaces();
  const rollOut = (...words: string[]) => kubectl("rollout", ...words, "-n", "backend", "deployment/backend");
  const done = () => kubectl("rollout", "status", "-n", "backend", "deployment/backend", "--timeout=180s");
  const work = async () => {
    await sleep(1000);
    await rollOut("restart");
    await sleep(3000);
    await rollOut("pause");
    await sleep(5000);
    await rollOut("resume");
    await done();
    await rollOut("undo");
    await done();
    const victim = await kubectl("get", "pods", "-n", "backend", "-o", "jsonpath={.items[0].metadata.name}");
    await kubectl("delete", "pod", "-n", "backend", victim);
    await done();
    await sleep(2000);
  };
  const answers = await during(url, places, work, { perSecond: 300, connections: 20 });
  figures.push(`a rolling update, paused and undone, and a pod stopped, under 300 requests/s: ${summary(answers)}`);
  assert.deepEqual(failures(answers), []);
});

test("no proxy has rejected any of its configuration", async () => {
  const pods = await hostsOf(spec, state);
  const istiods = pods.filter(({ pod }) => pod?.namespace === "istio-system" && pod.labels["app"] === "istiod");
  assert.equal(istiods.length, 2);
  for (const istiod of istiods) {
    const lines = (await readInside(istiod, "http://127.0.0.1:15014/metrics")).split("\n");
    // What never happened is not in the list, so that something else has to be.
    assert.ok(
      lines.some((line) => /^pilot_xds_pushes\{.*type="cds".*\} [1-9]/.test(line)),
      istiod.name,
    );
    const rejected = lines.filter((line) => /^pilot_(total_xds_rejects|xds_\w+_reject)\b.* [^0\s]\S*$/.test(line));
    assert.deepEqual(rejected, [], istiod.name);
  }
  const meshed = meshedNamespaces(liveGraph().graph);
  const proxies = pods.filter(({ pod }) => pod !== undefined && meshed.includes(pod.namespace));
  assert.deepEqual([...new Set(proxies.map(({ pod }) => pod?.namespace))].sort(), meshed.sort());
  for (const proxy of proxies) {
    const lines = (await readInside(proxy, proxyStatistics)).split("\n");
    for (const kind of ["cluster_manager_cds", "listener_manager_lds"]) {
      const counted = (what: string) =>
        Number(lines.find((line) => new RegExp(`^envoy_${kind}_update_${what}\\{`).test(line))?.split(" ")[1]);
      assert.ok(counted("success") > 0, `${proxy.name} has got nothing of ${kind}`);
      assert.equal(counted("rejected"), 0, `${proxy.name} has rejected something of ${kind}`);
    }
    const other = lines.filter((line) => /^envoy_\w*update_rejected\{.*\} [1-9]/.test(line));
    assert.deepEqual(other, [], proxy.name);
  }
  figures.push(`configuration: none rejected by any of ${String(proxies.length)} proxies`);
});

test("istioctl analyze has nothing to say of the live mesh", async () => {
  const revision = revisionOf(versions.istio);
  const mesh = state.file("mesh.yaml");
  const path = "jsonpath={.data.mesh}";
  writeFileSync(mesh, await kubectl("get", "configmap", "-n", "istio-system", `istio-${revision}`, "-o", path));
  const live = ["--kubeconfig", state.kubeconfig, "--revision", revision, "--meshConfigFile", mesh];
  assert.deepEqual(await analyze(...live), []);
});

test("istioctl analyze has nothing to say of what dev, staging and prod make", async () => {
  const [file, mesh] = [state.file("rendered.yaml"), state.file("mesh.yaml")];
  const write = (objects: readonly object[]) => {
    writeFileSync(file, objects.map((object) => JSON.stringify(object)).join("\n---\n"));
  };
  const found = () => analyze("--use-kube=false", "--meshConfigFile", mesh, file);
  for (const stack of stacks) {
    const objects = renderedObjects(stack);
    const config = objects.find(({ kind, data = {} }) => kind === "ConfigMap" && Object.hasOwn(data, "mesh"));
    assert.ok(config?.data?.["mesh"] !== undefined, `${stack} has no configuration of the mesh`);
    writeFileSync(mesh, config.data["mesh"]);
    write(objects);
    assert.deepEqual(await found(), [], stack);
    // What would be wrong is found in this form of objects.
    const metadata = { name: "lost", namespace: "backend" };
    const route = [{ destination: { host: "backend" } }];
    const lost = { metadata, spec: { hosts: ["lost.example"], gateways: ["nowhere"], http: [{ route }] } };
    write([...objects, { apiVersion: "networking.istio.io/v1", kind: "VirtualService", ...lost }]);
    assert.match((await found()).join("\n"), /^IST0101 VirtualService backend\/lost: .*nowhere/);
  }
});
