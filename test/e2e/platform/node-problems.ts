/** A node that speaks for itself, when its kubelet does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNode } from "../../../embedded/node.ts";
import { until } from "../../../embedded/run.ts";
import { long } from "../long.ts";
import { figures, kubectl, spec, state } from "./context.ts";
import { alerts } from "./prometheus.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

const conditionsOf = async (node: string) => {
  const { status } = JSON.parse(await kubectl("get", "node", node, "-o", "json")) as {
    status: { conditions: readonly Condition[] };
  };
  return new Map(status.conditions.map((condition) => [condition.type, condition]));
};

test("every node tells of its own programs, and the first one of the kernel", async () => {
  const own = ["KubeletUnhealthy", "ContainerRuntimeUnhealthy"];
  for (const [index, { name }] of spec.nodes.entries()) {
    const conditions = await conditionsOf(name);
    for (const type of [...own, ...(index === 0 ? ["ReadonlyFilesystem", "KernelDeadlock"] : [])]) {
      assert.equal(conditions.get(type)?.status, "False", `${name} ${type}`);
    }
  }
});

test("a kubelet that does not answer is told of by its own node, and so is its end", async () => {
  const node = spec.nodes.at(-1) ?? assert.fail();
  const kubelet = (signal: "STOP" | "CONT") => runInNode(node, state, ["pkill", `-${signal}`, "-x", "kubelet"]);
  const told = (status: "True" | "False") =>
    until(`the node to say KubeletUnhealthy ${status}`, 60_000, async () => {
      return (await conditionsOf(node.name)).get("KubeletUnhealthy")?.status === status;
    });
  const start = performance.now();
  await kubelet("STOP");
  try {
    await told("True");
    figures.push(
      `a kubelet that does not answer is told of by its node after ${((performance.now() - start) / 1000).toFixed(1)} s`,
    );
    const of = `reason=KubeletIsUnhealthy,involvedObject.kind=Node,involvedObject.name=${node.name}`;
    await until("its event", 20_000, async () => {
      return (await kubectl("get", "events", "-n", "default", `--field-selector=${of}`, "-o", "name")) !== "";
    });
    // Its pods are made again elsewhere before that, which CI has no time for.
    if (long) await until("its alert", 180_000, async () => (await alerts()).has("NodeProblem"), 2000);
  } finally {
    await kubelet("CONT");
  }
  await told("False");
  await kubectl("wait", "--for=condition=Ready", "--timeout=60s", `node/${node.name}`);
});
