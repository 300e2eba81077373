/** What the API server refuses or never finishes: a webhook that nobody answers, and an object that nobody lets go. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { until } from "../../../embedded/run.ts";
import { stuckDeadline } from "../../../scripts/engine-process.ts";
import { webhook } from "../fixtures.ts";
import { longTest } from "../long.ts";
import {
  comesUp,
  complete,
  figures,
  goesDown,
  keptIn,
  kubectl,
  objectsOf,
  stackFolder,
  stackOf,
  state,
  timed,
  unchanged,
  up,
} from "./context.ts";

const name = "blocked";
const namespace = `faults-${name}`;

longTest("a fail-closed webhook without a server ends up by its name, and up goes on once it is gone", async () => {
  await comesUp(name);
  const file = state.file("webhook.json");
  writeFileSync(file, JSON.stringify(webhook({ service: { name: "nobody", namespace, port: 443 } })));
  await kubectl("create", "service", "clusterip", "nobody", "-n", namespace, "--tcp=443");
  await kubectl("label", "configmap", "fixed", "-n", namespace, "outside=watched");
  await kubectl("apply", "-f", file);
  try {
    const asked = () => kubectl("annotate", "configmap", "fixed", "-n", namespace, "asked=yes", "--dry-run=server");
    await until("the webhook to be asked", 20_000, () =>
      asked().then(
        () => false,
        () => true,
      ),
    );
    const start = performance.now();
    const { text, exitCode } = await up(name, { round: 2 });
    figures.push(`a webhook that is down, to the end of up: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    assert.notEqual(exitCode, 0, text);
    assert.match(text, /The webhook outside\.quintet\.dev .* no pod of Service faults-blocked\/nobody is ready/);
  } finally {
    await kubectl("delete", "-f", file);
  }
  await comesUp(name, { round: 2 });
  assert.deepEqual(await objectsOf(name), [...complete].sort());
  await kubectl("delete", "service", "nobody", "-n", namespace);
  await unchanged(name, { round: 2 });
});

longTest("an object that is never let go ends destroy within its deadline, by its name and what keeps it", async () => {
  await comesUp(name, { round: 2 });
  const held = "example.dev/never";
  await kubectl("create", "configmap", "held", "-n", namespace);
  const patch = (finalizers: readonly string[]) =>
    kubectl(
      "patch",
      "configmap",
      "held",
      "-n",
      namespace,
      "--type=merge",
      "-p",
      JSON.stringify({ metadata: { finalizers } }),
    );
  await patch([held]);
  const start = performance.now();
  const { text, exitCode } = await timed(
    stackOf(name, { round: 2 }).capture("destroy", ["--yes"]),
    "destroy",
    stuckDeadline + 30_000,
  );
  figures.push(`destroy of a stuck namespace: ended after ${((performance.now() - start) / 1000).toFixed(1)} s`);
  assert.notEqual(exitCode, 0, text);
  assert.match(text, /Namespace faults-blocked can't go: ConfigMap held is kept by example\.dev\/never/);
  assert.match(text, /kubectl patch configmap\.v1\. held -n faults-blocked/);
  assert.ok(
    keptIn(stackFolder(name).file).resources.some(({ urn }) => urn.endsWith("::namespace")),
    "it is forgotten",
  );
  await patch([]);
  await goesDown(name);
  assert.equal((await kubectl("get", "namespace", namespace, "--ignore-not-found", "-o", "name")).trim(), "");
});
