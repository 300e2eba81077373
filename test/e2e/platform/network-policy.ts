/** That the network holds to a NetworkPolicy between any two nodes. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { kubectl as kubectlOf } from "../../../embedded/kubectl.ts";
import { until } from "../../../embedded/run.ts";
import { probesPolicy } from "../fixtures.ts";
import { checkFrom, kubectl, state } from "./context.ts";

test("a NetworkPolicy is enforced between all five nodes, and the kubelets go on probing", async () => {
  const column = (path: string) => kubectl("get", "pods", "-l", "app=probe", "-o", `jsonpath={.items[*]${path}}`);
  const names = (await column(".metadata.name")).split(" ");
  const addresses = (await column(".status.podIP")).split(" ");
  /** How many of the 25 calls between the probes, each to itself as well, are answered. */
  const answers = async (pod: string, address: string) =>
    /check succeed/.test(await checkFrom(pod, `http://${address}:1323/healthz`));
  const answered = async () => {
    const calls = await Promise.all(names.flatMap((pod) => addresses.map((address) => answers(pod, address))));
    return calls.filter((answer) => answer).length;
  };
  const put = (policy: object) => kubectlOf(state, ["apply", "-f", "-"], JSON.stringify(policy));
  const own = 5; // no policy stands between a pod and itself
  assert.equal(await answered(), 25);

  await put(probesPolicy("closed", {}));
  await until("the calls to be refused", 60_000, async () => (await answered()) === own, 100);
  await sleep(5000);
  assert.equal(await column(".status.containerStatuses[0].ready"), names.map(() => "true").join(" "));

  const probes = [{ podSelector: { matchLabels: { app: "probe" } } }];
  const ports = [{ port: 1323, protocol: "TCP" }];
  await put(probesPolicy("open", { ingress: [{ from: probes, ports }], egress: [{ to: probes, ports }] }));
  await until("the declared calls to be answered", 60_000, async () => (await answered()) === 25, 100);
  const backend = (await kubectl("get", "pods", "-n", "backend", "-o", "jsonpath={.items[0].status.podIP}")).trim();
  assert.equal(await answers(names[0] ?? "", backend), false, "an undeclared call is answered");
  await kubectl("delete", "networkpolicy", "closed", "open", "-n", "default");
});
