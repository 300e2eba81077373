/**
 * Snapshots, drills and restores with real etcds and API servers on this machine alone: no cluster is needed. A test that
 * takes a snapshot away, breaks one or restores one says in its name what has to come of it.
 */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { Api } from "../../backup/api.ts";
import { compareWithLive, drill, type DrillOptions, readSnapshot } from "../../backup/drill.ts";
import { objectsOf } from "../../backup/objects.ts";
import { bump, planReset } from "../../backup/reset-plan.ts";
import { apiReader } from "../../backup/reader.ts";
import { Scratch } from "../../backup/scratch.ts";
import { backupTool, openBundle, Refused } from "../../backup/snapshot.ts";
import { findSnapshot } from "../../backup/sources.ts";
import { type DrillResult, drillText, mayChange, type Reason } from "../../backup/verdict.ts";
import { run } from "../../embedded/run.ts";
import { snapshotTools } from "../../scripts/snapshots.ts";
import { ensureTools, toolPath } from "../../toolchain/index.ts";
import { versions } from "../../versions.ts";
import { clientUrl, Etcd } from "./etcd-members.ts";
import { definition, named } from "./gadgets.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-drill-e2e-"));
const serviceCidr = "10.96.0.0/12";
let number = 0;
/** A new folder. */
const place = (): string => {
  const made = join(folder, String(++number));
  mkdirSync(made, { mode: 0o700 });
  return made;
};

/** A cluster without nodes, and what opens its snapshots. */
interface Cluster extends AsyncDisposable {
  readonly etcd: Etcd;
  /** Replaced when the API server is started anew. */
  api: Scratch;
  readonly id: string;
}

const keys = { own: { identity: "", recipient: "" }, other: { identity: "", recipient: "" } };
const clusters: Cluster[] = [];
let drills = 0;

before(async () => {
  await ensureTools(snapshotTools);
  for (const key of Object.values(keys)) {
    key.identity = join(place(), "identity.txt");
    await run(toolPath("age-keygen"), ["-o", key.identity]);
    key.recipient = (await run(toolPath("age-keygen"), ["-y", key.identity])).trim();
  }
});

after(async () => {
  for (const cluster of clusters) await cluster[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
  console.log(`${String(drills)} drills have ended as they had to.`);
});

const kubectl = (cluster: Cluster, args: readonly string[], input?: string) =>
  run(toolPath("kubectl"), ["--kubeconfig", cluster.api.kubeconfig, ...args], input === undefined ? {} : { input });

const apply = (cluster: Cluster, items: readonly object[]) =>
  kubectl(cluster, ["apply", "--server-side", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));

/** Starts a cluster and fills it with some hundred objects. */
async function startCluster(count: 1 | 3): Promise<Cluster> {
  const etcd = new Etcd(place(), count);
  await etcd.start();
  const api = await Scratch.start({ folder: join(place(), "api"), etcd: etcd.endpoints, serviceCidr });
  const dispose = async () => {
    await cluster.api[Symbol.asyncDispose]();
    await etcd[Symbol.asyncDispose]();
  };
  const cluster: Cluster = { etcd, api, id: "", [Symbol.asyncDispose]: dispose };
  clusters.push(cluster);
  // A controller makes it in whole clusters.
  await kubectl(cluster, ["create", "namespace", "shop"]);
  await apply(cluster, [definition]);
  await kubectl(cluster, ["wait", "--for=condition=Established", "--timeout=60s", "crd", "gadgets.quintet.dev"]);
  await apply(cluster, objects());
  const id = await kubectl(cluster, ["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"]);
  return Object.assign(cluster, { id });
}

function objects(): object[] {
  const times = (count: number, make: (name: string) => object) =>
    Array.from({ length: count }, (_, i) => make(`n${String(i)}`));
  const template = { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "a", image: "example/a:1" }] } };
  return [
    ...times(200, (name) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: named(name), data: { name } })),
    ...times(40, (name) => ({ apiVersion: "v1", kind: "Secret", metadata: named(name), stringData: { name } })),
    ...times(20, (name) => ({ apiVersion: "quintet.dev/v1", kind: "Gadget", metadata: named(name), size: 3 })),
    ...times(20, (name) => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: named(name),
      spec: { selector: { app: name }, ports: [{ port: 80 }] },
    })),
    ...times(20, (name) => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: named(name),
      spec: { replicas: 3, selector: { matchLabels: { app: "a" } }, template },
    })),
  ];
}

