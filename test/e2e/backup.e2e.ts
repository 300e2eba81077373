/** The program that backs etcd up, by a real etcd and a real S3 service on this machine: no cluster is needed. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { BackupStore } from "../../embedded/backups.ts";
import { owner } from "../../embedded/owner.ts";
import { run, until } from "../../embedded/run.ts";
import { ensureTools } from "../../toolchain/index.ts";
import { freePort } from "./fixtures.ts";
import { asBuilt, goCaller, modules } from "./go.ts";
import { LoneEtcd } from "./lone-etcd.ts";
import { serveStore } from "./lone-s3.ts";

/** The manifest of a snapshot, as far as it is read here. */
interface Manifest {
  readonly name: string;
  readonly clusterId: string;
  readonly revision: number;
  readonly totalKeys: number;
  readonly dbSize: number;
  readonly sha256: string;
  readonly reason: string;
}

interface Saved extends Manifest {
  readonly bundle: string;
  readonly bundleSize: number;
  readonly uploaded: boolean;
  readonly copied: boolean;
  readonly removed: readonly string[];
  readonly seconds: Readonly<Record<"snapshot" | "verify" | "encrypt" | "upload", number>>;
}

const folder = mkdtempSync(join(tmpdir(), "quintet-backup-e2e-"));
const at = (...parts: string[]) => join(folder, ...parts);
const children: ChildProcess[] = [];
const clusterId = "5d2f3c1e-0000-4000-8000-0000000000a1";
const otherId = "5d2f3c1e-0000-4000-8000-0000000000b2";
const exits = { wrongKey: 10, tampered: 11, otherCluster: 12, notFound: 15, denied: 16, diskFull: 17, notUploaded: 18 };
let tools: Readonly<Record<"etcd" | "etcdctl" | "etcdutl" | "etcd-backup" | "age-keygen" | "versitygw", string>>;
let recipient = "";
let endpoint = "";
let etcd: LoneEtcd;

before(async () => {
  tools = await ensureTools(["etcd", "etcdctl", "etcdutl", "etcd-backup", "age-keygen", "versitygw"]);
  for (const name of ["identity", "stranger"]) await run(tools["age-keygen"], ["-o", at(name)]);
  recipient = (await run(tools["age-keygen"], ["-y", at("identity")])).trim();
  for (const [file, text] of Object.entries({ "ca.crt": "public", "sa.key": "private", "etcd/ca.key": "etcd's" })) {
    mkdirSync(join(at("pki"), file, ".."), { recursive: true });
    writeFileSync(at("pki", file), text);
  }
  etcd = await LoneEtcd.start(at("small"));
  ({ endpoint } = etcd);
  await etcd.put(200, 10_000, `${clusterId} ${otherId}`); // that of two clusters
});

after(async () => {
  for (const child of children) child.kill();
  await etcd.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the program; what it ends with is the caller's to judge. */
async function backup(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { exitCode, stdout, stderr } = await execa(tools["etcd-backup"], args, { reject: false, env });
  return { exitCode, stdout, stderr };
}

const common = (directory: string, id = clusterId) => [
  ...["--cluster-id", id, "--directory", directory, "--endpoint", endpoint],
  ...["--member", "qke-master", "--kubernetes-version", "v1.36.3", "--recipient", recipient, "--pki", at("pki")],
];

async function save(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Saved> {
  const { exitCode, stdout, stderr } = await backup(["save", ...args, "--json"], env);
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout) as Saved; // save's own
}

async function list(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Manifest[]> {
  const { exitCode, stdout, stderr } = await backup(["list", ...args, "--json"], env);
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout) as Manifest[]; // list's own
}

const opening = (bundle: string, directory: string, { key = "identity", id = clusterId } = {}) =>
  backup(["open", "--bundle", bundle, "--identity", at(key), "--cluster-id", id, "--directory", directory]);

/** The one sentence, and nothing left behind. */
async function refuses(code: number, why: RegExp, bundle: string, how = {}): Promise<void> {
  const { exitCode, stderr } = await opening(bundle, at("refused"), how);
  assert.match(stderr, why);
  assert.equal(exitCode, code, stderr);
  assert.equal(stderr.trim().split("\n").length, 1);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith("refused")),
    [],
  );
}

