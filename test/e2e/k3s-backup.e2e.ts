/**
 * Backups of a k3s cluster: the program with the arguments of the component, an etcd behind TLS and an API server that
 * encrypts Secrets, all in folders as k3s lays them out. k3s itself is not there.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { drill } from "../../backup/drill.ts";
import { raisedDatabase } from "../../backup/k3s-restore.ts";
import { bump } from "../../backup/reset-plan.ts";
import { Scratch } from "../../backup/scratch.ts";
import { backupTool, openBundle } from "../../backup/snapshot.ts";
import { drillText } from "../../backup/verdict.ts";
import { planEtcdBackup } from "../../components/etcd-backup-plan.ts";
import { etcdHomeOf } from "../../components/etcd-home.ts";
import { run, until } from "../../embedded/run.ts";
import { snapshotTools } from "../../scripts/snapshots.ts";
import { root } from "../../scripts/stack.ts";
import { ensureTools, toolPath } from "../../toolchain/index.ts";
import { definition, named } from "./gadgets.ts";
import { LoneEtcd } from "./lone-etcd.ts";
import { long } from "./long.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-k3s-backup-e2e-"));
const at = (...parts: string[]) => join(folder, ...parts);
/** What stands for /var/lib/rancher/k3s/server. */
const server = at("server");
const address = "127.77.9.1";
/** Where the API server of this test finds etcd, which on a server of k3s is one process with it. */
const inside = `http://${address}:2378`;
const planted = "the-only-copy-of-this-password";
const secrets = 20;
const joinToken = `K10${"0".repeat(64)}::server:${randomBytes(16).toString("hex")}`;
const encryption = join(server, "cred", "encryption-config.json");

let etcd: ChildProcess | undefined;
let cluster: Scratch;
let clusterId = "";
let recipient = "";

const kubectl = (args: readonly string[], input?: string) =>
  run(toolPath("kubectl"), ["--kubeconfig", cluster.kubeconfig, ...args], input === undefined ? {} : { input });

const apply = (items: readonly object[]) =>
  kubectl(["apply", "--server-side", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));