/** Takes a snapshot through the tool. */
async function snapshot(cluster: Cluster, directory = place()): Promise<{ bundle: string; name: string }> {
  const [member] = cluster.etcd.members;
  assert.ok(member);
  const pki = place();
  writeFileSync(join(pki, "ca.crt"), "none");
  return (await backupTool([
    "save",
    "--json",
    `--endpoint=${clientUrl(member)}`,
    `--cluster-id=${cluster.id}`,
    `--member=${member.name}`,
    `--kubernetes-version=${versions.kubernetes}`,
    "--reason=by-hand",
    `--recipient=${keys.own.recipient}`,
    `--pki=${pki}`,
    `--directory=${directory}`,
  ])) as { bundle: string; name: string }; // the tool's own
}

/** A copy of a bundle with its manifest, to be broken. */
function copyOf(bundle: string): string {
  const copy = join(place(), bundle.slice(dirname(bundle).length + 1));
  for (const file of [bundle, bundle.replace(/\.tar\.age$/, ".json")]) {
    copyFileSync(file, join(dirname(copy), file.slice(dirname(file).length + 1)));
  }
  return copy;
}

/** A drill that is to end green, or red for some reasons and no other. */
async function drilled(
  cluster: Cluster,
  bundle: string,
  reasons: readonly Reason[],
  more: Partial<DrillOptions> = {},
): Promise<DrillResult> {
  const { own } = keys;
  const live = { live: cluster.api.kubeconfig };
  const options = { bundle, identity: own.identity, clusterId: cluster.id, ...live, serviceCidr, folder: place() };
  const result = await drill({ ...options, ...more });
  console.log(drillText(result));
  assert.deepEqual(
    result.faults.map(({ reason }) => reason),
    reasons,
  );
  assert.equal(result.ok, reasons.length === 0);
  assert.equal(mayChange(result, Date.now()).may, result.ok);
  drills += 1;
  return result;
}

const counted = ({ compared }: DrillResult) => compared?.counts ?? assert.fail("nothing was compared");

let one: Cluster;
let three: Cluster;
let good = "";

test("one member: its snapshot holds every object, and a drill finds them all equal", async () => {
  one = await startCluster(1);
  ({ bundle: good } = await snapshot(one));
  const result = await drilled(one, good, [], { maxAge: 600_000 });
  const { equal, changed, created, deleted, unproven } = counted(result);
  assert.ok(equal > 300, `${String(equal)} objects are equal`);
  assert.deepEqual([changed, created, deleted, unproven], [0, 0, 0, 0]);
  assert.ok((result.keys ?? 0) >= (result.objects ?? 0));
});

test("what was written, made and deleted since is told apart, and is no fault", async () => {
  await apply(one, [
    { apiVersion: "v1", kind: "ConfigMap", metadata: named("n0"), data: { name: "other" } },
    { apiVersion: "v1", kind: "ConfigMap", metadata: named("new"), data: {} },
  ]);
  await kubectl(one, ["delete", "configmap", "-n", "shop", "n1", "n2"]);
  await kubectl(one, ["delete", "gadget", "-n", "shop", "n3"]);
  const found = counted(await drilled(one, good, []));
  assert.equal(found.changed, 1);
  assert.equal(found.created, 1);
  assert.equal(found.deleted, 3, "each deletion is in the API server's history");
  assert.equal(found.unproven, 0);
});

test("a definition that was deleted since takes its objects along, and is no fault", async () => {
  const { bundle } = await snapshot(one);
  await kubectl(one, ["delete", "crd", "gadgets.quintet.dev", "--timeout=60s"]);
  const found = counted(await drilled(one, bundle, []));
  assert.equal(found.deleted, 21); // 19 gadgets, their definition and the version that it serves
  await apply(one, [definition]);
  await kubectl(one, ["wait", "--for=condition=Established", "--timeout=60s", "crd", "gadgets.quintet.dev"]);
});

test("one byte that is flipped turns it red: changed", async () => {
  const copy = copyOf(good);
  const bytes = readFileSync(copy);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(copy, bytes);
  await drilled(one, copy, ["changed"]);
});

