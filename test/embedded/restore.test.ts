import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Manifest } from "../../backup/snapshot.ts";
import { backupSchema } from "../../components/etcd-backup-schema.ts";
import { handsOf, localSnapshots, misfits } from "../../embedded/restore.ts";
import { labCluster } from "../../embedded/spec.ts";
import { ClusterState } from "../../embedded/state.ts";

const spec = { ...labCluster(), kubernetesVersion: "v1.36.3" };
let cache = "";
let state: ClusterState;
const earlier = process.env["QUINTET_CACHE"];

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "quintet-restore-test-"));
  process.env["QUINTET_CACHE"] = cache;
  state = new ClusterState(spec.name);
});
afterEach(() => {
  if (earlier === undefined) delete process.env["QUINTET_CACHE"];
  else process.env["QUINTET_CACHE"] = earlier;
  rmSync(cache, { recursive: true });
});

/** The one public part that is no certificate, so that no test needs an authority. */
function give(folder: string, text: string): void {
  const file = join(folder, "sa.pub");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const masters = ["qke-master", "qke-worker-49-1", "qke-worker-181-1"];
const pki = () => join(cache, "opened", "pki");
const manifest = (kubernetesVersion: string) => ({ kubernetesVersion }) as Manifest; // all that is read of it

function prepare(): void {
  give(pki(), "key\n");
  for (const name of masters) give(join(state.nodeRoot(name), "etc/kubernetes/pki"), "key");
}

test.each([
  ["v1.36.3", 0],
  ["v1.36.9", 0],
  ["v1.35.1", 0],
  ["v1.34.1", 1],
  ["v1.37.0", 1],
])("a snapshot of Kubernetes %s has %i problems on v1.36.3", (version, count) => {
  prepare();
  const problems = misfits(spec, state, manifest(version), pki());
  expect(problems).toHaveLength(count);
  for (const problem of problems) expect(problem).toContain(`is of Kubernetes ${version}, and the cluster of v1.36.3`);
});

test("keys of another time are told for each node", () => {
  prepare();
  give(join(state.nodeRoot("qke-worker-49-1"), "etc/kubernetes/pki"), "another");
  rmSync(join(state.nodeRoot("qke-worker-181-1"), "etc/kubernetes/pki/sa.pub"));
  expect(misfits(spec, state, manifest("v1.36.3"), pki())).toEqual(
    ["qke-worker-49-1", "qke-worker-181-1"].map(
      (node) => `/etc/kubernetes/pki/sa.pub of node ${node} is not the one of the snapshot.`,
    ),
  );
});

test("the database on a node is readable by nobody but root", async () => {
  const database = join(cache, "etcd.db");
  writeFileSync(database, "data", { mode: 0o644 });
  await handsOf(spec, state, database).copy("qke-master", "/var/lib/quintet/restore-x.db");
  expect(statSync(join(state.nodeRoot("qke-master"), "var/lib/quintet/restore-x.db")).mode & 0o777).toBe(0o600);
});

test("a snapshot by hand lies where the schedule leaves its own", () => {
  expect(backupSchema.parse({ kind: "etcd" })).toMatchObject({ local: { directory: localSnapshots } });
});
