/** The whole way, in order: each test goes on from where the one before it has left the cluster. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { rootCertificates, type SecureVersion } from "node:tls";
import { after, test } from "node:test";
import { execa } from "execa";
import { parse } from "yaml";
import { embeddedFacts } from "../../components/cluster/embedded.ts";
import { platformGraph } from "../../components/platform-graph.ts";
import { schemas } from "../../config.ts";
import { apiAddressHolder } from "../../embedded/kube-vip.ts";
import { kubectl as kubectlOf, podCidrs, readyNodes } from "../../embedded/kubectl.ts";
import { hostInterface, isolationTable, nodeNamespace } from "../../embedded/network.ts";
import { run, until } from "../../embedded/run.ts";
import { labCluster, type NodeSpec } from "../../embedded/spec.ts";
import { ClusterState } from "../../embedded/state.ts";
import { clusterMemory } from "../../embedded/status.ts";
import { ask, type Place, publicCa } from "../../scripts/ask.ts";
import { Stack, root } from "../../scripts/stack.ts";
import { section } from "../../problems.ts";
import { versions } from "../../versions.ts";
import { toolPath } from "../../toolchain/index.ts";
import { certificatesOf, handshake, keyPairOf, leafOf } from "./certificates.ts";
import {
  corporateAddress,
  freePort,
  outside,
  probes,
  probesPolicy,
  tenantPod,
  watched,
  webhook,
  withOutside,
  withUplink,
} from "./fixtures.ts";
import { answered, type Attempt, declaredAttempts, type Host, hostsOf, shown, undeclaredAttempts } from "./reach.ts";
import { credentials, findPlanted, plant, planted } from "./planted.ts";
import { atOnce, fetchAs, protocolOf } from "./clients.ts";
import { type Answer, during, failures, secondTry, summary } from "./load.ts";
import { added, texts, traces, type Traces, watchCommands } from "./machine.ts";

const ranges = { subnet: "172.20.40.0/24", podCidr: "10.62.0.0/16", serviceCidr: "10.63.0.0/16" };
const spec = labCluster({ name: "quintet-e2e", ...ranges });
const state = new ClusterState(spec.name);
const config = join(import.meta.dirname, "Pulumi.e2e.yaml");
const options = ["--subnet", ranges.subnet, "--pod-cidr", ranges.podCidr, "--service-cidr", ranges.serviceCidr];
const figures: string[] = [];
/** Everything that anybody could have read while secrets went in: outputs, and the command lines of all processes. */
const printed: string[] = [];

/** Runs one of the project's programs as `npm run` does, with its output on this terminal. */
async function program(file: string, ...args: string[]): Promise<string> {
  const result = await execa(process.execPath, [join(root, file), ...args], {
    cwd: root,
    stdin: "ignore",
    stdout: ["pipe", "inherit"],
    stderr: ["pipe", "inherit"],
    reject: false,
  });
  assert.equal(result.exitCode, 0, `${file} ${args.join(" ")} failed`);
  return result.stdout;
}

const kubectl = (...args: string[]) => kubectlOf(state, args);
const stack = () => new Stack({ stack: "e2e", config });

/** Where the backend is found from outside, as the stack says it, and who vouches for its name. */
async function publicPlaces(): Promise<{ readonly url: string; readonly places: readonly [Place, ...Place[]] }> {
  const { ingress } = (await stack().outputs()) as { ingress: { url: string; addresses: string[] } }; // index.ts
  const ca = await publicCa(state);
  const [first, ...others] = ingress.addresses.map((address) => ({ address, ca }));
  assert.ok(first !== undefined, "the ingress has no address");
  return { url: ingress.url, places: [first, ...others] };
}

/** The probes, one on each node, each by its own name. */
async function probesOf(): Promise<Host[]> {
  const hosts = await hostsOf(spec, state);
  return hosts
    .filter(({ pod }) => pod?.namespace === "default" && pod.labels["app"] === "probe")
    .map((host) => ({ ...host, name: host.name.replace("default/", "") }));
}

