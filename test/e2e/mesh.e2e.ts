/**
 * `npm run bench:mesh`: what of the mesh takes long. An upgrade of the control plane, rollouts that hold and that burn, a
 * whole cluster stopped and started, a leader's hand-over, and the load test with its ramp.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { execa } from "execa";
import { parse } from "yaml";
import { readyNodes } from "../../embedded/kubectl.ts";
import { until } from "../../embedded/run.ts";
import { loadTestText, rampText, verdictsOf, verdictText } from "../../loadtest/report.ts";
import { loadTest, rampTest } from "../../loadtest/run.ts";
import { findStale } from "../../scripts/mesh-restart.ts";
import { root } from "../../scripts/stack.ts";
import { ensureTools } from "../../toolchain/index.ts";
import { versions } from "../../versions.ts";
import type { Calls } from "./calls.ts";
import { during, failures, summary } from "./load.ts";
import "./platform/cleanup.ts";
import {
  config,
  figures,
  kubectl,
  options,
  program,
  publicPlaces,
  spec,
  state,
  upFile,
  upWith,
} from "./platform/context.ts";
import { credentials, plant } from "./planted.ts";
import { type Host, hostsOf } from "./reach.ts";

/** Requests through the ingress while something is done, none of which may fail. */
async function none(what: string, work: () => Promise<void>): Promise<void> {
  const { url, places } = await publicPlaces();
  const answers = await during(url, places, work, { perSecond: 50, connections: 10 });
  figures.push(`${what}, under 50 requests/s: ${summary(answers)}`);
  assert.deepEqual(failures(answers), []);
}

test("npm run up", async () => {
  await plant(credentials, "--stack", "e2e", "--config", config);
  await program("scripts/up.ts", "--stack", "e2e", "--config", config, ...options);
});

test("the load test at the lab's rate for 60 s, and a ramp to the limit", async () => {
  const { vegeta } = await ensureTools(["vegeta"]);
  const { url, places } = await publicPlaces();
  const ingress = { name: "ingress", url, addresses: places.map(({ address }) => address), ca: places[0].ca };
  const result = await loadTest([ingress], { vegeta });
  console.log(loadTestText(result));
  console.log(verdictText(verdictsOf(result)));
  const [{ figures: found }] = result.measured;
  figures.push(
    `load test: ${String(found.requests)} requests, ${String(found.good)} of them 2xx, p50 ${found.latency.p50.toFixed(1)} ms, p99 ${found.latency.p99.toFixed(1)} ms`,
  );
  assert.equal(found.good, found.requests);
  const ramp = await rampTest(ingress, { vegeta });
  console.log(rampText(ramp));
  figures.push(`ramp: ${String(ramp.held)} requests/s held`);
});

test("the control plane moves to a second revision and no request is lost", async () => {
  const release = versions.istio;
  const mesh = (revisions: readonly string[], current: string) => ({
    "quintet:mesh": {
      revisions: Object.fromEntries(revisions.map((name) => [name, release])),
      current,
      controlPlane: { replicas: { min: 2, max: 2 } },
    },
  });
  const old = release.replaceAll(".", "-");
  await none("a second revision beside the first, the tag moved, the first gone", async () => {
    await upWith(mesh([old, "next"], old));
    await upWith(mesh([old, "next"], "next"));
    assert.deepEqual(await findStale(state.kubeconfig), []);
    await upWith(mesh(["next"], "next"));
    await sleep(5000);
  });
  const deployments = await kubectl("get", "deployments", "-n", "istio-system", "-o", "name");
  assert.equal(deployments, "deployment.apps/istiod-next");
  const revisions = await kubectl(
    "get",
    "pods",
    "-n",
    "backend",
    "-o",
    "jsonpath={.items[*].metadata.annotations.istio\\.io/rev}",
  );
  assert.deepEqual([...new Set(revisions.split(" "))], ["next"]);
  await upWith({});
});

