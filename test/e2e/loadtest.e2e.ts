/** The load test itself, by real requests to servers that do exactly what they are told: no cluster is needed. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { run } from "../../embedded/run.ts";
import { bar, judge } from "../../loadtest/bar.ts";
import { loadTestChart, rampChart } from "../../loadtest/chart.ts";
import type { Progress } from "../../loadtest/progress.ts";
import { loadTestText, rampText, verdictsOf } from "../../loadtest/report.ts";
import { loadTest, type Measured, rampTest } from "../../loadtest/run.ts";
import { drawSvg } from "../../loadtest/svg.ts";
import type { Target } from "../../loadtest/target.ts";
import { ensureTools } from "../../toolchain/index.ts";
import { selfSigned } from "./far-ends.ts";
import { type Behaviour, body } from "./loadtest-server.ts";

const host = "loadtest.example";
const servers: ChildProcess[] = [];
let vegeta = "";
let tls = { key: "", cert: "" };

before(async () => {
  ({ vegeta } = await ensureTools(["vegeta"]));
  using identity = await selfSigned(host);
  tls = { key: identity.key, cert: identity.cert };
});

after(async () => {
  for (const server of servers) server.kill();
  await execa("ip", ["netns", "delete", namespace], { reject: false });
});

/** The network namespace in which nothing listens but what a test puts there. */
const namespace = "quintet-loadtest";