test("what the program can be asked without an etcd holds", async () => {
  const go = await goCaller();
  const own = join(modules, "etcd-backup");
  go(["vet", "-mod=readonly", "./..."], own);
  const told = go(["test", ...asBuilt, "-count=1", "-v", "./..."], own);
  const passed = told.match(/^--- PASS: /gm) ?? [];
  const written = readdirSync(own)
    .filter((name) => name.endsWith("_test.go"))
    .flatMap((name) => readFileSync(join(own, name), "utf8").match(/^func Test/gm) ?? []);
  assert.equal(passed.length, written.length, told);
});

test("what is saved is listed, and opens to the database and the keys that were saved", async () => {
  const metrics = at("metrics.prom");
  const saved = await save([...common(at("round")), "--metrics", metrics, "--reason", "before-upgrade-1"]);
  assert.equal(saved.reason, "before-upgrade");
  assert.equal(saved.totalKeys, 201);
  const [{ name, sha256 } = {}] = await list(["--directory", at("round"), "--cluster-id", clusterId]);
  assert.deepEqual([name, sha256], [saved.name, saved.sha256]);
  assert.match(saved.name, /^etcd-\d{8}T\d{6}Z-[0-9a-f]{16}\.tar\.age$/);

  const { exitCode, stderr } = await opening(saved.bundle, at("opened"));
  assert.equal(exitCode, 0, stderr);
  const own = JSON.parse(readFileSync(at("opened", "manifest.json"), "utf8")) as Manifest;
  assert.deepEqual(own, JSON.parse(readFileSync(saved.bundle.replace(/\.tar\.age$/, ".json"), "utf8")));
  assert.equal(readFileSync(at("opened", "pki", "etcd", "ca.key"), "utf8"), "etcd's");
  const status = await run(tools.etcdutl, ["snapshot", "status", at("opened", "etcd.db"), "--write-out=json"]);
  assert.deepEqual((JSON.parse(status) as { revision: number }).revision, saved.revision);
  await run(tools.etcdutl, ["snapshot", "restore", at("opened", "etcd.db"), "--data-dir", at("restored")]);

  const written = readFileSync(metrics, "utf8");
  assert.match(written, /^quintet_etcd_backup_last_exit_code 0$/m);
  assert.match(written, new RegExp(`^quintet_etcd_backup_revision ${String(saved.revision)}$`, "m"));
  const clear = readdirSync(at("round", clusterId)).filter((file) => !file.startsWith("etcd-"));
  assert.deepEqual(clear, [".lock"]);
});

/** What somebody writes without end, and what each key had at a revision. */
class Writer {
  private readonly log: { readonly revision: number; readonly key: string; readonly value: string | undefined }[] = [];
  private writing = true;
  private readonly lanes: Promise<void>[];
  private readonly to: LoneEtcd;

  constructor(to: LoneEtcd) {
    this.to = to;
    this.lanes = Array.from({ length: 3 }, () => this.write());
  }

  get revision(): number {
    return Math.max(0, ...this.log.map(({ revision }) => revision));
  }

  async end(): Promise<void> {
    this.writing = false;
    await Promise.all(this.lanes);
  }

  at(limit: number): ReadonlyMap<string, string> {
    const had = new Map<string, string>();
    for (const { revision, key, value } of this.log.toSorted((a, b) => a.revision - b.revision)) {
      if (revision > limit) break;
      if (value === undefined) had.delete(key);
      else had.set(key, value);
    }
    return had;
  }

  private async write(): Promise<void> {
    while (this.writing) {
      const key = `/written/${String(Math.floor(Math.random() * 500))}`;
      const value = Math.random() < 0.2 ? undefined : `${randomUUID()} ${"x".repeat(Math.random() * 40_000)}`;
      this.log.push({
        key,
        value,
        revision: await (value === undefined ? this.to.remove(key) : this.to.set(key, value)),
      });
    }
  }
}