/** The names of the pods that answer, over enough requests to meet each. */
async function answering(): Promise<Set<string>> {
  const { url, places } = await publicPlaces();
  const names = new Set<string>();
  for (let i = 0; i < 30; i++) {
    const { body } = await ask(url, places[i % places.length] ?? places[0]);
    names.add((JSON.parse(body) as { hostname: string }).hostname); // podinfo's own
  }
  return names;
}

async function etcdctl(...args: string[]): Promise<string> {
  const pki = "/etc/kubernetes/pki/etcd";
  const tls = [`--cacert=${pki}/ca.crt`, `--cert=${pki}/server.crt`, `--key=${pki}/server.key`];
  return kubectl("exec", "-n", "kube-system", "etcd-qke-worker-49-1", "--", "etcdctl", ...tls, ...args);
}

/** Who talks to whom on the live cluster, as the program of the stack has put it together. */
function liveGraph() {
  const { config: values } = parse(readFileSync(config, "utf8")) as { config: Record<string, unknown> };
  const own = Object.entries(values).map(([key, value]) => [key.replace(/^quintet:/, ""), value]);
  const facts = embeddedFacts(readFileSync(state.kubeconfig, "utf8"), state.kubeconfig);
  return { facts, graph: platformGraph({ ...section(schemas).parse(Object.fromEntries(own)), facts }) };
}

let before: Traces;

after(async () => {
  // Also when a test failed: nothing may stay on the machine.
  await execa(process.execPath, [join(root, "scripts/down.ts"), "--stack", "e2e", "--config", config], {
    cwd: root,
    reject: false,
    stdio: "inherit",
  });
  console.log(`\nFigures:\n${figures.map((f) => `  ${f}`).join("\n")}`);
});

test("nothing of an earlier run is left", async () => {
  await program("embedded/cli.ts", "check"); // installs the programs that the lists of traces need, too
  await program("scripts/down.ts", "--stack", "e2e", "--config", config);
  before = await traces();
});

test("a start that is killed half-way is taken up again", async () => {
  const child = spawn(process.execPath, [join(root, "embedded/cli.ts"), "up", "--name", spec.name, ...options], {
    stdio: "ignore",
    detached: true,
  });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  await until(
    "kubeadm to be at work",
    180_000,
    () => Promise.resolve(existsSync(join(state.nodeRoot("qke-master"), "etc/kubernetes/manifests/etcd.yaml"))),
    100,
  );
  process.kill(-(child.pid ?? 0), "SIGKILL");
  await ended;
  assert.equal(existsSync(state.file("ready.json")), false);
});

test("npm run up: five nodes, and the backend answers", async () => {
  printed.push(await plant(credentials, "--stack", "e2e", "--config", config));
  const watch = watchCommands();
  const output = await program("scripts/up.ts", "--stack", "e2e", "--config", config, ...options);
  printed.push(output, watch.end());
  assert.match(
    output,
    /curl --cacert \S+ --resolve enroll\.example:30443:172\.20\.40\.12 https:\/\/enroll\.example:30443\/api/,
  );
  figures.push(`npm run up, warm: ${/Took (.*)\./.exec(output)?.[1] ?? "no figure"}`);
});

test("the cluster is what was asked for", async () => {
  assert.deepEqual((await readyNodes(state)).sort(), spec.nodes.map((n) => n.name).sort());
  const members = (await etcdctl("member", "list")).split("\n");
  assert.equal(
    members.filter((line) => line.includes("started") && line.endsWith("false")).length,
    3,
    members.join("\n"),
  );
  const dns = (
    await kubectl(
      "get",
      "pods",
      "-n",
      "kube-system",
      "-l",
      "k8s-app=kube-dns",
      "-o",
      "jsonpath={.items[*].spec.nodeName}",
    )
  ).split(" ");
  assert.equal(dns.length, 2);
  assert.equal(new Set(dns).size, 2, "both CoreDNS replicas are on one node");
  const memory = clusterMemory(spec) / 1024 ** 3;
  figures.push(`memory of the cluster with the backend: ${memory.toFixed(2)} GiB`);
  assert.ok(memory < 4, `${String(memory)} GiB`);
});

test("a second up changes nothing", async () => {
  const start = performance.now();
  const { text, exitCode } = await stack().capture("up", ["--yes", "--expect-no-changes"]);
  const seconds = (performance.now() - start) / 1000;
  figures.push(`second pulumi up, no changes: ${seconds.toFixed(1)} s`);
  assert.equal(exitCode, 0, text);
});