/** Starts a server, here or in a network namespace, and gives its port. */
async function serve(behaviour: Behaviour, network?: string): Promise<number> {
  const inside = network === undefined ? [] : ["nsenter", `--net=${network}`];
  const command = [...inside, process.execPath, join(import.meta.dirname, "loadtest-server.ts")];
  const server = spawn(command[0] ?? "", command.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
  servers.push(server);
  server.stdin.write(`${JSON.stringify(behaviour)}\n`);
  for await (const line of createInterface(server.stdout)) return Number(line);
  throw new Error("The server has ended.");
}

const targetAt = (name: string, port: number, given: Partial<Target> = {}): Target => ({
  name,
  url: `http://${host}:${String(port)}/api`,
  addresses: ["127.0.0.1"],
  ...given,
});

const within = (value: number, least: number, most: number, what: string) => {
  assert.ok(
    value >= least && value <= most,
    `${what} is ${String(value)}, and not from ${String(least)} to ${String(most)}`,
  );
};

test("over HTTPS, through two addresses: rate, counts, percentiles and errors are those that the server made", async () => {
  const port = await serve({ delay: 20, slowEvery: 20, slow: 300, failEvery: 50, tls });
  const addresses = ["127.0.0.1", "127.0.0.2"];
  const target = targetAt("server", port, { url: `https://${host}:${String(port)}/api`, addresses, ca: tls.cert });
  const told: Progress[] = [];
  const found = await loadTest([target], { vegeta, rate: 100, seconds: 10, watch: (progress) => told.push(progress) });
  const [{ figures }] = found.measured;
  console.log(loadTestText(found));

  within(figures.requests, 998, 1_001, "the number of requests");
  const failed = Math.floor(figures.requests / 50);
  assert.deepEqual(figures.statuses, { "200": figures.requests - failed, "500": failed });
  assert.deepEqual(
    figures.errors.map(({ kind, count }) => [kind, count]),
    [["status 500", failed]],
  );
  assert.equal(figures.bytes, figures.requests * body.length);
  within(figures.sent, 99.8, 100.1, "the rate");
  // 5 % take 300 ms, so p50 is of the others, and p99 and max are of them.
  within(figures.latency.p50, 20, 200, "p50");
  within(figures.latency.p99, 300, 1_000, "p99");
  assert.ok(figures.latency.max >= figures.latency.p99);
  assert.deepEqual(
    figures.addresses.map(({ address, requests }) => [address, Math.abs(requests - figures.requests / 2) <= 1]),
    addresses.map((address) => [address, true]),
  );

  within(told.length, 6, 13, "the number of times that progress was told");
  assert.deepEqual(
    told.map(({ requests }) => requests),
    told.map(({ requests }) => requests).sort((a, b) => a - b),
  );
  within(told[2]?.requests ?? 0, 200, figures.requests - 100, "the requests after three seconds"); // not at the end

  const chart = loadTestChart(found);
  const [panel] = chart.panels;
  assert.ok(panel);
  assert.equal(
    panel.marks.reduce((sum, mark) => sum + mark.failed, 0),
    failed,
  );
  const points = panel.series.find(({ name }) => name === "max")?.points ?? [];
  assert.ok(points.slice(0, 10).every(({ y }) => y !== undefined && y >= 300));
  assert.match(drawSvg(chart), /<path class="line p99" d="M[\d.]+,[\d.]+(L[\d.]+,[\d.]+){9,}/);
});

test("the same latencies are what vegeta's own report makes of them", async () => {
  const port = await serve({ delay: 10, slowEvery: 10, slow: 100 });
  const [{ answers, figures }] = (await loadTest([targetAt("server", port)], { vegeta, seconds: 4 })).measured;
  const lines = answers.map(({ at, milliseconds, status, bytes }) =>
    JSON.stringify({
      code: status,
      timestamp: new Date(at).toISOString(),
      latency: Math.round(milliseconds * 1e6),
      bytes_in: bytes,
    }),
  );
  const report = await run(vegeta, ["report", "-type=json"], { input: `${lines.join("\n")}\n` });
  const theirs = JSON.parse(report) as {
    readonly requests: number;
    readonly latencies: Readonly<Record<"50th" | "90th" | "99th" | "max" | "mean", number>>;
  }; // vegeta's own
  assert.equal(theirs.requests, figures.requests);
  const { mean, max, ...percentiles } = theirs.latencies;
  within(figures.latency.mean, (mean / 1e6) * 0.999, (mean / 1e6) * 1.001, "the mean");
  within(figures.latency.max, (max / 1e6) * 0.999, (max / 1e6) * 1.001, "the maximum");
  // Theirs are of a t-digest, which guesses between the latencies: as many of ours are below them.
  const below = (limit: number) => answers.filter(({ milliseconds }) => milliseconds <= limit).length / answers.length;
  within(below(percentiles["50th"] / 1e6), 0.47, 0.53, "the share below their p50");
  within(below(percentiles["90th"] / 1e6), 0.87, 0.93, "the share below their p90");
  within(below(percentiles["99th"] / 1e6), 0.975, 1, "the share below their p99");
});

test("two targets in turns: the slower one misses the bar, by the p99 of the other", async () => {
  const [slow, fast] = [await serve({ delay: 600 }), await serve({ delay: 30 })];
  const targets = [targetAt("mesh", slow), targetAt("direct", fast)] as const;
  const found = await loadTest(targets, { vegeta, seconds: 6, slice: 2 });
  console.log(loadTestText(found));
  const [mesh, direct] = found.measured;
  assert.ok(direct);
  within(mesh.figures.latency.p50 / direct.figures.latency.p50, 5, 20.5, "the ratio of the medians");
  assert.deepEqual(
    verdictsOf(found)
      .slice(2)
      .map(({ met }) => met),
    // Both succeeded; the p99; the ratio, for which a busy machine may have made the fast one slow.
    [true, true, false, mesh.figures.latency.p99 <= bar.ratio * direct.figures.latency.p99],
  );
  // mesh, direct | direct, mesh | mesh, direct: each asked alone
  const spans = ({ answers }: Measured) => new Set(answers.map(({ at }) => Math.floor(at / 500)));
  const shared = [...spans(mesh)].filter((half) => spans(direct).has(half));
  within(shared.length, 0, 6, "the half seconds in which both were asked"); // where a turn passes to the other
  assert.equal(loadTestChart(found).panels.length, 2);
});

test("a target in a network namespace is asked from there", async () => {
  await execa("ip", ["netns", "delete", namespace], { reject: false });
  await run("ip", ["netns", "add", namespace]);
  await run("ip", ["-n", namespace, "link", "set", "lo", "up"]);
  const network = `/run/netns/${namespace}`;
  const port = await serve({ delay: 5 }, network);
  const [inside, outside] = [targetAt("inside", port, { network }), targetAt("outside", port)];
  const { measured } = await loadTest([inside, outside], { vegeta, seconds: 2, slice: 2 });
  const figures = measured.map((one) => one.figures);
  assert.deepEqual(
    figures.map(({ requests, good }) => (good === requests ? "all" : good)),
    ["all", 0],
  );
  assert.deepEqual(
    figures[1]?.errors.map(({ kind }) => kind),
    ["dial tcp: connect: connection refused"],
  );
  const judged = measured.map(({ target: { name }, figures: own }) => ({ name, figures: own }));
  const [, lost] = judged;
  assert.ok(lost);
  assert.ok(judge([lost]).some(({ met }) => !met));
});

test("a certificate of another authority, or for another name, is no success", async () => {
  const port = await serve({ delay: 5, tls });
  const url = `https://${host}:${String(port)}/`;
  const nobody = targetAt("untrusted", port, { url });
  const misnamed = targetAt("misnamed", port, { url: url.replace(host, "other.example"), ca: tls.cert });
  for (const [target, why] of [
    [nobody, /certificate signed by unknown authority/],
    [misnamed, /certificate is valid for loadtest\.example, not other\.example/],
  ] as const) {
    const [{ figures }] = (await loadTest([target], { vegeta, seconds: 1 })).measured;
    assert.equal(figures.good, 0);
    assert.match(figures.errors.map(({ kind }) => kind).join("\n"), why);
  }
});

test("a ramp ends at the rate that the server does not take", async () => {
  const port = await serve({ delay: 5, perSecond: 300 });
  const climb = () => rampTest(targetAt("server", port), { vegeta });
  let found = await climb();
  // A machine that is busy with something else ends it by the p99, and is given time.
  for (let tries = 1; tries < 4 && found.says.includes("p99 was"); tries += 1) found = await climb();
  console.log(rampText(found));
  assert.deepEqual(
    found.steps.map(({ asked }) => asked),
    [50, 100, 200, 400],
  );
  assert.equal(found.held, 200);
  assert.match(
    found.says,
    /^200 requests\/s were held: at 400 requests\/s only \d\d\.\d\d % succeeded \(status 429\)\.$/,
  );
  assert.match(drawSvg(rampChart(found)), />400</);
});

test("a load test that is stopped ends at once, and one that cannot begin says why", async () => {
  const port = await serve({ delay: 5 });
  const start = performance.now();
  await assert.rejects(
    loadTest([targetAt("server", port)], { vegeta, seconds: 30, signal: AbortSignal.timeout(1_000) }),
  );
  within(performance.now() - start, 900, 6_000, "milliseconds until it was stopped");
  const nowhere = targetAt("server", port, { network: "/run/netns/quintet-nowhere" });
  await assert.rejects(loadTest([nowhere], { vegeta, seconds: 1 }), /quintet-nowhere: No such file or directory/);
});