test("a database is copied from its disk under writes, compactions and a defragmentation, and is that of its revision", async () => {
  await using busy = await LoneEtcd.start(at("busy"));
  await busy.put(1_000, 10_000, clusterId);
  cpSync(busy.data, at("left"), { recursive: true }); // as it is now: soon it is behind
  const writer = new Writer(busy);
  const args = [...common(at("copies")), "--endpoint", busy.endpoint];
  try {
    for (const round of [1, 2, 3, 4, 5, 6]) {
      await until("more revisions", 60_000, () => Promise.resolve(writer.revision > 1_000 + round * 300), 50);
      const beside = round === 4 ? run(tools.etcdctl, ["--endpoints", busy.endpoint, "defrag"]) : undefined;
      if (round % 2 === 0) await busy.compact(writer.revision - 50);
      const saved = await save([...args, "--data-dir", busy.data]);
      await beside;
      assert.equal(saved.copied, true);
      const { exitCode, stderr } = await opening(saved.bundle, at("copy"));
      assert.equal(exitCode, 0, stderr);
      const theirs = JSON.parse(
        await run(tools.etcdutl, ["snapshot", "status", at("copy", "etcd.db"), "--write-out=json"]),
      ) as { revision: number; totalKey: number }; // etcdutl's own
      assert.deepEqual([saved.revision, saved.totalKeys], [theirs.revision, theirs.totalKey]);
      await run(tools.etcdutl, ["snapshot", "restore", at("copy", "etcd.db"), "--data-dir", at("again")]);
      await using again = await LoneEtcd.start(at("again"));
      const found = await again.all("/written/");
      await again.kill();
      await until(
        "the writers' next answers",
        60_000,
        () => Promise.resolve(writer.revision > saved.revision + 10),
        50,
      );
      assert.deepEqual(found, writer.at(saved.revision));
      for (const place of ["copy", "again"]) rmSync(at(place), { recursive: true });
    }
    for (const [folder, why] of [
      [
        "left",
        /streamed, and not copied from \S+: the file ends at transaction \d+, and etcd is at \d+: it is not that/,
      ],
      ["nowhere", /streamed, and not copied from \S+: open \S+ no such file/],
    ] as const) {
      const { exitCode, stderr, stdout } = await backup(["save", ...args, "--data-dir", at(folder), "--json"]);
      assert.match(stderr, why);
      assert.deepEqual([exitCode, (JSON.parse(stdout) as Saved).copied], [0, false]);
    }
  } finally {
    await writer.end();
  }
});

test("a wrong key, a changed byte, a cut and another cluster are each refused by a sentence of their own", async () => {
  const { bundle } = await save(common(at("refusals")));
  const [whole, copy] = [readFileSync(bundle), at("copy.tar.age")];
  const beside = at("copy.json");
  copyFileSync(bundle.replace(/\.tar\.age$/, ".json"), beside);
  await refuses(exits.wrongKey, /^This is the wrong key for /, bundle, { key: "stranger" });
  await refuses(exits.otherCluster, /^The snapshot is of cluster .*a1, and not of .*b2\.$/, bundle, { id: otherId });
  const stranger = "5d2f3c1e-0000-4000-8000-0000000000c3";
  const wrong = await backup(["save", ...common(at("wrong"), stranger)]);
  assert.match(wrong.stderr, /^Etcd at \S+ is not of cluster \S+c3: its namespace kube-system has another uid/);
  assert.deepEqual(
    [wrong.exitCode, existsSync(at("wrong", stranger)) && readdirSync(at("wrong", stranger))],
    [exits.otherCluster, [".lock"]],
  );
  // In the greeting, the stanza of the key, the header's own sum, the first chunk, the middle and the end.
  for (const place of [3, 40, 120, 190, 300, whole.length >> 1, whole.length - 1]) {
    const changed = Buffer.from(whole);
    changed[place] = (changed[place] ?? 0) ^ 1;
    writeFileSync(copy, changed);
    await refuses(exits.tampered, /has been changed or cut off/, copy);
  }
  for (const length of [0, 10, 150, 70_000, whole.length - 65_536, whole.length - 1]) {
    writeFileSync(copy, whole.subarray(0, length));
    await refuses(exits.tampered, /has been changed or cut off/, copy);
  }
  writeFileSync(copy, Buffer.concat([whole, Buffer.from("more")]));
  await refuses(exits.tampered, /has been changed or cut off/, copy);
  await refuses(exits.notFound, /^There is no bundle /, at("nowhere.tar.age"));
});

