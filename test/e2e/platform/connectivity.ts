/** The connectivity graph against the live cluster: what is declared is open, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { etcdBackupName, etcdBackupNamespace } from "../../../components/etcd-backup-plan.ts";
import { kubectl as kubectlOf, podCidrs } from "../../../embedded/kubectl.ts";
import { until } from "../../../embedded/run.ts";
import { outside, tenantPod, withOutside } from "../fixtures.ts";
import { answered, type Attempt, declaredAttempts, type Host, hostsOf, shown, undeclaredAttempts } from "../reach.ts";
import { figures, kubectl, liveGraph, spec, state } from "./context.ts";

test("every declared edge is open on the live cluster, and what is not declared is closed", async () => {
  const { facts, graph } = liveGraph();
  const nodes = facts.nodes.map(({ name }) => name);
  // The pods of Jobs are there for seconds: one stands in for those that take snapshots.
  const saving = { namespace: etcdBackupNamespace, name: "probe" };
  const own = graph.workloads[`${saving.namespace}/${etcdBackupName}`]?.labels;
  const pods = [
    tenantPod(saving.namespace, saving.name, nodes[0] ?? "", own),
    ...["shop-web", "billing-api"].flatMap((namespace, index) =>
      [1, 2].map((n) => tenantPod(namespace, `probe-${String(n)}`, nodes[index + n] ?? "")),
    ),
  ];
  await kubectlOf(state, ["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: pods }));
  for (const { metadata } of pods) {
    await kubectl("wait", "--for=condition=Ready", "--timeout=60s", "-n", metadata.namespace, `pod/${metadata.name}`);
  }
  await withOutside(spec, await podCidrs(state), async (network) => {
    const strangers = Object.entries(outside).map(([name, address]) => ({ name: `the outside (${name})`, address }));
    const machine = { name: "this machine", address: spec.hostAddress };
    const hosts = [
      ...(await hostsOf(spec, state)),
      { ...strangers[0], network } as Host,
      strangers[1] as Host,
      machine,
    ];
    const declared = declaredAttempts(graph, hosts);
    for (const [{ from, to, port }, calls] of declared) {
      assert.ok(calls.length > 0, `nobody is there to try the edge from ${from} to ${to} on ${port}`);
    }
    const calls = [...declared.values()].flat();
    // All at once on a machine of two cores: an answer may come when nobody waits any more, so each call is tried again.
    const through = await answered(calls, 10_000);
    const shut = calls.filter((call) => !through.has(call));
    assert.deepEqual(shut.map(shown), [], "declared, and not let through");
    const undeclared = undeclaredAttempts(graph, hosts, 50);
    for (const [kind, some] of undeclared) assert.ok(some.length > 0, `no undeclared call ${kind} is tried`);
    const refusals = [...undeclared.values()].flat();
    assert.equal(refusals.length, 50);
    assert.deepEqual([...(await answered(refusals)).keys()].map(shown), [], "not declared, and let through");
    const across = calls.filter(({ from, to }) => from.node !== to.node).length;
    figures.push(
      `connectivity: ${String(declared.size)} declared edges open by ${String(calls.length)} calls, ${String(across)} of them between nodes; ` +
        `50 undeclared calls closed, ${[...undeclared].map(([kind, some]) => `${String(some.length)} ${kind}`).join(", ")}`,
    );
  });
  await kubectl("delete", "pod", saving.name, "-n", saving.namespace);
});

test("a new pod is open to declared callers at once, and never to others", async () => {
  const hosts = await hostsOf(spec, state);
  const pod = tenantPod("billing-api", "late", "qke-master");
  const { namespace, name } = pod.metadata;
  await kubectlOf(state, ["apply", "-f", "-"], JSON.stringify(pod));
  let address = "";
  await until(
    "the new pod's address",
    30_000,
    async () => {
      address = await kubectl("get", "pod", "-n", namespace, name, "-o", "jsonpath={.status.podIP}");
      return address !== "";
    },
    20,
  );
  const call = (caller: string): Attempt => {
    const from = hosts.find((host) => host.name.startsWith(caller)) ?? assert.fail(`${caller} does not run`);
    return {
      from,
      to: { name: `${namespace}/${name}`, address, pod: { namespace, labels: {} } },
      port: 1323,
      protocol: "TCP",
    };
  };
  const [declared, undeclared] = [call("shop-web/probe-1"), call("default/probe")];
  const [open, never] = await Promise.all([answered([declared], 20_000), answered([undeclared], 5_000)]);
  const delay = open.get(declared);
  assert.ok(delay !== undefined, `${shown(declared)} stays closed`);
  assert.equal(never.size, 0, `${shown(undeclared)} was open after ${String(never.get(undeclared))} ms`);
  figures.push(
    `a new pod is open to a declared caller ${delay.toFixed(0)} ms after its address is known, and to no other`,
  );
});
