/**
 * The export of objects, by a real API server on a real etcd and a real S3 service on this machine: no cluster is needed.
 * The program has the rights that the component gives it, and no more.
 */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { parse } from "yaml";
import { drill } from "../../backup/drill.ts";
import { type Manifest as KubeManifest, stripped } from "../../backup/objects.ts";
import { Scratch } from "../../backup/scratch.ts";
import { drillText } from "../../backup/verdict.ts";
import { objectBackupName, objectBackupNamespace, planObjectBackup } from "../../components/object-backup-plan.ts";
import { BackupStore, type S3Credentials } from "../../embedded/backups.ts";
import { owner } from "../../embedded/owner.ts";
import { run, until } from "../../embedded/run.ts";
import { snapshotTools } from "../../scripts/snapshots.ts";
import { root } from "../../scripts/stack.ts";
import { ensureTools, toolPath } from "../../toolchain/index.ts";
import { freePort } from "./fixtures.ts";
import { definition, named } from "./gadgets.ts";
import { serveStore } from "./lone-s3.ts";

interface Exported {
  readonly name: string;
  readonly totalKeys: number;
  readonly revision: number;
  readonly leftOut: readonly string[];
  readonly uploaded: boolean;
  readonly removed: readonly string[];
}

const folder = mkdtempSync(join(tmpdir(), "quintet-export-e2e-"));
const at = (...parts: string[]) => join(folder, ...parts);
const planted = "the-only-copy-of-this-password";
const [gadgets, settings] = [250, 20]; // more than two pages of a hundred
const exits = { otherCluster: 12, notUploaded: 18, apiDenied: 19 };
const started = performance.now();
const store = new BackupStore("export-e2e", at("stores"));

let cluster: Scratch;
let clusterId = "";
let recipient = "";
let server = "";
let login: S3Credentials;
let service: ChildProcess | undefined;
let where: readonly string[] = [];

const kubectl = (args: readonly string[], input?: string) =>
  run(toolPath("kubectl"), ["--kubeconfig", cluster.kubeconfig, ...args], input === undefined ? {} : { input });

const apply = (items: readonly object[]) =>
  kubectl(["apply", "--server-side", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));

const numbered = (count: number) => Array.from({ length: count }, (_, index) => String(index));

const content = (): object[] => [
  ...numbered(gadgets).map((n) => ({
    apiVersion: "quintet.dev/v1",
    kind: "Gadget",
    metadata: named(`g${n}`),
    spec: { size: Number(n), text: `<&> ${planted} ${n}`, exact: 0.1, list: [n, null] },
  })),
  ...numbered(settings).map((n) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: named(`s${n}`),
    data: { n },
  })),
  { apiVersion: "v1", kind: "Secret", metadata: named("login"), stringData: { password: planted } },
  { apiVersion: "v1", kind: "ServiceAccount", metadata: named("shop") },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: named("till"),
    spec: {
      selector: { matchLabels: { app: "till" } },
      template: {
        metadata: { labels: { app: "till" } },
        spec: { containers: [{ name: "till", image: "shop.example/till:1" }] },
      },
    },
  },
  { apiVersion: "v1", kind: "Event", metadata: named("said"), involvedObject: { namespace: "shop" }, reason: "Said" },
];

const kinds = "gadgets.quintet.dev,configmaps,secrets,serviceaccounts,deployments";

/** What the namespace has, as somebody would apply it. */
async function inShop(): Promise<KubeManifest[]> {
  const { items } = JSON.parse(await kubectl(["get", kinds, "-n", "shop", "-o", "json"])) as { items: KubeManifest[] }; // kubectl's
  return items.map(stripped).sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
}

const nameOf = ({ kind = "", metadata }: KubeManifest) => `${kind} ${metadata.name}`;

/** An account with the rights of the component, and one with none: files with their tokens. */
async function accounts(): Promise<void> {
  const { rights, serviceAccount } = planObjectBackup(
    { image: "", schedule: "", recipients: [], retention: { last: 1, within: "1h" } },
    "",
  );
  const { metadata } = serviceAccount;
  const account = { kind: "ServiceAccount", name: metadata.name, namespace: objectBackupNamespace };
  await kubectl(["create", "namespace", objectBackupNamespace]);
  await apply([
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { ...metadata, namespace: objectBackupNamespace } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "nobody", namespace: objectBackupNamespace } },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata, rules: rights.cluster },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: metadata.name },
      subjects: [account],
    },
  ]);
  for (const name of [objectBackupName, "nobody"]) {
    writeFileSync(at(name), await kubectl(["create", "token", name, "-n", objectBackupNamespace]), { mode: 0o600 });
  }
}

