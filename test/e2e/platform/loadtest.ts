/** The lab's load test, through the ingress and the sidecars, beside the same without them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { kubectl as kubectlOf } from "../../../embedded/kubectl.ts";
import { nodeNamespace } from "../../../embedded/network.ts";
import { bar } from "../../../loadtest/bar.ts";
import { loadTestChart } from "../../../loadtest/chart.ts";
import { loadTestText, verdictsOf, verdictText } from "../../../loadtest/report.ts";
import { loadTest } from "../../../loadtest/run.ts";
import { drawSvg } from "../../../loadtest/svg.ts";
import type { Target } from "../../../loadtest/target.ts";
import { ensureTools } from "../../../toolchain/index.ts";
import { probes } from "../fixtures.ts";
import { hostsOf } from "../reach.ts";
import { long } from "../long.ts";
import { figures, kubectl, publicPlaces, spec, state } from "./context.ts";

const seconds = long ? 60 : 12;
/** At the lab's 50 requests a second. */
const wanted = 50 * seconds;

test("the lab's rate through the ingress and the sidecars loses nothing", async () => {
  await kubectlOf(state, ["apply", "-f", "-"], JSON.stringify(probes));
  await kubectl("rollout", "status", "daemonset/probe", "-n", "default", "--timeout=60s");
  const { vegeta } = await ensureTools(["vegeta"]);
  const { url, places } = await publicPlaces();
  const [from, to] = [spec.nodes.at(-1), spec.nodes.at(-2)];
  const pods = await hostsOf(spec, state);
  const probe = pods.find(({ pod, node }) => pod?.labels["app"] === "probe" && node === to?.name);
  assert.ok(from !== undefined && probe !== undefined, "no probe runs there");
  const ingress: Target = {
    name: "ingress",
    url,
    addresses: places.map(({ address }) => address),
    ca: places[0].ca,
  };
  // The same program on another node, without TLS, gateway and sidecar.
  const direct: Target = {
    name: "direct",
    url: "http://probe.default:1323/",
    addresses: [probe.address],
    network: `/run/netns/${nodeNamespace(spec, from)}`,
  };
  const result = await loadTest([ingress, direct], { vegeta, seconds, slice: seconds / 3 });
  console.log(loadTestText(result));
  console.log(verdictText(verdictsOf(result)));
  for (const { target, figures: found } of result.measured) {
    const { requests, good, latency } = found;
    figures.push(
      `load test, ${target.name}: ${String(requests)} requests at ${String(result.rate)}/s, ${((100 * good) / requests).toFixed(2)} % succeeded, ` +
        `p50 ${latency.p50.toFixed(1)} ms, p99 ${latency.p99.toFixed(1)} ms, max ${latency.max.toFixed(1)} ms`,
    );
    // Not the p99, which is the machine's as much as the mesh's: both are printed with the bar.
    assert.equal(good, requests, target.name);
    assert.ok(
      requests >= wanted * bar.sent,
      `${target.name}: ${String(requests)} of ${String(wanted)} requests were sent`,
    );
  }
  assert.match(drawSvg(loadTestChart(result)), /^<svg[^>]*>.*<\/svg>\s*$/s);
});
