import {
  backupCredentialsProblem,
  backupOf,
  backupProblems,
  backupSchema,
  readBackupCredentials,
  roleBucketOf,
} from "../../components/etcd-backup-schema.ts";
import { facts } from "../lib/stacks.ts";

const { backups } = facts;
const recipient = backups?.recipient ?? "";
const nobody = { mode: "nodes" } as const;

test("without a word nothing is backed up", () => {
  expect(backupOf(backupSchema.parse(undefined), facts)).toEqual({ kind: "none" });
});

test("an embedded cluster says for whom and where to", () => {
  expect(backupOf(backupSchema.parse({ kind: "etcd" }), facts)).toEqual({
    kind: "etcd",
    schedule: "*/15 * * * *",
    recipients: [recipient],
    retention: { last: 96, within: "24h" },
    local: { directory: "/var/lib/quintet/etcd-backup" },
    s3: { ...backups?.s3, login: "key", prefix: "" },
  });
});

test("what the stack says goes before, and elsewhere there is no bucket unless it names one", () => {
  const own = { endpoint: "https://s3.example", bucket: "acme", region: "us-east-1", prefix: "lab" };
  const other = `age1${"q".repeat(58)}`;
  const written = backupSchema.parse({ kind: "etcd", recipients: [other], s3: own });
  expect(backupOf(written, facts)).toMatchObject({ recipients: [other], s3: own });
  expect(backupOf(backupSchema.parse({ kind: "etcd" }), nobody)).not.toHaveProperty("s3");
});

test("objects have the same defaults, and no folder of a node", () => {
  const backup = backupOf(backupSchema.parse({ kind: "objects" }), facts);
  expect(backup).toMatchObject({ kind: "objects", recipients: [recipient], s3: { ...backups?.s3, prefix: "" } });
  expect(backup).not.toHaveProperty("local");
  const wrong = backupProblems(backup, { environment: "dev", cluster: { kind: "embedded", guest: true }, facts });
  expect(wrong.map(([path]) => path)).toEqual([["backup", "kind"]]);
});

test("pods that get roles come to a bucket with one, unless a key is wanted", () => {
  const bucket = { endpoint: "https://s3.eu-central-1.amazonaws.com", bucket: "acme", region: "eu-central-1" };
  const of = (kind: "etcd" | "objects", podRoles: boolean, login?: "key") =>
    backupOf(backupSchema.parse({ kind, recipients: [recipient], s3: { ...bucket, ...(login && { login }) } }), {
      mode: "nodes",
      podRoles,
    });
  expect(roleBucketOf(of("objects", true))).toMatchObject(bucket);
  for (const key of [of("objects", false), of("objects", true, "key"), of("etcd", false)]) {
    expect(roleBucketOf(key)).toBeUndefined();
    expect(backupCredentialsProblem("", key, facts)).toMatch(/^is missing/);
  }
  expect(backupCredentialsProblem("", of("objects", true), facts)).toBeUndefined();
  expect(backupCredentialsProblem("{}", of("objects", true), facts)).toMatch(/come in with a role: remove it/);
});

test("simulated nodes have no etcd, so nothing is said or asked about it", () => {
  const simulated = { ...facts, mode: "simulated" } as const;
  const backup = backupOf(backupSchema.parse({ kind: "etcd" }), simulated);
  expect(backup).toEqual({ kind: "none" });
  expect(backupProblems(backup, { environment: "dev", cluster: { kind: "embedded" }, facts })).toEqual([]);
  expect(backupCredentialsProblem("anything", backup, simulated)).toBeUndefined();
});

test("a login is read whole or not at all, and no problem quotes it", () => {
  const login = { accessKeyId: "AK", secretAccessKey: "hidden" };
  expect(readBackupCredentials(JSON.stringify(login))).toEqual(login);
  const backup = backupOf(backupSchema.parse({ kind: "etcd" }), facts);
  for (const wrong of [
    "hidden",
    "{}",
    JSON.stringify({ ...login, more: "hidden" }),
    JSON.stringify({ accessKeyId: "hidden" }),
  ]) {
    expect(readBackupCredentials(wrong)).toBeUndefined();
    const problem = backupCredentialsProblem(wrong, backup, facts);
    expect(problem).toMatch(/^is not JSON of the right form/);
    expect(problem).not.toContain("hidden");
  }
});
