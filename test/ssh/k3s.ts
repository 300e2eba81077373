/** The stand-in for k3s as the lab's nodes get it, and what it has written down. */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../embedded/run.ts";
import { apiName, type Lab, type MachineName } from "./lab.ts";

/** One thing that a stand-in has done or refused. */
export interface K3sRecord {
  readonly node: string;
  /** As `start`, `ready`, `initialised`, `joined`, `refused`, `drain`, `snapshot`. */
  readonly event: string;
  readonly version: string;
  readonly role?: string;
  readonly reason?: string;
  readonly target?: string;
  /** What k3s was configured with when it started. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Mode and checksum of each configuration file it has read. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The bytes of the "binary" of a release: a script that leads to the stand-in, different for each release. */
export const k3sBinary = (version: string): string =>
  `#!/bin/sh
# A stand-in for k3s ${version}, for tests.
exec '${process.execPath}' --disable-warning=ExperimentalWarning '${join(import.meta.dirname, "stand-ins/k3s.ts")}' '${version}' "$@"
`;

/** The checksum of that. */
export const k3sChecksum = (version: string): string => createHash("sha256").update(k3sBinary(version)).digest("hex");

/** Prepares the folder that the stand-ins share: the certificates of the API, and the key in its kubeconfig. */
export async function prepareK3s(shared: string): Promise<void> {
  const pki = join(shared, "pki");
  for (const folder of [pki, join(shared, "nodes"), join(shared, "alive")]) mkdirSync(folder, { recursive: true });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const [caKey, ca, serverKey, request, server] = ["ca.key", "ca.crt", "server.key", "server.csr", "server.crt"].map(
    (name) => join(pki, name),
  ) as [string, string, string, string, string]; // as many as names
  await run("openssl", [
    "req",
    "-x509",
    ...key,
    "-keyout",
    caKey,
    "-out",
    ca,
    "-subj",
    "/CN=k3s-server-ca",
    "-days",
    "2",
  ]);
  await run("openssl", ["req", ...key, "-keyout", serverKey, "-out", request, "-subj", "/CN=k3s"]);
  writeFileSync(join(pki, "names"), `subjectAltName=DNS:${apiName},DNS:localhost,IP:127.0.0.1\n`);
  await run("openssl", [
    "x509",
    "-req",
    "-in",
    request,
    "-CA",
    ca,
    "-CAkey",
    caKey,
    "-CAcreateserial",
    "-out",
    server,
    "-days",
    "2",
    "-extfile",
    join(pki, "names"),
  ]);
  writeFileSync(join(shared, "client-key"), randomBytes(24).toString("hex"), { mode: 0o600 });
}

/** Forgets the cluster and what was written down, for nodes that start empty. */
export function forgetK3s(shared: string): void {
  for (const name of ["cluster.json", "records.jsonl", "nodes", "alive", "lock"]) {
    rmSync(join(shared, name), { recursive: true, force: true });
  }
  for (const name of ["nodes", "alive"]) mkdirSync(join(shared, name));
}

/** What the stand-ins of all nodes have written down, oldest first. */
export function k3sRecords(lab: Lab): K3sRecord[] {
  const file = join(lab.shared, "records.jsonl");
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as K3sRecord); // the stand-in writes them
}

/** What the cluster and its nodes are in the end, without what is different each time. */
export interface K3sState {
  /** Name, role, version and labels of each node, and the members of etcd. */
  readonly cluster: object;
  /** Mode, checksum and path of what was put on each node. */
  readonly nodes: Readonly<Record<string, string>>;
}

/** Takes down what the cluster and the running nodes are. */
export async function k3sState(lab: Lab, names: readonly MachineName[]): Promise<K3sState> {
  const json = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>; // the stand-in writes them
  const nodes = join(lab.shared, "nodes");
  const { members } = json(join(lab.shared, "cluster.json")) as unknown as {
    members: { name: string; voter: boolean }[];
  };
  const files = await Promise.all(names.map(async (name) => [name, await lab.run(name, listing)] as const));
  return {
    cluster: {
      members: members.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      nodes: readdirSync(nodes)
        .sort()
        .map((name) => ({ ...json(join(nodes, name)), password: undefined })),
    },
    nodes: Object.fromEntries(files),
  };
}

/** The content of what differs by time or machine is left out: certificates, tokens of etcd, logs, copies for the next run. */
const listing = `
find /etc/rancher /etc/systemd/system /etc/sysctl.d/90-quintet-k3s.conf /etc/modules-load.d/quintet-k3s.conf \
  /usr/local/bin/k3s /var/lib/quintet /var/lib/rancher -not -path '*/snapshots*' -printf '%m %y %p\\n' 2>/dev/null |
  grep -vE '\\.log$|/tls/|/etc/rancher/node/|/lock$' | sort -k 3
find /etc/rancher/k3s /usr/local/bin/k3s -type f -not -name k3s.yaml -exec sha256sum {} + | sort -k 2
`;