test("what is too old goes, oldest first; the newest, another cluster's and strangers' files stay", async () => {
  const directory = at("retention");
  const { bundle, name } = await save(common(directory));
  const place = (stem: string, id = clusterId) => {
    mkdirSync(join(directory, id), { recursive: true });
    for (const suffix of [".tar.age", ".json"]) {
      copyFileSync(bundle.replace(/\.tar\.age$/, suffix), join(directory, id, `${stem}${suffix}`));
    }
  };
  const ages = ["etcd-20260101T000000Z", "etcd-20260102T000000Z", "etcd-20260103T000000Z"].map(
    (at) => `${at}-${"0".repeat(16)}`,
  );
  for (const stem of ages) place(stem);
  place("etcd-20250101T000000Z-0000000000000001", otherId);
  writeFileSync(join(directory, clusterId, "notes.txt"), "somebody's");
  writeFileSync(join(directory, clusterId, "etcd-20260104T000000Z-0000000000000000.tar.age"), "torn");
  await sleep(1_000); // a name has whole seconds
  const next = await save([...common(directory), "--keep-last", "3", "--keep-within", "1m"]);
  assert.deepEqual(
    next.removed,
    [...ages.slice(0, 2), "etcd-20260104T000000Z-0000000000000000"].map((stem) => `${stem}.tar.age`),
  );
  const names = async () =>
    (await list(["--directory", directory, "--cluster-id", clusterId])).map((snapshot) => snapshot.name);
  assert.deepEqual(await names(), [next.name, name, `${ages[2] ?? ""}.tar.age`]);
  await sleep(1_000);
  const last = await save([...common(directory), "--keep-last", "1", "--keep-within", "0s"]);
  assert.deepEqual(await names(), [last.name]);
  assert.ok(existsSync(join(directory, clusterId, "notes.txt")));
  assert.equal((await list(["--directory", directory, "--cluster-id", otherId])).length, 1);
});

test("a disk that fills up at any step leaves no file that is not whole", async () => {
  // Every file takes an inode: so few that one after the other cannot be made any more.
  const outcomes: [number, string[]][] = [];
  for (let inodes = 2; inodes < 12; inodes += 1) {
    const disk = at(`disk-${String(inodes)}`);
    mkdirSync(disk);
    const script = `mount -t tmpfs -o size=64m,nr_inodes=${String(inodes)} none ${disk} && { "$@"; code=$?; find ${disk} -type f | sort; exit $code; }`;
    const command = [tools["etcd-backup"], "save", ...common(disk)];
    const { exitCode, stdout } = await execa("unshare", ["-m", "sh", "-c", script, "sh", ...command], {
      reject: false,
    });
    const files = stdout.split("\n").filter((line) => line.startsWith(disk) && !line.endsWith(".lock"));
    outcomes.push([exitCode ?? -1, files.map((file) => file.replace(/.*(\.tar\.age|\.json)$/, "$1"))]);
  }
  const [full, room] = [outcomes.filter(([code]) => code !== 0), outcomes.filter(([code]) => code === 0)];
  assert.ok(full.length >= 4 && room.length >= 1, JSON.stringify(outcomes));
  for (const outcome of full) assert.deepEqual(outcome, [exits.diskFull, []]);
  for (const outcome of room) assert.deepEqual(outcome, [0, [".json", ".tar.age"]]);

  const small = at("small-disk");
  mkdirSync(small);
  const script = `mount -t tmpfs -o size=8m none ${small} && "$@"`;
  const command = [tools["etcd-backup"], "save", ...common(small)];
  const { exitCode, stderr } = await execa("unshare", ["-m", "sh", "-c", script, "sh", ...command], { reject: false });
  assert.equal(exitCode, exits.diskFull);
  assert.match(stderr, / has [\d.]+ MiB free, and the snapshot needs [\d.]+ MiB: nothing has been written\.$/);

  // A limit on the size of files, which the bundle passes.
  const limited = ["-c", 'ulimit -f 1024; exec "$@"', "sh", tools["etcd-backup"], "save", ...common(at("limited"))];
  assert.notEqual((await execa("sh", limited, { reject: false })).exitCode, 0);
  assert.deepEqual(readdirSync(at("limited", clusterId)), [".lock"]);
});

/** The S3 service on a port, until the end. */
function serve(store: BackupStore, port: number): ChildProcess {
  const child = serveStore(store, port);
  children.push(child);
  return child;
}