test("a refresh finds no drift", async () => {
  const { text, exitCode } = await stack().capture("refresh", ["--yes", "--expect-no-changes"]);
  assert.equal(exitCode, 0, text);
});

test("three replicas answer through the ingress", async () => {
  assert.equal((await answering()).size, 3);
});

test("the backend's pods are Guaranteed, and stand on three nodes", async () => {
  const pods = (
    await kubectl(
      "get",
      "pods",
      "-n",
      "backend",
      "-o",
      "jsonpath={range .items[*]}{.status.qosClass} {.spec.nodeName}{'\\n'}{end}",
    )
  )
    .trim()
    .split("\n");
  assert.deepEqual(
    pods.map((line) => line.split(" ")[0]),
    ["Guaranteed", "Guaranteed", "Guaranteed"],
  );
  assert.equal(new Set(pods.map((line) => line.split(" ")[1])).size, 3);
});

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

test("a stub domain is answered by its own name server, and no other name outside by anybody", async () => {
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
  const lookups = [join(import.meta.dirname, "lookups.ts"), spec.dnsAddress, "probe.default.svc.cluster.local", "80"];
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

/** A Certificate of the probes' namespace, from the platform's issuer. */
const certificateName = "probe.default.svc.cluster.local";
const certificate = (name: string, more: object = {}) => ({
  apiVersion: "cert-manager.io/v1",
  kind: "Certificate",
  metadata: { name, namespace: "default" },
  spec: {
    secretName: `${name}-tls`,
    dnsNames: [certificateName],
    duration: "1h", // the shortest that cert-manager allows
    renewBefore: "20m",
    privateKey: { algorithm: "ECDSA", rotationPolicy: "Always" },
    issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: "quintet" },
    ...more,
  },
});
const keyPair = async (secret: string, namespace = "default") =>
  keyPairOf(await kubectl("get", "secret", secret, "-n", namespace, "-o", "json"));
const rootCertificate = async () => (await keyPair("root-ca", "cert-manager")).chain;

/** Asks for a new certificate before its time, as `cmctl renew` does, and waits until its Secret holds it. */
async function renew(name: string, namespace: string, secret: string): Promise<number> {
  const start = performance.now();
  const serial = async () => leafOf(await keyPair(secret, namespace)).serialNumber;
  const before = await serial();
  const target = ["certificate", name, "-n", namespace];
  const { status } = JSON.parse(await kubectl("get", ...target, "-o", "json")) as {
    status: { conditions: { type: string }[] }; // cert-manager's own
  };
  const issuing = { type: "Issuing", status: "True", reason: "ManuallyTriggered", message: "by the tests" };
  const conditions = [...status.conditions.filter(({ type }) => type !== "Issuing"), issuing];
  await kubectl(
    "patch",
    ...target,
    "--subresource=status",
    "--type=merge",
    "-p",
    JSON.stringify({ status: { conditions } }),
  );
  await until(`a new certificate in ${secret}`, 60_000, async () => (await serial()) !== before, 100);
  return (performance.now() - start) / 1000;
}

test("the internal CA issues a certificate that a client accepts who trusts the root alone", async () => {
  const start = performance.now();
  await kubectlOf(state, ["apply", "-f", "-"], JSON.stringify(certificate("probe")));
  await kubectl("wait", "certificate/probe", "-n", "default", "--for=condition=Ready", "--timeout=60s");
  figures.push(`a certificate issued: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  const pair = await keyPair("probe-tls");
  const root = await rootCertificate();
  assert.equal(await handshake(pair, root, certificateName), "TLSv1.3");
  const [leaf, intermediate, ...rest] = certificatesOf(pair);
  assert.deepEqual(rest, [], "a server does not send its root");
  assert.equal(leaf?.issuer, intermediate?.subject);
  assert.equal(intermediate?.issuer, leafOf({ chain: root }).subject);
  await assert.rejects(handshake(pair, root, "other.example.com"), /altname/i);
  const stranger = (await keyPair("cert-manager-webhook-ca", "cert-manager")).chain;
  await assert.rejects(handshake(pair, stranger, certificateName), /unable to get|self-signed/i);
});

test("the webhook refuses what cannot be issued", async () => {
  const nameless = JSON.stringify(certificate("nameless", { dnsNames: [] }));
  await assert.rejects(
    kubectlOf(state, ["apply", "-f", "-"], nameless),
    /admission webhook "webhook\.cert-manager\.io" denied/,
  );
});

test("a certificate is renewed with a new key, and its Secret is good at every moment", async () => {
  const root = await rootCertificate();
  const before = await keyPair("probe-tls");
  let [looks, going] = [0, true];
  const watching = (async () => {
    while (going) {
      await handshake(await keyPair("probe-tls"), root, certificateName);
      looks += 1;
    }
  })();
  const seconds = await renew("probe", "default", "probe-tls").finally(() => (going = false));
  await watching;
  const after = await keyPair("probe-tls");
  assert.notEqual(after.key, before.key);
  await handshake(after, root, certificateName);
  figures.push(`a certificate renewed: ${seconds.toFixed(1)} s, its Secret good in all of ${String(looks)} looks`);
  assert.ok(looks > 1, `${String(looks)} looks`);
});

test("the intermediate CA is renewed, and clients notice nothing", async () => {
  const root = await rootCertificate();
  const old = await keyPair("probe-tls");
  await renew("intermediate", "cert-manager", "intermediate-ca");
  await renew("probe", "default", "probe-tls");
  const fresh = await keyPair("probe-tls");
  assert.notEqual(certificatesOf(fresh)[1]?.serialNumber, certificatesOf(old)[1]?.serialNumber);
  for (const pair of [old, fresh]) await handshake(pair, root, certificateName);
  assert.equal(await rootCertificate(), root);
});

test("when a certificate ends is a metric, which nobody reads who is not declared", async () => {
  const selector = "app.kubernetes.io/name=cert-manager,app.kubernetes.io/component=controller";
  const address = await kubectl(
    "get",
    "pods",
    "-n",
    "cert-manager",
    "-l",
    selector,
    "-o",
    "jsonpath={.items[0].status.podIP}",
  );
  const probe = await kubectl("get", "pods", "-l", "app=probe", "-o", "jsonpath={.items[0].metadata.name}");
  assert.match(await checkFrom(probe, `http://${address}:9402/metrics`), /check failed/);
  const ends = Math.floor(Date.parse(leafOf(await keyPair("probe-tls")).validTo) / 1000);
  await forwarded("cert-manager", "deployment/cert-manager", 9402, async (url) => {
    const expiry = async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = /^certmanager_certificate_expiration_timestamp_seconds\{[^}]*name="probe"[^}]*\} (\S+)$/m.exec(text);
      return Number(line?.[1]);
    };
    await until("the metric to tell of the new certificate", 30_000, async () => (await expiry()) === ends);
  });
});

