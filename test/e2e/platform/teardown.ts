/** The way back: the platform first, then the cluster, and nothing is left. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { readyNodes } from "../../../embedded/kubectl.ts";
import { hostsOf } from "../reach.ts";
import {
  checkFrom,
  config,
  figures,
  kubectl,
  left,
  probesOf,
  program,
  refused,
  spec,
  stack,
  state,
} from "./context.ts";

test("destroy removes the platform and leaves the cluster", async () => {
  const start = performance.now();
  const { text, exitCode } = await stack().capture("destroy", ["--yes"]);
  figures.push(`destroy: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  assert.equal(exitCode, 0, text);
  assert.ok(await refused(() => kubectl("get", "namespace", "backend")));
  // Somebody else's certificate, that of the probes, was still there.
  assert.ok(await refused(() => kubectl("get", "namespace", "cert-manager")));
  const kinds = "crd,clusterrole,clusterrolebinding,validatingwebhookconfiguration,mutatingwebhookconfiguration";
  assert.doesNotMatch(await kubectl("get", kinds, "-o", "name"), /cert-manager/);
  assert.equal((await readyNodes(state)).length, 5);
  const dns = (await hostsOf(spec, state)).filter(({ pod }) => pod?.labels["k8s-app"] === "kube-dns");
  assert.equal(new Set(dns.map(({ node }) => node)).size, 2, "the cluster's DNS is not what it was");
  for (const { name, node } of await probesOf()) {
    assert.match(await checkFrom(name, "https://kubernetes.default.svc.cluster.local/"), /certificate/, node);
  }
});

test("down leaves nothing", async () => {
  const start = performance.now();
  await program("scripts/down.ts", "--stack", "e2e", "--config", config);
  figures.push(`down: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  assert.deepEqual(await left(), []);
  assert.equal(existsSync(state.dir), false);
});