before(async () => {
  await ensureTools([...snapshotTools, "versitygw"]);
  for (const name of ["identity", "stranger"]) await run(toolPath("age-keygen"), ["-o", at(name)]);
  recipient = (await run(toolPath("age-keygen"), ["-y", at("identity")])).trim();
  login = await store.prepare(owner());
  const port = await freePort();
  service = serveStore(store, port);
  const endpoint = `http://127.0.0.1:${String(port)}`;
  where = ["--s3-endpoint", endpoint, "--s3-bucket", "etcd-backups"];
  await until("the S3 service", 20_000, async () => (await fetch(`${endpoint}/healthz`)).ok, 50);

  cluster = await Scratch.start({ folder: at("cluster") });
  const config = parse(readFileSync(cluster.kubeconfig, "utf8")) as {
    clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
  }; // Scratch wrote it
  const [own] = config.clusters;
  assert.ok(own);
  ({ server } = own.cluster);
  writeFileSync(at("ca.crt"), Buffer.from(own.cluster["certificate-authority-data"], "base64"));
  clusterId = await kubectl(["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"]);
  await kubectl(["create", "namespace", "shop"]);
  await apply([definition]);
  await kubectl(["wait", "--for=condition=Established", "--timeout=60s", "crd", "gadgets.quintet.dev"]);
  await apply(content());
  await accounts();
  mkdirSync(at("work"));
});

after(async () => {
  service?.kill();
  await cluster[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
  console.log(`All of it has taken ${((performance.now() - started) / 1000).toFixed(0)} s.`);
});

interface How {
  readonly id?: string;
  readonly token?: string;
  readonly secretKey?: string;
  readonly more?: readonly string[];
}

/** Runs the program as the Job does; what it ends with is the caller's to judge, and it leaves nothing in clear. */
async function exported({ id = clusterId, token = objectBackupName, secretKey, more = [] }: How = {}) {
  const who = ["--server", server, "--ca", at("ca.crt"), "--token", at(token), "--cluster-id", id];
  const args = ["export", ...who, "--recipient", recipient, "--directory", at("work"), ...where, ...more, "--json"];
  const env = { AWS_ACCESS_KEY_ID: login.accessKeyId, AWS_SECRET_ACCESS_KEY: secretKey ?? login.secretAccessKey };
  const { exitCode, stdout, stderr } = await execa(toolPath("etcd-backup"), args, { reject: false, env });
  assert.deepEqual(readdirSync(at("work")), []);
  return { exitCode, stdout, stderr };
}

async function newExport(more: readonly string[] = []): Promise<Exported> {
  const { exitCode, stdout, stderr } = await exported({ more });
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout) as Exported; // export's own
}

const bundleOf = (name: string) => join(store.objects, clusterId, name);

/** What `npm run restore` runs, as an operator of a cluster that is not embedded types it. */
async function restore(args: readonly string[], key = "identity") {
  const target = ["--kubeconfig", cluster.kubeconfig, "--cluster-id", clusterId, "--identity", at(key), ...where];
  const env = { AWS_ACCESS_KEY_ID: login.accessKeyId, AWS_SECRET_ACCESS_KEY: login.secretAccessKey };
  const command = [join(root, "scripts", "restore.ts"), ...target, "--yes", ...args];
  const { exitCode, stdout, stderr } = await execa(process.execPath, command, { reject: false, env });
  return { exitCode, stdout, stderr };
}

async function drilled(bundle: string, more: { readonly identity?: string; readonly clusterId?: string } = {}) {
  const work = mkdtempSync(at("drill-"));
  const result = await drill({
    bundle,
    identity: at("identity"),
    clusterId,
    live: cluster.kubeconfig,
    folder: work,
    ...more,
  });
  rmSync(work, { recursive: true });
  return result;
}

let first: Exported;

test("every object is in S3, encrypted, with the rights of the component alone", async () => {
  first = await newExport();
  assert.match(first.name, /^objects-\d{8}T\d{6}Z-[0-9a-f]{16}\.tar\.age$/);
  assert.ok(first.uploaded && first.totalKeys > gadgets + settings);
  assert.deepEqual(
    first.leftOut.filter((id) =>
      ["/events", "coordination.k8s.io/leases", "discovery.k8s.io/endpointslices"].includes(id),
    ),
    ["/events", "coordination.k8s.io/leases", "discovery.k8s.io/endpointslices"],
  );
  const files = readdirSync(store.dir, { recursive: true, encoding: "utf8" }).map((name) => store.file(name));
  const kept = files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file));
  assert.ok(kept.length >= 2);
  for (const secret of [planted, Buffer.from(planted).toString("base64"), "Gadget", "till"]) {
    assert.ok(!kept.some((bytes) => bytes.includes(secret)), secret);
  }
});