test("a bundle that is cut off turns it red: truncated", async () => {
  const copy = copyOf(good);
  writeFileSync(copy, readFileSync(copy).subarray(0, -1_000));
  await drilled(one, copy, ["truncated"]);
  writeFileSync(copy, "");
  await drilled(one, copy, ["truncated"]);
});

test("another key turns it red: wrong-key", async () => {
  await drilled(one, good, ["wrong-key"], { identity: keys.other.identity });
});

test("a snapshot of another cluster turns it red, by its name", async () => {
  await drilled(one, good, ["another-cluster"], { clusterId: "5b8082e9-e091-4549-a342-c8a50acbe0b2" });
});

test("a snapshot that is too old turns it red: stale", async () => {
  await drilled(one, good, ["stale"], { maxAge: 1_000 });
  await drilled(one, good, ["stale"], { newest: "2026-01-01T00:00:00Z", maxAge: 600_000 });
});

test("without a cluster to compare with it is red, and says what it has read", async () => {
  const { identity } = keys.own;
  const result = await drill({ bundle: good, identity, clusterId: one.id, serviceCidr, folder: place() });
  assert.deepEqual(
    result.faults.map(({ reason }) => reason),
    ["not-compared"],
  );
  assert.ok((result.objects ?? 0) > 300);
  drills += 1;
});

test("one key that is dropped turns it red: missing, by its name", async () => {
  // A database like the cluster's own but for one key, sealed as the cluster's: nothing about it is broken.
  const into = join(place(), "opened");
  const { bundle: whole } = await snapshot(one);
  const { revision } = await openBundle({ bundle: whole, identity: keys.own.identity, clusterId: one.id, into });
  await one.etcd.etcdctl("put", "/registry/health", "the revision that the other one spends on its deletion");
  await using poorer = new Etcd(place(), 1, "127.77.8");
  const [member] = poorer.members;
  assert.ok(member);
  const peer = `https://${member.address}:2380`;
  await run(toolPath("etcdutl"), [
    ...["snapshot", "restore", join(into, "etcd.db"), `--data-dir=${join(poorer.home(member.name), "etcd")}`],
    ...[`--name=${member.name}`, `--initial-cluster=${member.name}=${peer}`, `--initial-advertise-peer-urls=${peer}`],
  ]);
  await poorer.start();
  await poorer.etcdctl("del", "/registry/configmaps/shop/n7");
  const { bundle } = await snapshot({ ...one, etcd: poorer });
  const result = await drilled(one, bundle, ["missing"]);
  assert.equal(result.snapshot?.revision, revision + 1);
  assert.deepEqual(result.compared?.examples.missing, ["/configmaps shop/n7"]);
});

test("a database with another number of keys than its manifest says, or of another cluster inside, is told", async () => {
  const into = join(place(), "opened");
  const manifest = await openBundle({ bundle: good, identity: keys.own.identity, clusterId: one.id, into });
  await using scratch = await Scratch.start({
    folder: join(place(), "scratch"),
    database: join(into, "etcd.db"),
    serviceCidr,
  });
  using api = await Api.open(scratch.kubeconfig);
  const told: Reason[] = [];
  const lying = { ...manifest, totalKeys: manifest.totalKeys + 1, clusterId: "another" };
  await readSnapshot(api, scratch, lying, (reason) => told.push(reason));
  assert.deepEqual(told, ["keys", "another-cluster"]);
  drills += 1;
});

test("keys that no API server can read turn it red: undecoded, by their names", async () => {
  await one.etcd.etcdctl("put", "/registry/forgotten.example/things/shop/one", "left over");
  const { bundle } = await snapshot(one);
  await one.etcd.etcdctl("del", "/registry/forgotten.example/things/shop/one");
  const result = await drilled(one, bundle, ["undecoded"]);
  assert.match(result.faults[0]?.says ?? "", /1 keys belong to no kind that is served: \/registry\/forgotten/);
});

test("a value that was damaged before the snapshot turns it red: undecoded", async () => {
  await one.etcd.etcdctl("put", "/registry/limitranges/shop/broken", "garbage");
  const { bundle } = await snapshot(one);
  await one.etcd.etcdctl("del", "/registry/limitranges/shop/broken");
  const result = await drilled(one, bundle, ["undecoded", "undecoded"]);
  assert.match(result.faults.map(({ says }) => says).join("\n"), /limitranges cannot be read/);
});

