/** The restore of a k3s cluster's etcd: its servers reached over SSH, and what is checked before. */
import { createHash } from "node:crypto";
import { appendFileSync, copyFileSync, createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { minor } from "semver";
import { asRoot, quoted } from "../components/cluster/k3s/scripts.ts";
import type { K3sConfig } from "../components/cluster/k3s/schema.ts";
import { run } from "../embedded/run.ts";
import { connect, type Connection, type Machine } from "../ssh/client.ts";
import { toolPath } from "../toolchain/index.ts";
import type { Hands } from "./reset.ts";
import { bump } from "./reset-plan.ts";
import type { Manifest } from "./snapshot.ts";

/** What opens the servers, and what k3s encrypts its authorities with. */
export interface K3sSecrets {
  readonly privateKey: string;
  /** Of the private key. @default it is not encrypted */
  readonly passphrase?: string;
  readonly token: string;
}

/** The servers of a cluster, reached. It ends with `using`. */
export interface Servers extends Hands, Disposable {
  readonly names: readonly [string, ...string[]];
}

/** What of a snapshot does not fit a cluster, as sentences. */
export function k3sMisfits(
  { version }: Pick<K3sConfig, "version">,
  { kubernetesVersion }: Pick<Manifest, "kubernetesVersion">,
  opened: string,
  { token }: Pick<K3sSecrets, "token">,
): string[] {
  const problems: string[] = [];
  const older = minor(version) - minor(kubernetesVersion);
  if (older !== 0 && older !== 1) {
    problems.push(
      `The snapshot is of Kubernetes ${kubernetesVersion}, and the cluster of ${version}: it can be read by that minor release and the next.`,
    );
  }
  if (passwordOf(readFileSync(join(opened, "pki", "token"), "utf8")) !== passwordOf(token)) {
    problems.push(
      "The snapshot was taken with another token than quintet:k3sToken, and the cluster's authorities in it open with that one alone. " +
        "Take a newer snapshot; or put the token that `etcd-backup open` gives as pki/token into /etc/rancher/k3s/token of every node and into quintet:k3sToken first.",
    );
  }
  return problems;
}

/** k3s writes it after the hash of its authority: `K10…::server:password`. */
const passwordOf = (token: string): string => token.trim().replace(/^K10[^:]*::(?:\w+:)?/, "");

/**
 * A database whose revisions are ahead of everything that a watcher can have seen, with etcd's hash at its end, since k3s
 * looks at it. k3s itself raises nothing.
 */
export async function raisedDatabase(database: string, folder: string): Promise<string> {
  const data = join(folder, "raised");
  const args = [
    "snapshot",
    "restore",
    database,
    "--data-dir",
    data,
    `--bump-revision=${String(bump)}`,
    "--mark-compacted",
  ];
  await run(toolPath("etcdutl"), args, { timeout: restoreDeadline });
  const raised = join(folder, "raised.db");
  copyFileSync(join(data, "member", "snap", "db"), raised);
  const hash = createHash("sha256");
  await pipeline(createReadStream(raised), hash);
  appendFileSync(raised, hash.digest());
  return raised;
}

const restoreDeadline = 600_000;

/** Connects to every server, before anything is changed on one. @param database goes onto the first */
export async function reachServers(config: K3sConfig, secrets: K3sSecrets, database: string): Promise<Servers> {
  const connections = new Map<string, Connection>();
  const close = () => {
    for (const connection of connections.values()) connection.close();
  };
  const of = (node: string): Connection => {
    const connection = connections.get(node);
    if (connection === undefined) throw new Error(`${node} is no server of cluster ${config.name}.`);
    return connection;
  };
  const { user } = config.ssh;
  const inShell = async (node: string, script: string) => {
    const { code, signal, stdout, stderr } = await of(node).run(asRoot(user, `sh -c ${quoted(script)}`));
    if (code === 0) return stdout;
    throw new Error(
      `\`${script}\` ended with ${signal ?? String(code)}: ${stderr.trim().split("\n").slice(-3).join(" ")}`,
    );
  };
  try {
    const servers = config.nodes.filter(({ role }) => role === "server");
    for (const node of servers) connections.set(node.name, await connect(machineOf(config, node, secrets)));
    const [first, ...others] = servers.map(({ name }) => name);
    if (first === undefined) throw new Error(`Cluster ${config.name} has no server.`);
    return {
      names: [first, ...others],
      run: inShell,
      copy: async (node, to) => {
        const landed = `/var/tmp/quintet-restore-${String(process.pid)}.db`;
        // Nobody else may read it there, from its first byte on.
        await of(node).run(`umask 077 && : >${landed}`);
        await of(node).upload(database, landed);
        await inShell(
          node,
          `mkdir -p ${quoted(join(to, ".."))} && install -m 600 -o root ${landed} ${quoted(to)} && rm ${landed}`,
        );
      },
      [Symbol.dispose]: close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function machineOf({ ssh }: K3sConfig, node: K3sConfig["nodes"][number], secrets: K3sSecrets): Machine {
  const { privateKey, passphrase } = secrets;
  const { user, port, jump } = ssh;
  return {
    host: node.address,
    port: node.port ?? port,
    user,
    hostKey: node.hostKey,
    privateKey,
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(jump === undefined ? {} : { jump }),
  };
}