test("every declared edge is open on the live cluster, and what is not declared is closed", async () => {
  const { facts, graph } = liveGraph();
  const nodes = facts.nodes.map(({ name }) => name);
  const pods = ["shop-web", "billing-api"].flatMap((namespace, index) =>
    [1, 2].map((n) => tenantPod(namespace, `probe-${String(n)}`, nodes[index + n] ?? "")),
  );
  await kubectlOf(state, ["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: pods }));
  for (const { metadata } of pods) {
    await kubectl("wait", "--for=condition=Ready", "--timeout=60s", "-n", metadata.namespace, `pod/${metadata.name}`);
  }
  await withOutside(spec, await podCidrs(state), async (network) => {
    const strangers = Object.entries(outside).map(([name, address]) => ({ name: `the outside (${name})`, address }));
    const hosts = [...(await hostsOf(spec, state)), { ...strangers[0], network } as Host, strangers[1] as Host];
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

test("kubectl logs, port-forward and top work", async () => {
  assert.match(await kubectl("logs", "-n", "backend", "deployment/backend", "--tail=50"), /Starting HTTP Server/);
  await until(
    "kubectl top",
    60_000,
    async () => (await kubectl("top", "nodes", "--no-headers")).trim().split("\n").length === 5,
  );
  await forwarded("backend", "service/backend", 80, async (url) => {
    assert.ok((await fetch(`${url}/healthz`)).ok);
  });
});

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

test("HTTPS is answered by host and path, with a chain that proves the name", async () => {
  const { url, places } = await publicPlaces();
  assert.equal(url, "https://enroll.example:30443/api");
  assert.deepEqual(
    places.map(({ address }) => address),
    ["172.20.40.12", "172.20.40.52"],
  );
  for (const place of places) {
    assert.match((await ask(url, place)).body, /"hostname": "backend-/);
    assert.equal((await ask(`${url}/status/418`, place)).status, 418, "the path without its public beginning");
    assert.equal((await ask(url.replace("/api", "/apis"), place)).status, 404);
    assert.equal((await ask(url, place, { headers: { host: "other.example" } })).status, 404);
    await assert.rejects(ask(url.replace("enroll.example", "other.example"), place));
    await assert.rejects(ask(url, { ...place, ca: rootCertificates[0] ?? "" }), /unable to|self-signed/);
  }
});

test("HTTP is sent on to HTTPS for good", async () => {
  const { places } = await publicPlaces();
  for (const { address } of places) {
    const answer = await fetchAs("enroll.example", `http://${address}:30080/api/info?verbose=1`);
    assert.deepEqual([answer.status, answer.location], [301, "https://enroll.example:30443/api/info?verbose=1"]);
    assert.equal((await fetchAs("other.example", `http://${address}:30080/api`)).status, 404);
  }
});

test("TLS below 1.2 is refused", async () => {
  const { url, places } = await publicPlaces();
  const { hostname, port } = new URL(url);
  const shake = (version: SecureVersion) =>
    protocolOf({ host: places[0].address, port: Number(port), servername: hostname, ca: places[0].ca }, version);
  assert.equal(await shake("TLSv1.3"), "TLSv1.3");
  assert.equal(await shake("TLSv1.2"), "TLSv1.2");
  await assert.rejects(shake("TLSv1.1"), /protocol version/);
  await assert.rejects(shake("TLSv1"), /protocol version/);
});

test("the backend sees who the client is, whatever the client says", async () => {
  const { url, places } = await publicPlaces();
  for (const place of places) {
    const headers = { "x-forwarded-for": "203.0.113.7", "x-envoy-external-address": "203.0.113.7" };
    const seen = JSON.parse((await ask(`${url}/headers`, place, { headers })).body) as Record<string, string[]>; // podinfo's
    assert.deepEqual(seen["X-Forwarded-For"], [spec.hostAddress]);
    assert.doesNotMatch(JSON.stringify(seen), /203\.0\.113\.7/);
  }
});

test("bodies, headers and rates above the limits are refused", async () => {
  const { url, places } = await publicPlaces();
  const [place] = places;
  const post = (size: number) => ask(`${url}/api/echo`, place, { method: "POST", body: Buffer.alloc(size, "x") });
  assert.equal((await post(1024 ** 2)).status, 202);
  assert.equal((await post(1024 ** 2 + 1)).status, 413);
  const header = (size: number) => ask(url, place, { headers: { "x-large": "x".repeat(size) } });
  assert.equal((await header(24 * 1024)).status, 200);
  assert.equal((await header(40 * 1024)).status, 431);
  const statuses = await atOnce(url, place, 2000);
  const limited = statuses.filter((status) => status === 429).length;
  figures.push(`2000 requests at once over one connection: ${String(limited)} answered 429`);
  assert.deepEqual([...new Set(statuses)].sort(), [200, 429]);
  await until("requests to be let through again", 10_000, async () => (await ask(url, place)).status === 200);
});

test("classic Ingresses are served once they are switched on", async () => {
  const file = state.file("classic.yaml");
  writeFileSync(file, readFileSync(config, "utf8").replace("kind: gateway", "kind: gateway\n    classic: true"));
  const on = await new Stack({ stack: "e2e", config: file }).capture("up", ["--yes"]);
  assert.equal(on.exitCode, 0, on.text);
  const { places } = await publicPlaces();
  const backend = { service: { name: "backend", port: { number: 80 } } };
  const ingress = {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "classic", namespace: "backend" },
    spec: {
      ingressClassName: "istio",
      rules: [{ host: "classic.example", http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
    },
  };
  await kubectlOf(state, ["apply", "-f", "-"], JSON.stringify(ingress));
  const status = async () => (await fetchAs("classic.example", `http://${places[0].address}:30080/`)).status;
  await until("the classic Ingress to be served", 30_000, async () => (await status()) === 200, 200);
  await kubectl("delete", "ingress", "classic", "-n", "backend");
  await until("the classic Ingress to be gone", 30_000, async () => (await status()) === 404, 200);
  const off = await stack().capture("up", ["--yes"]);
  assert.equal(off.exitCode, 0, off.text);
});

test("a gateway pod is deleted under 200 requests a second, and none is lost", async () => {
  const { url, places } = await publicPlaces();
  const load = { perSecond: 200, connections: 20 };
  const steady = await during(url, places, () => sleep(10_000), load);
  figures.push(`through the ingress, 200 requests/s over 20 connections to each node: ${summary(steady)}`);
  assert.deepEqual(failures(steady), []);
  const pods = ["get", "pods", "-n", "istio-ingress", "-l", "istio=ingress"];
  const victim = await kubectl(...pods, "-o", "jsonpath={.items[0].metadata.name}");
  const work = async () => {
    await sleep(2000);
    await kubectl("delete", "pod", "-n", "istio-ingress", victim, "--wait=true", "--timeout=120s");
    await kubectl("rollout", "status", "deployment/gateway", "-n", "istio-ingress", "--timeout=120s");
    await sleep(2000);
  };
  const answers = await during(url, places, work, load);
  figures.push(`a gateway pod deleted under that: ${summary(answers)}`);
  assert.deepEqual(failures(answers), []);
});

test("no proxy has rejected any of its configuration", async () => {
  const pods = [
    "get",
    "pods",
    "-n",
    "istio-ingress",
    "-l",
    "istio=ingress",
    "-o",
    "jsonpath={.items[*].metadata.name}",
  ];
  const names = (await kubectl(...pods)).split(" ");
  assert.equal(names.length, 4);
  for (const pod of names) {
    const stats = await kubectl("exec", "-n", "istio-ingress", pod, "--", "pilot-agent", "request", "GET", "stats");
    const counted = (word: string) =>
      stats.split("\n").flatMap((line) => new RegExp(`^(\\S+\\.${word}): (\\d+)$`).exec(line)?.slice(1) ?? []);
    assert.ok(
      counted("update_success").some((value) => Number(value) > 0),
      stats,
    );
    assert.deepEqual(
      counted("update_rejected").filter((value) => /^[1-9]/.test(value)),
      [],
      stats,
    );
  }
});

test("nothing of the cluster reaches beyond this machine", async () => {
  for (const node of spec.nodes) {
    const routes = await run("ip", ["-n", nodeNamespace(spec, node), "-4", "route"]);
    assert.match(routes, /^unreachable default/m, `${node.name} has a way out:\n${routes}`);
    assert.doesNotMatch(routes, /^default via/m);
  }
  const rules = await run("nft", ["list", "table", "inet", isolationTable(spec)]);
  assert.match(rules, new RegExp(`iifname "${hostInterface(spec)}" counter packets \\d+ bytes \\d+ drop`));
  assert.match(rules, /hook forward priority (raw|-300); policy accept/);
  await withUplink(async (address, received) => {
    const quiet = await received();
    const pod = await kubectl("get", "pods", "-l", "app=probe", "-o", "jsonpath={.items[0].metadata.name}");
    const empty = await kubectl("get", "service", "empty", "-o", "jsonpath={.spec.clusterIP}");
    for (const target of [address, empty]) {
      assert.match(
        await checkFrom(pod, `http://${target}/`),
        /check failed.*(unreachable|no route to host|refused|deadline exceeded)/,
        `a pod reached ${target}`,
      );
      await kubectlOf(
        state,
        ["apply", "-f", "-"],
        JSON.stringify(
          webhook(
            target === empty
              ? { service: { name: "empty", namespace: "default", port: 443 } }
              : { url: `https://${target}/` },
          ),
        ),
      );
      await until("the API server to call the webhook", 30_000, async () =>
        refused(() => kubectlOf(state, ["apply", "-f", "-"], JSON.stringify(watched))),
      );
      await kubectl("delete", "validatingwebhookconfiguration", "outside");
    }
    // Even a node that was given a way out gets no packet past this machine.
    const [rogue] = spec.nodes as [NodeSpec, ...NodeSpec[]];
    const inside = ["--net=/run/netns/" + nodeNamespace(spec, rogue)];
    await run("ip", ["-n", nodeNamespace(spec, rogue), "route", "replace", "default", "via", spec.hostAddress]);
    try {
      const script = `require("net").connect({host:"${address}",port:80,timeout:3000}).on("connect",()=>process.exit(0)).on("error",()=>process.exit(1)).on("timeout",()=>process.exit(1))`;
      assert.ok(
        await refused(() => run("nsenter", [...inside, process.execPath, "-e", script])),
        "a node reached the uplink",
      );
    } finally {
      await run("ip", ["-n", nodeNamespace(spec, rogue), "route", "delete", "default", "via", spec.hostAddress]);
      await run("ip", ["-n", nodeNamespace(spec, rogue), "route", "replace", "unreachable", "default"]);
    }
    assert.equal(await received(), quiet, "packets came out at the uplink");
    // The counter is not blind: what this machine itself sends there is seen.
    await refused(() =>
      run(process.execPath, [
        "-e",
        `require("dgram").createSocket("udp4").send("x",9,"${address}",function(){this.close()})`,
      ]),
    );
    await until("the uplink to count a packet of this machine", 5_000, async () => (await received()) > quiet, 100);
  });
});

test("the engine refuses a workload without limits before anything is created", async () => {
  const dir = join(import.meta.dirname, "refused");
  const file = state.file("refused.yaml");
  writeFileSync(
    file,
    JSON.stringify({
      config: { "quintet:cluster": { kind: "embedded", name: spec.name }, "refused:kubeconfig": state.kubeconfig },
    }),
  );
  const bad = new Stack({ stack: "e2e-refused", config: file, program: dir });
  try {
    const { text, exitCode } = await bad.capture("up", ["--yes"]);
    assert.notEqual(exitCode, 0, text);
    assert.match(text, /qos-require-limits/);
    assert.match(text, /Deployment default\/unlimited/);
    assert.ok(await refused(() => kubectl("get", "deployment", "unlimited", "-n", "default")), "it was created");
  } finally {
    bad.forget();
  }
});

test("stacks side by side on one cluster do not touch each other", async () => {
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

test("tenants are apart, and what bounds them is not theirs to change", async () => {
  const as = (group: string, ...args: string[]) => kubectl(...args, "--as=somebody", `--as-group=${group}`);
  const may = async (group: string, verb: string, what: string, namespace: string) =>
    !(await refused(() => as(group, "auth", "can-i", verb, what, "-n", namespace)));
  assert.deepEqual(
    await Promise.all([
      may("shop-developers", "create", "deployments", "shop-web"),
      may("shop-developers", "create", "deployments", "billing-api"),
      may("shop-auditors", "get", "pods", "shop-web"),
      may("shop-auditors", "delete", "pods", "shop-web"),
      may("shop-leads", "create", "rolebindings", "shop-web"),
      may("shop-leads", "update", "resourcequotas", "shop-web"),
      may("shop-leads", "get", "pods", "backend"),
      may("billing-developers", "get", "secrets", "shop-web"),
    ]),
    [true, false, true, false, true, false, false, false],
  );
  const open = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "open" } };
  const policy = JSON.stringify({ ...open, spec: { podSelector: {}, ingress: [{}], policyTypes: ["Ingress"] } });
  const apply = (text: string, ...who: string[]) =>
    kubectlOf(state, ["apply", "-n", "shop-web", ...who, "-f", "-"], text);
  await assert.rejects(
    apply(policy, "--as=somebody", "--as-group=shop-leads"),
    /what bounds a tenant is written by the platform/,
  );
  const balancer = { apiVersion: "v1", kind: "Service", metadata: { name: "open" } };
  const service = JSON.stringify({ ...balancer, spec: { type: "LoadBalancer", ports: [{ port: 80 }] } });
  await assert.rejects(apply(service), /exceeded quota: tenant.*services\.loadbalancers/s);
  const run = ["run", "root", "-n", "shop-web", `--image=${versions.images.podinfo}`, "--restart=Never"];
  await assert.rejects(kubectl(...run), /violates PodSecurity "restricted/);
});

test("twelve planted secrets show nowhere", async () => {
  assert.equal(planted, 12);
  const preview = await (async () => {
    const changed = credentials.replace(/"username":"/g, '"username":"x');
    printed.push(await plant(changed, "--stack", "e2e", "--config", config));
    try {
      return await stack().capture("preview", ["--diff"]);
    } finally {
      await plant(credentials, "--stack", "e2e", "--config", config);
    }
  })();
  assert.match(preview.text, /core\/v1:Secret: \(update\)/);
  const listed = "events,configmaps,pods,deployments,serviceaccounts,resourcequotas,networkpolicies,namespaces";
  const places: Record<string, string> = {
    state: readFileSync(stack().stateFile(), "utf8"),
    outputs: JSON.stringify(await stack().outputs()),
    "what was printed, and the command lines of every process": printed.join("\n"),
    diff: preview.text,
    events: await kubectl("get", listed, "-A", "-o", "json"),
    "files of the stack and the cluster": texts([join(stack().stateFile(), "../../../.."), state.file(".")]),
  };
  for (const [place, text] of Object.entries(places)) {
    assert.notEqual(text, "", place);
    assert.deepEqual(findPlanted(text), [], place);
  }
  // The search is not blind: where they have to be, it finds all of them.
  const secrets = await kubectl("get", "secrets", "-n", "shop-web", "-o", "json");
  assert.ok(findPlanted(secrets).length >= 8, "the pull secret holds no login");
});

test("the exported state holds no credential in the clear", () => {
  const key = /client-key-data: (\S{40})/.exec(readFileSync(state.kubeconfig, "utf8"))?.[1] ?? "";
  assert.notEqual(key, "");
  const stored = readFileSync(stack().stateFile(), "utf8");
  assert.match(stored, /backend/);
  assert.equal(stored.includes(key), false);
});

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
  assert.deepEqual(added(before, await traces()), []);
  assert.equal(existsSync(state.dir), false);
});

test("npm run up -- --simulate: the same program on simulated nodes, and everything says so", async () => {
  await plant(credentials, "--stack", "e2e", "--config", config);
  const output = await program("scripts/up.ts", "--stack", "e2e", "--config", config, "--simulate");
  assert.match(output, /SIMULATED/);
  assert.deepEqual((await readyNodes(state)).sort(), spec.nodes.map((n) => n.name).sort());
  const { text, exitCode } = await stack().capture("up", ["--yes", "--expect-no-changes"]);
  assert.equal(exitCode, 0, text);
  await program("scripts/down.ts", "--stack", "e2e", "--config", config);
  assert.deepEqual(added(before, await traces()), []);
});

/** Forwards a port of a pod to this machine while `work` goes on. */
async function forwarded(
  namespace: string,
  target: string,
  port: number,
  work: (url: string) => Promise<void>,
): Promise<void> {
  const local = await freePort();
  const url = `http://127.0.0.1:${String(local)}`;
  const forward = spawn(
    toolPath("kubectl"),
    ["--kubeconfig", state.kubeconfig, "port-forward", "-n", namespace, target, `${String(local)}:${String(port)}`],
    { stdio: "ignore" },
  );
  try {
    await until("the forwarded port", 20_000, async () => (await fetch(url)).status > 0, 200);
    await work(url);
  } finally {
    forward.kill();
  }
}

/** What podinfo's own client says of a URL, asked from inside a pod. */
async function checkFrom(pod: string, url: string): Promise<string> {
  const args = [
    "--kubeconfig",
    state.kubeconfig,
    "exec",
    pod,
    "--",
    "podcli",
    "check",
    "http",
    url,
    "--retry=1",
    "--timeout=3s",
  ];
  const { all } = await execa(toolPath("kubectl"), args, { all: true, reject: false, stdin: "ignore" });
  return all.replaceAll("\n", " ");
}

/** Whether something fails. */
async function refused(attempt: () => Promise<unknown>): Promise<boolean> {
  try {
    await attempt();
    return false;
  } catch {
    return true;
  }
}