/** An authority, and what it has signed for etcd and for its clients, under the names that k3s gives them. */
async function certificates(to: string): Promise<void> {
  mkdirSync(to, { recursive: true });
  const file = (name: string) => join(to, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const own = ["-keyout", file("server-ca.key"), "-out", file("server-ca.crt")];
  await run("openssl", ["req", "-x509", ...key, ...own, "-subj", "/CN=etcd-server-ca", "-days", "2"]);
  for (const [name, says] of [
    ["server-client", `subjectAltName=IP:${address}`],
    ["client", "extendedKeyUsage=clientAuth"],
  ] as const) {
    writeFileSync(at("extensions"), `${says}\n`);
    const request = ["-keyout", file(`${name}.key`), "-out", at("request"), "-subj", `/CN=etcd-${name}`];
    await run("openssl", ["req", ...key, ...request]);
    const by = ["-CA", file("server-ca.crt"), "-CAkey", file("server-ca.key"), "-CAcreateserial"];
    const signed = ["-in", at("request"), "-out", file(`${name}.crt`), "-days", "2", "-extfile", at("extensions")];
    await run("openssl", ["x509", "-req", ...by, ...signed]);
  }
}

async function startEtcd(tls: string): Promise<void> {
  const outside = `https://${address}:2379`;
  const flags = {
    "data-dir": join(server, "db", "etcd"),
    "listen-client-urls": `${outside},${inside}`,
    "advertise-client-urls": outside,
    "listen-peer-urls": `http://${address}:2380`,
    "initial-advertise-peer-urls": `http://${address}:2380`,
    "initial-cluster": `default=http://${address}:2380`,
    "trusted-ca-file": join(tls, "server-ca.crt"),
    "cert-file": join(tls, "server-client.crt"),
    "key-file": join(tls, "server-client.key"),
    "log-level": "error",
  };
  const args = [...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`), "--client-cert-auth"];
  etcd = spawn(toolPath("etcd"), args, { stdio: "ignore" });
  await until("etcd to be healthy", 60_000, async () => (await fetch(`${inside}/health`)).ok, 50);
}

/** As k3s writes it with `secrets-encryption`. */
const encrypted = (secret: string) => ({
  kind: "EncryptionConfiguration",
  apiVersion: "apiserver.config.k8s.io/v1",
  resources: [
    { resources: ["secrets"], providers: [{ aescbc: { keys: [{ name: "aescbckey", secret }] } }, { identity: {} }] },
  ],
});

before(async () => {
  await ensureTools(snapshotTools);
  await run(toolPath("age-keygen"), ["-o", at("identity")]);
  recipient = (await run(toolPath("age-keygen"), ["-y", at("identity")])).trim();
  const tls = join(server, "tls", "etcd");
  await certificates(tls);
  mkdirSync(join(server, "cred"));
  writeFileSync(encryption, JSON.stringify(encrypted(randomBytes(32).toString("base64"))), { mode: 0o600 });
  writeFileSync(join(server, "token"), `${joinToken}\n`, { mode: 0o600 });
  await startEtcd(tls);
  cluster = await Scratch.start({ folder: at("api"), etcd: inside, encryption });
  clusterId = await kubectl(["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"]);
  await kubectl(["create", "namespace", "shop"]);
  await apply([definition]);
  await kubectl(["wait", "--for=condition=Established", "--timeout=60s", "crd", "gadgets.quintet.dev"]);
  await apply([
    ...Array.from({ length: secrets }, (_, index) => ({
      apiVersion: "v1",
      kind: "Secret",
      metadata: named(`s${String(index)}`),
      stringData: { password: planted },
    })),
    { apiVersion: "v1", kind: "ConfigMap", metadata: named("in-clear"), data: { said: "everybody-may-read-this" } },
    { apiVersion: "quintet.dev/v1", kind: "Gadget", metadata: named("one"), size: 3 },
  ]);
  // What k3s keeps in etcd beside the API server's.
  for (const key of ["/bootstrap/0123456789ab", "k3s/apiaddresses"]) {
    await run(toolPath("etcdctl"), ["--endpoints", inside, "put", key, "k3s' own"]);
  }
});

after(async () => {
  await cluster[Symbol.asyncDispose]();
  etcd?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Takes a snapshot as the Job does on a server; the paths are of this test's folder. */
async function save(without?: string): Promise<string> {
  const { cronJob } = planEtcdBackup(
    {
      image: "unused",
      schedule: "*/15 * * * *",
      recipients: [recipient],
      retention: { last: 96, within: "24h" },
      local: { directory: at("backups") },
      kubernetesVersion: "v1.36.3+k3s1",
      home: etcdHomeOf({ etcdHome: "k3s" }),
    },
    "",
  );
  const [container] = cronJob.spec.jobTemplate.spec.template.spec.containers;
  assert.ok(container);
  const fields: Readonly<Record<string, string>> = {
    NODE_ADDRESS: address,
    NODE_NAME: "qke-master",
    CLUSTER_ID: clusterId,
    JOB_NAME: "etcd-backup-29000000",
  };
  const args = container.args
    .map((arg) => arg.replaceAll(/\$\((\w+)\)/g, (_, name: string) => fields[name] ?? ""))
    .map((arg) => arg.replaceAll("/var/lib/rancher/k3s/server", server))
    .filter((arg) => without === undefined || !arg.endsWith(`:${without}`));
  return ((await backupTool(args)) as { bundle: string }).bundle; // save's own
}

async function drilled(bundle: string) {
  const work = mkdtempSync(at("drill-"));
  try {
    return await drill({ bundle, identity: at("identity"), clusterId, live: cluster.kubeconfig, folder: work });
  } finally {
    rmSync(work, { recursive: true });
  }
}

let bundle = "";

test("a snapshot comes in with k3s' certificate, and carries the token and what Secrets are encrypted with", async () => {
  bundle = await save();
  const into = at("opened");
  const { kubernetesVersion, reason } = await openBundle({ bundle, identity: at("identity"), clusterId, into });
  assert.deepEqual([kubernetesVersion, reason], ["v1.36.3+k3s1", "schedule"]);
  assert.equal(readFileSync(join(into, "pki", "token"), "utf8"), `${joinToken}\n`);
  for (const kept of ["cred/encryption-config.json", "tls/etcd/server-ca.crt", "tls/etcd/server-ca.key"]) {
    assert.deepEqual(readFileSync(join(into, "pki", kept)), readFileSync(join(server, kept)));
  }
  const database = readFileSync(join(into, "etcd.db"));
  assert.ok(!database.includes(planted) && database.includes("everybody-may-read-this"));
  rmSync(into, { recursive: true });
});

test("a drill reads every object of it, Secrets among them, and all are equal", async () => {
  const result = await drilled(bundle);
  assert.ok(result.ok, drillText(result));
  const { equal = 0, unproven = 0 } = { ...result.compared?.counts };
  assert.ok(equal > secrets && unproven === 0, drillText(result));
});

// An API server tries for a minute and a half to read what it cannot.
test("without the key of Secrets a drill is red, and says what cannot be read", { skip: !long }, async () => {
  const result = await drilled(await save("cred"));
  assert.deepEqual(
    result.faults.map(({ reason }) => reason),
    ["undecoded", "undecoded", "missing"],
    drillText(result),
  );
  assert.match(drillText(result), /The objects of \/secrets cannot be read/);
});

test("what k3s is given to restore is whole, and ahead of every revision that was seen", async () => {
  const into = at("opened-again");
  const { revision } = await openBundle({ bundle, identity: at("identity"), clusterId, into });
  const raised = await raisedDatabase(join(into, "etcd.db"), into);
  await run(toolPath("etcdutl"), ["snapshot", "restore", raised, "--data-dir", at("by-k3s")]); // as k3s does, hash and all
  await using again = await LoneEtcd.start(at("by-k3s"));
  const [kept, next] = [await again.all("/registry/configmaps/shop/"), await again.set("next", "")];
  assert.ok(next > revision + bump, String(next));
  assert.ok([...kept.values()].join("").includes("everybody-may-read-this"));
  rmSync(into, { recursive: true });
});

test("a Secret that was deleted comes back with its content", async () => {
  await kubectl(["delete", "secret", "s7", "-n", "shop"]);
  const target = ["--kubeconfig", cluster.kubeconfig, "--cluster-id", clusterId, "--identity", at("identity")];
  const what = ["--namespace", "shop", "--object", "secret/s7", "--snapshot", bundle, "--directory", at("backups")];
  const { exitCode, stderr } = await execa(
    process.execPath,
    [join(root, "scripts", "restore.ts"), ...target, ...what, "--yes"],
    { reject: false },
  );
  assert.equal(exitCode, 0, stderr);
  const found = await kubectl(["get", "secret", "s7", "-n", "shop", "-o", "jsonpath={.data.password}"]);
  assert.equal(Buffer.from(found, "base64").toString(), planted);
});
