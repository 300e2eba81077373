/** Stacks beside the first on its cluster. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { Stack } from "../../../scripts/stack.ts";
import { longTest } from "../long.ts";
import { kubectl, refused, spec, stack, state } from "./context.ts";

longTest("stacks side by side on one cluster do not touch each other", async () => {
  const beside = (name: string, namespace: string, guest: boolean) => {
    const file = state.file(`${name}.yaml`);
    const values = {
      "quintet:environment": "test",
      "quintet:cluster": { kind: "embedded", name: spec.name, guest },
      "quintet:backend": { namespace, replicas: { min: 1, max: 2 } },
      "quintet:certificates": { issuer: { kind: "existing", name: "quintet" } }, // the first stack's
      "quintet:ingress": { kind: "none" }, // the mesh, too
    };
    writeFileSync(file, JSON.stringify({ config: values }));
    return new Stack({ stack: name, config: file });
  };
  const kinds = "namespace,deployment,replicaset,service,horizontalpodautoscaler,poddisruptionbudget,serviceaccount";
  const uids = "jsonpath={range .items[*]}{.kind} {.metadata.name} {.metadata.uid}{'\\n'}{end}";
  const first = () => kubectl("get", kinds.replace("namespace,", ""), "-n", "backend", "-o", uids);
  const before = await first();
  assert.match(before, /Deployment backend /);
  const [second, clash] = [beside("e2e-second", "second", true), beside("e2e-clash", "backend", true)];
  const owner = beside("e2e-owner", "third", false);
  try {
    const up = await second.capture("up", ["--yes"]);
    assert.equal(up.exitCode, 0, up.text);
    assert.match(await kubectl("get", "pods", "-n", "second"), /Running/);
    const refusal = await clash.capture("up", ["--yes"]);
    assert.notEqual(refusal.exitCode, 0, refusal.text);
    assert.match(refusal.text, /conflict.*quintet\.dev\/stack/s);
    const another = await owner.capture("up", ["--yes"]);
    assert.notEqual(another.exitCode, 0, "two stacks look after one DNS");
    assert.match(another.text, /conflict.*quintet\.dev\/stack/s);
    assert.equal((await owner.capture("destroy", ["--yes"])).exitCode, 0);
    const { text, exitCode } = await second.capture("destroy", ["--yes"]);
    assert.equal(exitCode, 0, text);
    assert.ok(await refused(() => kubectl("get", "namespace", "second")), "the second stack left its namespace");
  } finally {
    second.forget();
    clash.forget();
    owner.forget();
  }
  assert.equal(await first(), before);
  const { text, exitCode } = await stack().capture("preview", ["--expect-no-changes"]);
  assert.equal(exitCode, 0, text);
});