test("no snapshot at all: not-found; a login that S3 refuses: s3-denied; no room: disk-full", async () => {
  const nothing = { kind: "directory", directory: place() } as const;
  await assert.rejects(
    findSnapshot("latest", [nothing], one.id, folder),
    (error: Refused) => error.reason === "not-found",
  );
  drills += 1;

  const denied = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
  const server = createServer((_, response) =>
    response.writeHead(403, { "content-type": "application/xml" }).end(denied),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    const flags = [
      `--s3-endpoint=http://127.0.0.1:${String(address.port)}`,
      "--s3-bucket=backups",
      "--s3-region=us-east-1",
    ];
    const s3 = { kind: "s3", flags, accessKey: "a", secretKey: "b" } as const;
    await assert.rejects(
      findSnapshot("latest", [s3], one.id, folder),
      (error: Refused) => error.reason === "s3-denied",
    );
    drills += 1;
  } finally {
    server.close();
  }

  const full = place();
  await run("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", full]);
  try {
    await drilled(one, good, ["disk-full"], { folder: full });
  } finally {
    await run("umount", [full]);
  }
});

test("objects come out of a snapshot, and back into the cluster", async () => {
  const found = await findSnapshot(good, [], one.id, folder);
  const into = join(place(), "opened");
  const manifest = await openBundle({ ...found, identity: keys.own.identity, clusterId: one.id, into });
  await using scratch = await Scratch.start({
    folder: join(place(), "scratch"),
    database: join(into, "etcd.db"),
    serviceCidr,
  });
  using api = await Api.open(scratch.kubeconfig);
  const [deployment, ...none] = await objectsOf(apiReader(api, manifest.revision), {
    namespace: "shop",
    object: "deployment/n4",
  });
  assert.deepEqual([deployment?.kind, deployment?.metadata, none], ["Deployment", named("n4"), []]);
  await assert.rejects(
    objectsOf(apiReader(api, manifest.revision), { namespace: "shop", object: "secret/x" }),
    /no secret\/x/,
  );

  await kubectl(one, ["delete", "configmaps,secrets,services,deployments,gadgets", "--all", "-n", "shop"]);
  await kubectl(one, ["delete", "namespace", "shop", "--wait=false"]); // nobody finalizes it without controllers
  const raw = await kubectl(one, ["get", "namespace", "shop", "-o", "json"]);
  const body = { ...(JSON.parse(raw) as object), spec: { finalizers: [] } };
  await kubectl(one, ["replace", "--raw", "/api/v1/namespaces/shop/finalize", "-f", "-"], JSON.stringify(body));
  const all = await objectsOf(apiReader(api, manifest.revision), { namespace: "shop" });
  assert.equal(all[0]?.kind, "Namespace");
  assert.equal(all.length, 301); // the namespace, 200 + 40 + 20 + 20 + 20
  await apply(one, all);
  const data = await kubectl(one, ["get", "secret", "-n", "shop", "n39", "-o", "jsonpath={.data.name}"]);
  assert.equal(Buffer.from(data, "base64").toString(), "n39");
});

test("three members: a drill finds every object equal", async () => {
  await one[Symbol.asyncDispose]();
  three = await startCluster(3);
  const { bundle } = await snapshot(three);
  const { equal, missing, differs } = counted(await drilled(three, bundle, []));
  assert.ok(equal > 300 && missing + differs === 0);
});

test("three members, one of them lost: the snapshot of another holds what was written since, and all is equal", async () => {
  await three.etcd.kill(1);
  await apply(three, [{ apiVersion: "v1", kind: "ConfigMap", metadata: named("since"), data: { at: "two members" } }]);
  const { bundle } = await snapshot(three);
  const { equal, missing, differs } = counted(await drilled(three, bundle, []));
  assert.ok(equal > 300 && missing + differs === 0);
  await three.etcd.kill();
  await three.etcd.start();
});