test("a drill reads all of it, and compares it object by object with what is there", async () => {
  const result = await drilled(bundleOf(first.name));
  assert.ok(result.ok, drillText(result));
  assert.equal(result.objects, first.totalKeys);
  assert.deepEqual(result.compared?.counts.equal, first.totalKeys, drillText(result));

  await kubectl(["delete", "gadget", "g7", "-n", "shop"]);
  await kubectl(["label", "gadget", "g8", "-n", "shop", "more=1"]);
  await apply([{ apiVersion: "v1", kind: "ConfigMap", metadata: named("since"), data: {} }]);
  const later = await drilled(bundleOf(first.name));
  assert.ok(later.ok, drillText(later));
  const { equal, changed, created, deleted } = later.compared?.counts ?? {};
  assert.deepEqual([equal, changed, created, deleted], [first.totalKeys - 2, 1, 1, 1], drillText(later));
});

test("a namespace that was emptied, one object and one that is in no namespace come back as they were", async () => {
  await kubectl(["delete", "configmap", "since", "-n", "shop"]);
  const listed = await restore(["--namespace", "shop", "--list"]);
  assert.equal(listed.exitCode, 0, listed.stderr);
  assert.ok(listed.stdout.includes("Gadget g7"));
  const one = await restore(["--namespace", "shop", "--object", "gadget/g7"]);
  assert.equal(one.exitCode, 0, one.stderr);
  assert.match(one.stdout, /gadget\.quintet\.dev\/g7 serverside-applied/);
  await kubectl(["label", "gadget", "g8", "-n", "shop", "more-"]);

  const whole = await inShop();
  assert.ok(whole.length > gadgets + settings);
  await kubectl(["delete", kinds, "--all", "-n", "shop", "--wait=false"]);
  assert.deepEqual(await inShop(), []);
  const all = await restore(["--namespace", "shop", "--snapshot", first.name]);
  assert.equal(all.exitCode, 0, all.stderr);
  assert.deepEqual(await inShop(), whole);

  await kubectl(["delete", "clusterrolebinding", objectBackupName]);
  const wide = await restore(["--object", `clusterrolebinding/${objectBackupName}`]);
  assert.equal(wide.exitCode, 0, wide.stderr);
  await newExport();
  const nothing = await restore([]);
  assert.match(nothing.stderr, /It is an export of objects, and etcd is somebody else's: say --namespace NAME/);
  const unsaid = await restore(["--list"]);
  assert.match(unsaid.stderr, /--list shows the objects of a --namespace, or one --object: say which\./);
  assert.deepEqual([nothing.exitCode, unsaid.exitCode], [1, 1]);
});

test("a wrong key, a changed byte, a cut and another cluster are each refused by a sentence of their own", async () => {
  const bundle = bundleOf(first.name);
  const strange = await restore(["--namespace", "shop"], "stranger");
  assert.match(strange.stderr, /This is the wrong key for /);
  const reasonsOf = async (file: string, more = {}) => (await drilled(file, more)).faults.map(({ reason }) => reason);
  assert.deepEqual(await reasonsOf(bundle, { identity: at("stranger") }), ["wrong-key"]);
  const other = "5d2f3c1e-0000-4000-8000-0000000000b2";
  assert.deepEqual(await reasonsOf(bundle, { clusterId: other }), ["another-cluster"]);
  const [copy, bytes] = [at("copy.tar.age"), readFileSync(bundle)];
  copyFileSync(bundle.replace(/\.tar\.age$/, ".json"), at("copy.json"));
  const changed = Buffer.from(bytes);
  const middle = bytes.length >> 1;
  changed[middle] = (changed[middle] ?? 0) ^ 1;
  writeFileSync(copy, changed);
  assert.deepEqual(await reasonsOf(copy), ["changed"]);
  writeFileSync(copy, bytes.subarray(0, bytes.length - 100));
  assert.deepEqual(await reasonsOf(copy), ["truncated"]);

  const elsewhere = await exported({ id: other });
  assert.match(
    elsewhere.stderr,
    /^The API server at \S+ is not of cluster \S+b2: its namespace kube-system has the uid/,
  );
  assert.equal(elsewhere.exitCode, exits.otherCluster);
});

test("an account without rights and a login that S3 denies end the export by a sentence of their own", async () => {
  const nobody = await exported({ token: "nobody" });
  assert.match(nobody.stderr, /^The API server at \S+ denies the reading of \/api\/v1\/namespaces: 403 /);
  assert.equal(nobody.exitCode, exits.apiDenied);
  const denied = await exported({ secretKey: "wrong" });
  assert.match(
    denied.stderr,
    /is kept nowhere and could not be brought to S3: S3 denies the access to s3:\/\/etcd-backups\//,
  );
  assert.equal(denied.exitCode, exits.notUploaded);
  for (const { stderr } of [nobody, denied]) assert.equal(stderr.trim().split("\n").length, 1);
});

test("what is too old goes, and the newest stays", async () => {
  const last = await newExport(["--keep-last", "1", "--keep-within", "0s"]);
  assert.ok(last.removed.includes(first.name));
  const names = readdirSync(join(store.objects, clusterId)).filter((name) => name.endsWith(".tar.age"));
  assert.deepEqual(names, [last.name]);
});
