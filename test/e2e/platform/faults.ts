/** A pod and a node are lost under requests. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { apiAddressHolder } from "../../../embedded/kube-vip.ts";
import { readyNodes } from "../../../embedded/kubectl.ts";
import { until } from "../../../embedded/run.ts";
import { during, failures, summary } from "../load.ts";
import { answering, etcdctl, figures, kubectl, program, publicPlaces, spec, state } from "./context.ts";

test("a backend pod is deleted under requests, and none is lost", async () => {
  const { url, places } = await publicPlaces();
  const victim = await kubectl("get", "pods", "-n", "backend", "-o", "jsonpath={.items[0].metadata.name}");
  const answers = await during(url, places, async () => {
    await sleep(1000);
    await kubectl("delete", "pod", "-n", "backend", victim, "--wait=true");
    await kubectl("rollout", "status", "deployment/backend", "-n", "backend", "--timeout=60s");
    await sleep(2000);
  });
  figures.push(`a backend pod deleted: ${summary(answers)}`);
  assert.deepEqual(failures(answers), []);
});

test("kube-proxy is started anew on every node under requests, and none is lost", async () => {
  const { url, places } = await publicPlaces();
  const answers = await during(url, places, async () => {
    await kubectl("rollout", "restart", "daemonset/kube-proxy", "-n", "kube-system");
    await kubectl("rollout", "status", "daemonset/kube-proxy", "-n", "kube-system", "--timeout=120s");
    await sleep(2000);
  });
  figures.push(`kube-proxy started anew on every node: ${summary(answers)}`);
  assert.deepEqual(failures(answers), []);
});

test("the node that holds the API address is lost and comes back: the API and the backend go on", async () => {
  const { url, places } = await publicPlaces();
  const holder = await apiAddressHolder(state);
  const node = spec.nodes.find((n) => n.name === holder);
  assert.ok(node !== undefined, `${holder} holds the API address`);
  let api = 0;
  const answers = await during(url, places, async () => {
    await sleep(1000);
    await program("embedded/cli.ts", "stop", "--name", spec.name, node.name);
    const lost = performance.now();
    await until(
      "the API server at its address",
      60_000,
      async () => (await kubectl("get", "--raw", "/readyz", "--request-timeout=2s")) === "ok",
      200,
    );
    api = (performance.now() - lost) / 1000;
    await until(
      `node ${node.name} to be seen as lost`,
      120_000,
      async () => !(await readyNodes(state)).includes(node.name),
    );
    await sleep(10_000);
    await program("embedded/cli.ts", "start", "--name", spec.name, node.name);
    await until(`node ${node.name} to be Ready`, 120_000, async () => (await readyNodes(state)).includes(node.name));
    await until(
      "three replicas to be ready",
      120_000,
      async () =>
        (await kubectl("get", "deployment", "backend", "-n", "backend", "-o", "jsonpath={.status.readyReplicas}")) ===
        "3",
    );
  });
  // The kubelet that comes back keeps a pod's readiness until it has probed the new container.
  const back = performance.now();
  let last = "";
  const whole = async () => {
    const answers = await during(url, places, () => sleep(5_000));
    last = summary(answers);
    return failures(answers).length === 0;
  };
  await until("5 s of requests without a failure", 60_000, whole).catch(async (error: unknown) => {
    const shown = await kubectl("get", "pods,endpointslices,leases", "-A", "-o", "wide");
    throw new Error(`The last 5 s: ${last}\n${shown}`, { cause: error });
  });
  const healed = (performance.now() - back) / 1000 - 5;
  figures.push(`the API answers again after its node is lost: ${api.toFixed(1)} s`);
  figures.push(`a node lost and back: ${summary(answers)}`);
  figures.push(`all answers good again: ${healed.toFixed(1)} s after three replicas were ready`);
  assert.ok(api < 30, `${String(api)} s without an API`);
  await until("thirty answers in a row, of three replicas", 30_000, async () => (await answering()).size === 3);
  await until(
    "three healthy etcd members",
    60_000,
    async () => (await etcdctl("endpoint", "health", "--cluster")).split("\n").length === 3,
  );
  // An agent that ends at first comes back ever later, and guards no pod until then.
  const restarts = "jsonpath={.items[0].status.containerStatuses[0].restartCount}";
  const calico = ["-n", "kube-system", "-l", "app.kubernetes.io/name=calico-node"];
  const agent = ["get", "pods", ...calico, "--field-selector", `spec.nodeName=${node.name}`, "-o", restarts];
  assert.equal(await kubectl(...agent), "1", `Calico's agent on ${node.name} was started more than once more`);
  // A member that looks for others that never were costs half a core on each side, and shows nowhere else.
  const said = await kubectl("logs", "-n", "kube-system", "-l", "component=etcd", "--tail=-1", "--since=10s");
  assert.doesNotMatch(said, /ID mismatch/);
});