/** Runs the driver of rollouts while order calls catalog, and gives how it ends. */
async function driven(
  rollout: object,
  versionsOfCatalog: object,
): Promise<{ readonly exitCode: number; readonly said: string; readonly step: unknown }> {
  const { config: own } = parse(readFileSync(config, "utf8")) as { config: Record<string, { services?: object }> };
  const bookstore = own["quintet:bookstore"];
  const more = {
    "quintet:bookstore": {
      ...bookstore,
      services: { ...bookstore?.services, catalog: { versions: versionsOfCatalog } },
    },
    "quintet:rollouts": { "bookstore/catalog": { from: "v1", to: "v2", ...rollout } },
  };
  await upWith(more);
  const order = (await hostsOf(spec, state)).find(
    ({ pod }) => pod?.namespace === "bookstore" && pod.labels["app.kubernetes.io/name"] === "order",
  );
  assert.ok(order !== undefined, "order does not run");
  const load = callsOf(
    order,
    await kubectl("get", "service", "-n", "bookstore", "catalog", "-o", "jsonpath={.spec.clusterIP}"),
  );
  try {
    const args = ["scripts/rollout.ts", "bookstore/catalog", "--stack", "e2e", "--config", upFile()];
    const { exitCode, stdout } = await execa(process.execPath, args, {
      cwd: root,
      reject: false,
      stdin: "ignore",
      all: true,
    });
    console.log(stdout);
    const { config: after } = parse(readFileSync(upFile(), "utf8")) as {
      config: { "quintet:rollouts": { "bookstore/catalog": { step?: number } } };
    };
    return { exitCode: exitCode ?? 1, said: stdout, step: after["quintet:rollouts"]["bookstore/catalog"].step };
  } finally {
    load.kill();
  }
}

/** Requests from a pod to catalog until they are ended. */
function callsOf({ network = "" }: Host, address: string) {
  const calls: Calls = {
    address,
    port: 80,
    path: "/api/info",
    host: "catalog.bookstore",
    count: 1_000_000,
    atOnce: 2,
    perSecond: 60,
  };
  const words = [`--net=${network}`, process.execPath, join(import.meta.dirname, "calls.ts"), JSON.stringify(calls)];
  return spawn("nsenter", words, { stdio: "ignore" });
}

const slo = { availability: 99, p99Milliseconds: 2000, window: "12s", leastRequests: 100 };

test("a rollout goes to its end while its objective holds", async () => {
  const { exitCode, said, step } = await driven(
    { strategy: { kind: "canary", steps: [30, 100] }, slo },
    { v1: {}, v2: {} },
  );
  assert.deepEqual([exitCode, step], [0, 2], said);
  figures.push(`rollout that holds: ${said.trim().split("\n").at(-1) ?? ""}`);
});

test("a rollout goes back when the new version burns its objective", async () => {
  const broken = { v1: {}, v2: { fault: { errors: true } } };
  const { exitCode, said, step } = await driven({ strategy: { kind: "canary", steps: [30, 100] }, slo }, broken);
  assert.deepEqual([exitCode, step], [1, 0], said);
  figures.push(`rollout that burns: ${said.trim().split("\n").at(-1) ?? ""}`);
  await upWith({});
});

test("the leader of cert-manager's controllers hands over", async () => {
  await upWith({ "quintet:certificates": { replicas: 2 } });
  const lease = () =>
    kubectl("get", "lease", "-n", "cert-manager", "cert-manager-controller", "-o", "jsonpath={.spec.holderIdentity}");
  const leader = await lease();
  const start = performance.now();
  await kubectl("delete", "pod", "-n", "cert-manager", leader.split("_")[0] ?? "", "--wait=false");
  await until("another leader", 120_000, async () => !["", leader].includes(await lease()), 100);
  figures.push(`leader hand-over: ${((performance.now() - start) / 1000).toFixed(1)} s after its pod was deleted`);
});

test("a whole cluster that was stopped comes back, with every sidecar", async () => {
  for (const { name } of spec.nodes) await program("embedded/cli.ts", "stop", "--name", spec.name, name);
  const start = performance.now();
  await program("embedded/cli.ts", "up", "--name", spec.name, ...options);
  await until("every node to be Ready", 180_000, async () => (await readyNodes(state)).length === spec.nodes.length);
  const { url, places } = await publicPlaces();
  await until(
    "every pod to be Ready",
    300_000,
    async () => {
      const shown = await kubectl("get", "pods", "-A", "--no-headers");
      return shown.split("\n").every((line) => {
        const [ready = "", all = ""] = (line.split(/ +/)[2] ?? "").split("/");
        return ready === all;
      });
    },
    1000,
  );
  figures.push(
    `a whole cluster stopped and started: everything Ready after ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
  assert.deepEqual(await findStale(state.kubeconfig), []);
  const answers = await during(url, places, () => sleep(5000));
  assert.deepEqual(failures(answers), []);
});