test("three members, all data wiped: the snapshot brings back every write before it, and no watcher is misled", async () => {
  const { etcd } = three;
  const last = { apiVersion: "v1", kind: "ConfigMap", metadata: named("acknowledged"), data: { at: "last" } };
  await apply(three, [last]);
  // Of the raw list: the one that kubectl prints is its own, and of no revision.
  const earlier = JSON.parse(await kubectl(three, ["get", "--raw", "/api/v1/namespaces/shop/configmaps"])) as {
    metadata: { resourceVersion: string };
    items: object[];
  };
  assert.notEqual(earlier.metadata.resourceVersion, "");
  const identities = async () =>
    (JSON.parse(await etcd.etcdctl("member", "list", "-w", "json")) as { members: { ID: number }[] }).members.map(
      (m) => m.ID,
    );
  const before = await identities();
  const { bundle } = await snapshot(three);
  await apply(three, [{ ...last, metadata: named("after-the-snapshot") }]);

  const lost = performance.now();
  await etcd.kill();
  etcd.wipe();
  await three.api[Symbol.asyncDispose]();
  const into = join(place(), "opened");
  const manifest = await openBundle({ bundle, identity: keys.own.identity, clusterId: three.id, into });
  // The very commands of the plan, with a folder instead of each node's /var/lib.
  const steps = planReset({ members: etcd.members, stamp: "20261121T215900Z" }).flatMap((phase) => phase.steps);
  for (const step of steps) {
    const here = (text: string) => text.replaceAll("/var/lib/", `${etcd.home(step.node)}/`);
    if (step.kind === "copy") {
      mkdirSync(dirname(here(step.to)), { recursive: true });
      copyFileSync(join(into, "etcd.db"), here(step.to));
    } else if (step.script.startsWith("etcdutl") || step.script.includes("-before-restore-")) {
      const env = { PATH: `${dirname(toolPath("etcdutl"))}:${process.env["PATH"] ?? ""}` };
      await run("sh", ["-c", here(step.script)], { env });
    }
  }
  await etcd.start();
  three.api = await Scratch.start({ folder: join(place(), "api"), etcd: etcd.endpoints, serviceCidr });
  const seconds = (performance.now() - lost) / 1000;
  console.log(`From all data wiped to an API server that is ready: ${seconds.toFixed(1)} s.`);

  const now = await kubectl(three, ["get", "configmap", "-n", "shop", "acknowledged", "-o", "jsonpath={.data.at}"]);
  assert.equal(now, "last");
  await assert.rejects(kubectl(three, ["get", "configmap", "-n", "shop", "after-the-snapshot"]), /NotFound/);
  const renewed = await identities();
  assert.equal(renewed.filter((id) => before.includes(id)).length, 0, "members have new identities");
  const status = JSON.parse(await etcd.etcdctl("endpoint", "status", "-w", "json")) as {
    Status: { header: { revision: number } };
  }[]; // etcdctl's own
  assert.ok(
    (status[0]?.Status.header.revision ?? 0) >= manifest.revision + bump,
    "revisions go on from where nobody has been",
  );
  // Who watches on from what it saw is told that this is gone, and reads anew.
  const { resourceVersion } = earlier.metadata;
  const watch = `/api/v1/namespaces/shop/configmaps?watch=1&timeoutSeconds=3&resourceVersion=${resourceVersion}`;
  const answer = await execa(toolPath("kubectl"), ["--kubeconfig", three.api.kubeconfig, "get", "--raw", watch], {
    reject: false,
    all: true,
  });
  assert.match(answer.all, /too old resource version|Expired/);

  await using scratch = await Scratch.start({
    folder: join(place(), "scratch"),
    database: join(into, "etcd.db"),
    serviceCidr,
  });
  using api = await Api.open(scratch.kubeconfig);
  const faults: string[] = [];
  const inside = await readSnapshot(api, scratch, manifest, (reason, says) => faults.push(`${reason}: ${says}`));
  assert.deepEqual(faults, []);
  const { counts, examples } = await compareWithLive(inside, manifest, three.api.kubeconfig);
  console.log(`After the restore: ${JSON.stringify(counts)}`);
  assert.deepEqual(
    [counts.missing, counts.differs, counts.vanished, counts.unproven],
    [0, 0, 0, 0],
    JSON.stringify(examples),
  );
  assert.ok(counts.equal > 300);
  // And it can be backed up and drilled again.
  await drilled(three, (await snapshot(three)).bundle, []);
});

test("a bundle is readable by nobody but its owner, and nothing of a drill is left behind", () => {
  assert.equal(statSync(good).mode & 0o077, 0);
});
