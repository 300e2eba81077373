/**
 * A cluster goes from one minor release of Kubernetes to the next with requests to its backend all the while, is killed
 * on the way and goes on; then its certificates are renewed. `npm run test:upgrade`.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { Agent as PlainAgent, request as plain } from "node:http";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { parse } from "yaml";
import { BackupStore } from "../../embedded/backups.ts";
import { readCertificates } from "../../embedded/certificate-files.ts";
import { existing } from "../../embedded/cluster.ts";
import { apply, clusterUid, kubectl, readyNodes } from "../../embedded/kubectl.ts";
import { waitForQuorum } from "../../embedded/quorum.ts";
import { saveBefore } from "../../embedded/restore.ts";
import { until } from "../../embedded/run.ts";
import { apiPort, controlPlane, labCluster } from "../../embedded/spec.ts";
import { ClusterState } from "../../embedded/state.ts";
import { readVersions } from "../../embedded/upgrade-facts.ts";
import { root } from "../../scripts/stack.ts";
import { versions } from "../../versions.ts";
import { type Answer, failures, longestGap, statusOf, steadily, summary } from "./load.ts";
import { added, traces, type Traces } from "./machine.ts";
import { backend, contentOf, keepsakes, nodePort, stuck, upgraded } from "./upgrade-objects.ts";

const [from, to] = Object.keys(versions.kubernetesReleases) as [string, string]; // the oldest first
const ranges = {
  name: "quintet-upgrade",
  subnet: "172.20.41.0/24",
  podCidr: "10.64.0.0/16",
  serviceCidr: "10.65.0.0/16",
};
const spec = labCluster({ ...ranges, kubernetes: from });
const state = new ClusterState(spec.name);
const members = controlPlane(spec);
const cli = join(root, "embedded/cli.ts");
const named = ["--name", spec.name];
const up = [
  ...["up", ...named, "--subnet", spec.subnet, "--pod-cidr", spec.podCidr, "--service-cidr", spec.serviceCidr],
];
const figures: string[] = [];
let before: Traces;

/** Runs one of the project's programs; what it ends with is the caller's to judge. */
async function program(file: string, ...args: string[]) {
  const both = { stdout: ["pipe", "inherit"], stderr: ["pipe", "inherit"] } as const;
  const result = await execa(process.execPath, [file, ...args], { cwd: root, stdin: "ignore", reject: false, ...both });
  return { code: result.exitCode, says: `${result.stdout}\n${result.stderr}` };
}

const cluster = (...args: string[]) => program(cli, ...args);

async function done(...args: string[]): Promise<string> {
  const { code, says } = await cluster(...args);
  assert.equal(code, 0, args.join(" "));
  return says;
}

after(async () => {
  await cluster("down", ...named);
  console.log(`\nFigures:\n${figures.map((line) => `  ${line}`).join("\n")}`);
});

/** What is on the cluster that nothing may change. */
const kept = () => contentOf(state, "configmaps,secrets", "-l", "kept=yes");

/** The names of all that is not there for a moment only. */
async function names(): Promise<string[]> {
  const kinds =
    "deployments,daemonsets,services,configmaps,secrets,serviceaccounts,poddisruptionbudgets,roles,rolebindings";
  const wide = "namespaces,nodes,clusterroles,clusterrolebindings,customresourcedefinitions,priorityclasses";
  const text = await Promise.all(
    [[kinds, "--all-namespaces"], [wide]].map((words) =>
      kubectl(state, [
        "get",
        ...words,
        "--no-headers",
        "-o",
        "custom-columns=K:.kind,S:.metadata.namespace,N:.metadata.name",
      ]),
    ),
  );
  const lines = text.flatMap((one) => one.split("\n").map((line) => line.trim().replace(/\s+/g, " ")));
  return lines.filter((line) => !line.includes("bootstrap-token-")).sort(); // they end by themselves
}

/** Sends requests to the backend through every node, and to the API through the cluster's address, until `work` ends. */
async function underLoad(work: () => Promise<void>): Promise<{ readonly backend: Answer[]; readonly api: Answer[] }> {
  const fresh = new PlainAgent({ keepAlive: false });
  const ca = caOf(readFileSync(state.kubeconfig, "utf8"));
  const secure = new Agent({ keepAlive: false, ca });
  let next = 0;
  const askBackend = () => {
    const host = spec.nodes[next++ % spec.nodes.length]?.address ?? "";
    return statusOf(plain({ host, port: nodePort, path: "/", agent: fresh, timeout: 5_000 }));
  };
  const askApi = () =>
    statusOf(request({ host: spec.apiAddress, port: apiPort, path: "/readyz", agent: secure, timeout: 1_000 }));
  let api: Answer[] = [];
  const answers = await steadily(100, askBackend, async () => {
    api = await steadily(10, askApi, work);
  });
  return { backend: answers, api };
}

function caOf(kubeconfig: string): string {
  const { clusters } = parse(kubeconfig) as { clusters: [{ cluster: { "certificate-authority-data": string } }] }; // kubeadm's
  return Buffer.from(clusters[0].cluster["certificate-authority-data"], "base64").toString();
}