test("S3: denied and unreachable keep the copy here and say so; the next run brings what is missing", async () => {
  const store = new BackupStore("backup-e2e", at("stores"));
  const { accessKeyId, secretAccessKey } = await store.prepare(owner());
  const [port, directory, metrics] = [await freePort(), at("s3"), at("s3.prom")];
  const where = [
    "--s3-endpoint",
    `http://127.0.0.1:${String(port)}`,
    "--s3-bucket",
    "etcd-backups",
    "--s3-prefix",
    "lab",
  ];
  const login = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const attempt = (env: Readonly<Record<string, string>>, seconds: number) =>
    backup(
      [
        "save",
        ...common(directory),
        ...where,
        "--upload-timeout",
        `${String(seconds)}s`,
        "--metrics",
        metrics,
        "--json",
      ],
      env,
    );
  const remote = () => list(["--cluster-id", clusterId, ...where], login);
  const metric = (name: string) =>
    Number(new RegExp(`^quintet_etcd_backup_${name} (\\S+)$`, "m").exec(readFileSync(metrics, "utf8"))?.[1]);

  const unreachable = await attempt(login, 4);
  assert.equal(unreachable.exitCode, exits.notUploaded, unreachable.stderr);
  assert.match(unreachable.stderr, /is kept in \S+ and could not be brought to S3: .*connection refused/);
  const first = JSON.parse(unreachable.stdout) as Saved;
  assert.deepEqual([first.uploaded, existsSync(first.bundle), metric("upload_ok")], [false, true, 0]);

  let server = serve(store, port);
  await until("the S3 service", 20_000, async () => (await fetch(`http://127.0.0.1:${String(port)}/healthz`)).ok, 50);
  await sleep(1_000);
  const denied = await attempt({ ...login, AWS_SECRET_ACCESS_KEY: "wrong" }, 30);
  assert.equal(denied.exitCode, exits.notUploaded, denied.stderr);
  assert.match(denied.stderr, /S3 denies the access to s3:\/\/etcd-backups\/lab\/\S+ \(SignatureDoesNotMatch\)\.$/);
  const second = JSON.parse(denied.stdout) as Saved;
  assert.ok(existsSync(second.bundle));
  const refused = await backup(["list", "--cluster-id", clusterId, ...where], {
    ...login,
    AWS_SECRET_ACCESS_KEY: "wrong",
  });
  assert.equal(refused.exitCode, exits.denied, refused.stderr);

  // It comes back while uploading is tried again and again.
  server.kill();
  await sleep(1_000);
  const going = attempt(login, 60);
  await sleep(3_000);
  server = serve(store, port);
  const { exitCode, stdout, stderr } = await going;
  assert.equal(exitCode, 0, stderr);
  const third = JSON.parse(stdout) as Saved;
  assert.deepEqual([third.uploaded, metric("upload_ok"), metric("last_exit_code")], [true, 1, 0]);
  assert.deepEqual(
    (await remote()).map(({ name }) => name),
    [third.name, second.name, first.name],
  );

  const fetched = await backup(
    ["fetch", "--cluster-id", clusterId, "--output", at("fetched.tar.age"), ...where],
    login,
  );
  assert.equal(fetched.exitCode, 0, fetched.stderr);
  assert.deepEqual(readFileSync(at("fetched.tar.age")), readFileSync(third.bundle));
  assert.equal((await opening(at("fetched.tar.age"), at("fetched"))).exitCode, 0);
  const absent = ["--name", "etcd-20200101T000000Z-0000000000000000.tar.age", "--output", at("absent.tar.age")];
  assert.equal(
    (await backup(["fetch", "--cluster-id", clusterId, ...absent, ...where], login)).exitCode,
    exits.notFound,
  );
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith("absent")),
    [],
  );

  await sleep(1_000);
  const other = await save([...common(at("s3-other"), otherId), ...where], login);
  const last = await save([...common(directory), ...where, "--keep-last", "2", "--keep-within", "0s"], login);
  assert.deepEqual(
    (await remote()).map(({ name }) => name),
    [last.name, third.name],
  );
  assert.deepEqual(last.removed.slice(0, 2), [first.name, second.name]);
  assert.deepEqual(
    (await list(["--cluster-id", otherId, ...where], login)).map(({ name }) => name),
    [other.name],
  );
});
