import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readExport } from "../../backup/inside.ts";
import { objectsOf } from "../../backup/objects.ts";
import { exportReader } from "../../backup/reader.ts";
import type { Fault } from "../../backup/verdict.ts";

const resource = (id: string, kind: string, namespaced = true) => ({
  resource: { id, path: "/api/v1", plural: id.slice(id.indexOf("/") + 1), kind, namespaced },
});
const named = (name: string, more: object = {}) => ({
  object: { metadata: { name, uid: `uid-${name}`, resourceVersion: "7", ...more } },
});
const lines = [
  resource("/configmaps", "ConfigMap"),
  named("settings", { namespace: "shop" }),
  named("settings", { namespace: "office" }),
  named("made", { namespace: "shop", ownerReferences: [{ uid: "o" }] }),
  resource("/namespaces", "Namespace", false),
  named("kube-system"),
  named("shop"),
  resource("rbac.authorization.k8s.io/clusterroles", "ClusterRole", false),
  named("viewer"),
];

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quintet-reader-"));
  file = join(folder, "objects.jsonl.gz");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const write = (all: readonly object[]) => {
  writeFileSync(file, gzipSync(all.map((line) => `${JSON.stringify(line)}\n`).join("")));
};
const namesOf = async (wanted: { namespace?: string; object?: string }) =>
  (await objectsOf(exportReader(file), wanted)).map(({ kind, metadata }) => `${kind ?? ""} ${metadata.name}`);

test("gives a namespace with what nobody else makes, one object of it, and one that is in no namespace", async () => {
  write(lines);
  expect(await namesOf({ namespace: "shop" })).toEqual(["Namespace shop", "ConfigMap settings"]);
  expect(await namesOf({ namespace: "shop", object: "configmap/made" })).toEqual(["ConfigMap made"]);
  expect(await namesOf({ object: "clusterrole/viewer" })).toEqual(["ClusterRole viewer"]);
});

test("what is not there, or not said, is refused by a sentence", async () => {
  write(lines);
  await expect(namesOf({ namespace: "shop", object: "secret/x" })).rejects.toThrow(
    "The snapshot has no secret/x in namespace shop.",
  );
  await expect(namesOf({ object: "clusterrole/x" })).rejects.toThrow("has no clusterrole/x outside of namespaces.");
  await expect(namesOf({})).rejects.toThrow("Say which objects are meant");
});

test("a file that breaks off is no shorter file", async () => {
  writeFileSync(file, gzipSync(JSON.stringify(lines)).subarray(0, -10));
  await expect(exportReader(file).read(() => true, jest.fn())).rejects.toThrow();
});

test("an object too few and another cluster are each told by their own reason", async () => {
  write(lines);
  const read = async (totalKeys: number, clusterId: string) => {
    const faults: Fault[] = [];
    const inside = await readExport(file, { totalKeys, clusterId }, (reason, says) => faults.push({ reason, says }));
    return { inside, reasons: faults.map(({ reason }) => reason) };
  };
  const { inside, reasons } = await read(6, "uid-kube-system");
  expect(reasons).toEqual([]);
  expect(inside.entries.map(({ resource: id, namespace, name }) => `${id} ${namespace}/${name}`)).toContain(
    "/configmaps office/settings",
  );
  expect([...inside.resources.keys()]).toEqual([
    "/configmaps",
    "/namespaces",
    "rbac.authorization.k8s.io/clusterroles",
  ]);
  expect((await read(7, "uid-of-another")).reasons).toEqual(["keys", "another-cluster"]);
});