/** A run of the upgrade whose lines are passed on with their time; `stop` says at which one it is killed. */
async function upgrade(
  onLine: (line: string) => void,
  stop: (line: string) => boolean = () => false,
): Promise<number | null> {
  const child = spawn(process.execPath, [cli, "upgrade", ...named, "--to", to], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  createInterface(child.stdout).on("line", (line) => {
    console.log(line);
    onLine(line);
    if (stop(line)) child.kill("SIGKILL");
  });
  return new Promise((resolve) => child.once("close", resolve));
}

test(`nothing of an earlier run is left, and a cluster of ${from} comes up`, async () => {
  await done("check");
  await done("down", ...named);
  before = await traces();
  const start = performance.now();
  await done(...up, "--kubernetes", from);
  figures.push(`up of ${from}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  const seen = await readVersions(spec, state);
  assert.deepEqual([seen.recorded, seen.kubeadm, seen.kubeProxy], [from, from, from]);
  for (const node of seen.nodes) assert.deepEqual([...new Set([node.kubelet, ...node.components])], [from], node.name);
  await apply(state, [upgraded]);
  await apply(state, [...backend, ...keepsakes]);
  await kubectl(state, ["rollout", "status", "deployment/backend", "-n", upgraded.metadata.name, "--timeout=120s"]);
});

test("it stays of its release, and another one is an upgrade's", async () => {
  const { code, says } = await cluster(...up, "--kubernetes", to);
  assert.equal(code, 1);
  assert.match(says, new RegExp(`upgrade --name ${spec.name} --to ${to.replaceAll(".", "\\.")}`));
  assert.equal(existing(spec.name)?.kubernetesVersion, from);
});

for (const [what, version, why] of [
  ["back", "v1.34.0", /would go back from v1\.35\.4 to v1\.34\.0/],
  ["over two minor releases", "v1.37.0", /skip a minor release/],
  ["to a version without tools", "v1.36.99", /no tools of v1\.36\.99 here\. There are: v1\.35\.4, v1\.36\.3/],
] as const) {
  test(`an upgrade ${what} is refused`, async () => {
    const { code, says } = await cluster("upgrade", ...named, "--to", version);
    assert.equal(code, 1);
    assert.match(says, why);
  });
}

test("without a drill nothing is begun", async () => {
  const { code, says } = await cluster("upgrade", ...named, "--to", to);
  assert.equal(code, 1);
  assert.match(says, /No snapshot has been drilled/);
  const { nodes } = await readVersions(spec, state);
  assert.deepEqual(
    nodes.filter((node) => node.cordoned || node.kubelet !== from),
    [],
  );
});

test("a budget that allows no disruption is found before anything is touched", async () => {
  await apply(state, stuck);
  await kubectl(state, ["rollout", "status", "deployment/stuck", "-n", upgraded.metadata.name, "--timeout=120s"]);
  await until("the budget to count its pod", 30_000, async () => {
    const healthy = ["get", "pdb", "stuck", "-n", upgraded.metadata.name, "-o", "jsonpath={.status.currentHealthy}"];
    return (await kubectl(state, healthy)) === "1";
  });
  for (const words of [["--check"], ["--waive", "of no use against what blocks"]]) {
    const { code, says } = await cluster("upgrade", ...named, "--to", to, ...words);
    assert.equal(code, 1);
    assert.match(says, /BLOCKS {2}PodDisruptionBudget upgraded\/stuck: allows 0 disruptions/);
  }
  assert.deepEqual(
    (await readVersions(spec, state)).nodes.filter(({ cordoned }) => cordoned),
    [],
  );
  await kubectl(state, ["delete", "-n", upgraded.metadata.name, "pdb/stuck", "deployment/stuck", "--wait"]);
});

test("a drill of a snapshot is green, and nothing stands against the upgrade", async () => {
  const { recipient } = await new BackupStore(spec.name).facts(spec);
  const of = { clusterId: await clusterUid(state), recipients: [recipient] };
  await saveBefore(spec, state, members[0]?.name ?? "", of, "by-hand");
  const { code } = await program(join(root, "scripts/drill.ts"), ...named);
  assert.equal(code, 0);
  assert.match(await done("upgrade", ...named, "--to", to, "--check"), /Nothing stands against it|warns/);
});

test(`it goes from ${from} to ${to} under load, is killed on the way, and goes on`, async () => {
  const [objects, there, etcd] = [await kept(), await names(), await etcdImages()];
  const spans = new Map<string, number[]>();
  const start = performance.now();
  const seen = (line: string) => {
    const node = /(\S+): kubeadm upgrade/.exec(line)?.[1];
    if (node !== undefined) spans.set(node, [...(spans.get(node) ?? []), performance.now() - start]);
  };
  const second = members[1]?.name ?? "";
  const { backend: answers, api } = await underLoad(async () => {
    const killed = await upgrade(seen, (line) => line.includes(`${second}: its pods move`));
    assert.equal(killed, null, "it was done before it could be killed");
    assert.equal(existing(spec.name)?.kubernetesVersion, from, "it is recorded before it is done");
    assert.equal(await upgrade(seen), 0);
  });
  figures.push(`upgrade: ${((performance.now() - start) / 1000).toFixed(0)} s, killed once`);
  figures.push(`backend at 100 requests/s: ${summary(answers)}`);
  figures.push(`API at 10 requests/s: ${summary(api)}; longest gap ${String(Math.round(longestGap(api)))} ms`);
  for (const { name } of members) {
    const [since = 0, end = Infinity] = [spans.get(name)?.[0], spans.get(name)?.at(-1)];
    figures.push(`  longest gap while ${name} was upgraded: ${String(Math.round(longestGap(api, since, end)))} ms`);
  }
  assert.deepEqual(failures(answers), []);
  const now = await readVersions({ ...spec, kubernetesVersion: to }, state);
  assert.deepEqual([now.kubeadm, now.kubeProxy, existing(spec.name)?.kubernetesVersion], [to, to, to]);
  for (const node of now.nodes) {
    assert.deepEqual([...new Set([node.kubelet, ...node.components])], [to], node.name);
    assert.equal(node.cordoned, false, node.name);
  }
  assert.deepEqual((await readyNodes(state)).sort(), spec.nodes.map(({ name }) => name).sort());
  assert.deepEqual(await etcdImages(), etcd);
  assert.deepEqual(await kept(), objects);
  const after = new Set(await names());
  assert.deepEqual(
    there.filter((line) => !after.has(line)),
    [],
  );
});

async function etcdImages(): Promise<string> {
  const image = "jsonpath={.items[*].spec.containers[0].image}";
  return kubectl(state, ["get", "pods", "-n", "kube-system", "-l", "component=etcd", "-o", image]);
}

test("the same upgrade once more has nothing to do, and up keeps the release", async () => {
  assert.match(await done("upgrade", ...named, "--to", to), /there is nothing to do/);
  await done(...up);
  assert.equal(existing(spec.name)?.kubernetesVersion, to);
});

test("each node of the control plane is lost in turn, and the API goes on", async () => {
  const gaps: string[] = [];
  for (const { name } of members) {
    const { api } = await underLoad(async () => {
      await sleep(2_000);
      await done("stop", ...named, name);
      await until(`${name} to be seen as lost`, 120_000, async () => !(await readyNodes(state)).includes(name));
      await done("start", ...named, name);
      await until(`${name} to be Ready`, 180_000, async () => (await readyNodes(state)).includes(name));
      await waitForQuorum(spec, state);
      await whole();
    });
    const gap = longestGap(api) / 1000;
    gaps.push(`${name} ${gap.toFixed(1)} s`);
    assert.ok(gap < 30, `${gap.toFixed(1)} s without an API while ${name} was lost`);
  }
  await sleep(unanswered);
  figures.push(
    `longest gap of the API at 10 requests/s while a node of the control plane was lost: ${gaps.join(", ")}`,
  );
});

/**
 * For how long a node remembers where it has led a call that nobody answered (nf_conntrack_tcp_timeout_syn_sent): the next
 * one from the same port of the same client goes there, too. One client that opens a hundred a second comes by it again.
 */
const unanswered = 120_000;

/** The kubelet that comes back keeps a pod's readiness, and its address, until it has probed the new container. */
async function whole(): Promise<void> {
  await kubectl(state, ["rollout", "status", "deployment/backend", "-n", upgraded.metadata.name, "--timeout=120s"]);
  await until("15 s of requests to the backend without a failure", 180_000, async () => {
    const { backend: answers } = await underLoad(() => sleep(15_000));
    return failures(answers).length === 0;
  });
}

test("certificates are told, renewed one node after the other, and the cluster works with the new ones", async () => {
  assert.match(await done("certificates", ...named), /\d+ certificates: none ends within 90 days/);
  const made = () =>
    readCertificates(spec, state)
      .filter(({ file }) => !file.includes("ca.crt") && !file.includes("/kubelet"))
      .map((one) => [`${one.node} ${one.file}`, Date.parse(one.expires)] as const);
  const old = new Map(made());
  const login = readFileSync(state.kubeconfig, "utf8");
  const { backend: answers, api } = await underLoad(async () => {
    await done("certificates", ...named, "--renew");
  });
  figures.push(`renewal, backend: ${summary(answers)}`);
  figures.push(`renewal, API: longest gap ${String(Math.round(longestGap(api)))} ms`);
  assert.deepEqual(failures(answers), []);
  const later = made();
  assert.ok(later.length > 20, String(later.length));
  for (const [name, expires] of later) assert.ok(expires > (old.get(name) ?? Infinity), name);
  assert.notEqual(readFileSync(state.kubeconfig, "utf8"), login);
  assert.equal(await kubectl(state, ["get", "--raw", "/readyz"]), "ok");
  await kubectl(state, ["rollout", "restart", "deployment/backend", "-n", upgraded.metadata.name]);
  await kubectl(state, ["rollout", "status", "deployment/backend", "-n", upgraded.metadata.name, "--timeout=180s"]);
});

test("down leaves nothing behind", async () => {
  await done("down", ...named);
  assert.deepEqual(added(before, await traces()), []);
});
