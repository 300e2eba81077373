/** The whole way, in order: each test goes on from where the one before it has left the cluster. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, test } from "node:test";
import { execa } from "execa";
import { apiAddressHolder } from "../../embedded/kube-vip.ts";
import { kubectl as kubectlOf, readyNodes } from "../../embedded/kubectl.ts";
import { hostInterface, isolationTable, nodeNamespace } from "../../embedded/network.ts";
import { run, until } from "../../embedded/run.ts";
import { labCluster, type NodeSpec } from "../../embedded/spec.ts";
import { ClusterState } from "../../embedded/state.ts";
import { clusterMemory } from "../../embedded/status.ts";
import { Stack, root } from "../../scripts/stack.ts";
import { versions } from "../../versions.ts";
import { toolPath } from "../../toolchain/index.ts";
import { freePort, probes, probesPolicy, watched, webhook, withUplink } from "./fixtures.ts";
import { credentials, findPlanted, plant, planted } from "./planted.ts";
import { inside } from "./inside.ts";
import { type Answer, during, failures, summary } from "./load.ts";
import { corporateAddress, withOutside } from "./outside.ts";
import { livePods } from "./pods.ts";
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

async function backendUrl(): Promise<string> {
  return `http://${await kubectl("get", "service", "backend", "-n", "backend", "-o", "jsonpath={.spec.clusterIP}")}/`;
}

/** The names of the pods that answer, over enough requests to meet each. */
async function answering(url: string): Promise<Set<string>> {
  const names = new Set<string>();
  for (let i = 0; i < 30; i++) {
    const answer = (await (await fetch(url, { headers: { connection: "close" } })).json()) as { hostname: string }; // podinfo's own
    names.add(answer.hostname);
  }
  return names;
}

async function etcdctl(...args: string[]): Promise<string> {
  const pki = "/etc/kubernetes/pki/etcd";
  const tls = [`--cacert=${pki}/ca.crt`, `--cert=${pki}/server.crt`, `--key=${pki}/server.key`];
  return kubectl("exec", "-n", "kube-system", "etcd-qke-worker-49-1", "--", "etcdctl", ...tls, ...args);
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
    60_000,
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
  assert.match(output, /curl http:\/\/10\.63\.\d+\.\d+\//);
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
  assert.ok(memory < 3, `${String(memory)} GiB`);
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

test("three replicas answer from this machine", async () => {
  assert.equal((await answering(await backendUrl())).size, 3);
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

test("a pod on each of the five nodes reaches the backend by its name", async () => {
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
      await checkFrom(pod, "http://backend.backend.svc.cluster.local/healthz"),
      /check succeed.*"status code": 200/,
      node,
    );
  }
});

test("a stub domain is answered by its own name server, and no other name outside by anybody", async () => {
  await withOutside(spec, state, [], async () => {
    for (const { name, node } of await livePods(state, "-l", "app=probe")) {
      const answer = await checkFrom(name, "http://www.corp.example/");
      assert.match(
        answer,
        new RegExp(`check failed.*${corporateAddress.replaceAll(".", "\\.")}:80.*unreachable`),
        node,
      );
      assert.match(await checkFrom(name, "http://www.example.org/"), /check failed.*lookup www\.example\.org.*(no such host|server misbehaving)/, node);
    }
  });
});

test("a CoreDNS pod is deleted under 200 lookups and requests a second from all nodes, and none is lost", async () => {
  const pods = await livePods(state, "-l", "app=probe");
  const name = "backend.backend.svc.cluster.local";
  const every = String((1000 * pods.length) / 200);
  const clients = pods.map((pod) => inside(pod.place(), "lookups.ts", [spec.dnsAddress, name, "80", every]));
  const dns = ["-n", "kube-system", "-l", "k8s-app=kube-dns"];
  const victim = await kubectl("get", "pods", ...dns, "-o", "jsonpath={.items[0].metadata.name}");
  await sleep(2000);
  const start = performance.now();
  await kubectl("delete", "pod", "-n", "kube-system", victim, "--wait=true");
  await kubectl("rollout", "status", "deployment/coredns", "-n", "kube-system", "--timeout=60s");
  const back = ((performance.now() - start) / 1000).toFixed(1);
  await sleep(3000);
  for (const client of clients) client.stdin?.end();
  const printed = await Promise.all(clients);
  const answers = printed.flatMap(({ stdout }) => JSON.parse(stdout as string) as Answer[]); // lookups.ts prints these
  figures.push(`a CoreDNS pod deleted, its successor ready after ${back} s: ${summary(answers)}`);
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

test("kubectl logs, port-forward and top work", async () => {
  assert.match(await kubectl("logs", "-n", "backend", "deployment/backend", "--tail=50"), /Starting HTTP Server/);
  await until(
    "kubectl top",
    60_000,
    async () => (await kubectl("top", "nodes", "--no-headers")).trim().split("\n").length === 5,
  );
  const port = await freePort();
  const forward = spawn(
    toolPath("kubectl"),
    ["--kubeconfig", state.kubeconfig, "port-forward", "-n", "backend", "service/backend", `${String(port)}:80`],
    { stdio: "ignore" },
  );
  try {
    await until(
      "the forwarded port",
      20_000,
      async () => (await fetch(`http://127.0.0.1:${String(port)}/healthz`)).ok,
      200,
    );
  } finally {
    forward.kill();
  }
});

test("a backend pod is deleted under requests, and none is lost", async () => {
  const url = await backendUrl();
  const victim = await kubectl("get", "pods", "-n", "backend", "-o", "jsonpath={.items[0].metadata.name}");
  const answers = await during(url, async () => {
    await sleep(1000);
    await kubectl("delete", "pod", "-n", "backend", victim, "--wait=true");
    await kubectl("rollout", "status", "deployment/backend", "-n", "backend", "--timeout=60s");
    await sleep(2000);
  });
  figures.push(`a backend pod deleted: ${summary(answers)}`);
  assert.deepEqual(failures(answers), []);
});

test("the node that holds the API address is lost and comes back: the API and the backend go on", async () => {
  const url = await backendUrl();
  const holder = await apiAddressHolder(state);
  const node = spec.nodes.find((n) => n.name === holder);
  assert.ok(node !== undefined, `${holder} holds the API address`);
  let api = 0;
  const answers = await during(url, async () => {
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
    const answers = await during(url, () => sleep(5_000));
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
  await until("thirty answers in a row, of three replicas", 30_000, async () => (await answering(url)).size === 3);
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
  assert.equal((await readyNodes(state)).length, 5);
  const dns = await livePods(state, "-n", "kube-system", "-l", "k8s-app=kube-dns");
  assert.equal(new Set(dns.map(({ node }) => node)).size, 2, "the cluster's DNS is not what it was");
  for (const { name, node } of await livePods(state, "-l", "app=probe")) {
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
