/** Names inside the cluster and out of it, also while a name server goes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { execa } from "execa";
import { kubectl as kubectlOf, podCidrs } from "../../../embedded/kubectl.ts";
import { corporateAddress, probes, withOutside } from "../fixtures.ts";
import { type Answer, failures, secondTry, summary } from "../load.ts";
import { longTest } from "../long.ts";
import { checkFrom, figures, kubectl, probesOf, spec, state } from "./context.ts";

test("a pod on each of the five nodes reaches a Service by its name, but not the backend past the gateway", async () => {
  await kubectlOf(state, ["apply", "-f", "-"], JSON.stringify(probes));
  await kubectl("rollout", "status", "daemonset/probe", "--timeout=90s");
  const pods = (
    await kubectl(
      "get",
      "pods",
      "-l",
      "app=probe",
      "-o",
      "jsonpath={range .items[*]}{.metadata.name} {.spec.nodeName}{'\\n'}{end}",
    )
  )
    .trim()
    .split("\n");
  assert.equal(pods.length, 5);
  for (const line of pods) {
    const [pod = "", node = ""] = line.split(" ");
    assert.match(
      await checkFrom(pod, "http://probe.default.svc.cluster.local/healthz"),
      /check succeed.*"status code": 200/,
      node,
    );
    assert.match(await checkFrom(pod, "http://backend.backend.svc.cluster.local/healthz"), /check failed/, node);
  }
});

longTest("a stub domain is answered by its own name server, and no other name outside by anybody", async () => {
  const nowhere = new RegExp(
    `check failed.*${corporateAddress.replaceAll(".", "\\.")}:80.*(unreachable|no route to host)`,
  );
  const unknown = /check failed.*lookup www\.example\.org.*(no such host|server misbehaving)/;
  await withOutside(spec, await podCidrs(state), async () => {
    for (const { name, node } of await probesOf()) {
      assert.match(await checkFrom(name, "http://www.corp.example/"), nowhere, node);
      assert.match(await checkFrom(name, "http://www.example.org/"), unknown, node);
    }
  });
});

test("a CoreDNS pod is deleted under 200 lookups and requests a second from all nodes, and none is lost", async () => {
  const hosts = await probesOf();
  const lookups = [
    join(import.meta.dirname, "../lookups.ts"),
    spec.dnsAddress,
    "probe.default.svc.cluster.local",
    "80",
  ];
  const clients = hosts.map(({ network = "" }) =>
    execa("nsenter", [`--net=${network}`, process.execPath, ...lookups, String(200 / hosts.length)]),
  );
  const dns = ["-n", "kube-system", "-l", "k8s-app=kube-dns"];
  const victim = await kubectl("get", "pods", ...dns, "-o", "jsonpath={.items[0].metadata.name}");
  await sleep(2000);
  const start = performance.now();
  await kubectl("delete", "pod", "-n", "kube-system", victim, "--wait=true");
  await kubectl("rollout", "status", "deployment/coredns", "-n", "kube-system", "--timeout=60s");
  const back = ((performance.now() - start) / 1000).toFixed(1);
  await sleep(3000);
  for (const client of clients) client.stdin.end();
  const printed = await Promise.all(clients);
  const answers = printed.flatMap(({ stdout }) => JSON.parse(stdout) as Answer[]); // lookups.ts prints these
  const again = answers.filter(({ milliseconds }) => milliseconds >= secondTry).length;
  figures.push(
    `a CoreDNS pod deleted, its successor ready after ${back} s: ${summary(answers)}, ${String(again)} names asked for twice`,
  );
  assert.deepEqual(failures(answers), []);
});
