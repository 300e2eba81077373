/**
 * A snapshot brought to life: an etcd and an API server of this machine's toolchain, on this machine alone, with nothing
 * that acts on what is in it: no controllers, no webhooks, no nodes.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { stringify } from "yaml";
import { run, until } from "../embedded/run.ts";
import { toolPath } from "../toolchain/index.ts";

/** What {@link Scratch.start} is told. */
export interface ScratchOptions {
  /** A folder to make, below one that nobody else may read: all Secrets of a cluster lie in it. */
  readonly folder: string;
  /** The database of a snapshot. @default an empty one */
  readonly database?: string;
  /** The API server's configuration of what is encrypted in it. @default nothing is */
  readonly encryption?: string;
  /** The endpoints of an etcd that runs already, with commas between them. @default one is started */
  readonly etcd?: string;
  /** The Services' addresses, since the API server wants to know. @default kubeadm's */
  readonly serviceCidr?: string;
}

const etcdDeadline = 120_000;
const apiDeadline = 300_000;
const restoreDeadline = 600_000;
const informerPatience = 30_000;

/** A running one. It ends with `await using`. */
export class Scratch implements AsyncDisposable {
  readonly kubeconfig: string;
  /** For etcdctl. */
  readonly endpoint: string;
  private readonly folder: string;
  private readonly children: ChildProcess[] = [];
  /** For a process that ends in the middle. */
  private readonly kill = () => {
    for (const child of this.children) child.kill("SIGKILL"); // nothing in them is wanted any more
  };

  private constructor(folder: string, etcd = `unix://${join(folder, "etcd.sock")}`) {
    this.folder = folder;
    this.kubeconfig = join(folder, "kubeconfig");
    this.endpoint = etcd;
    process.once("exit", this.kill);
  }

  /** Restores the database and starts both. @throws with what the one said that did not start */
  static async start({ folder, database, etcd, ...of }: ScratchOptions): Promise<Scratch> {
    mkdirSync(folder, { mode: 0o700 });
    const scratch = new Scratch(folder, etcd);
    try {
      if (database !== undefined) await restoreDatabase(database, join(folder, "etcd"));
      if (etcd === undefined) await scratch.startEtcd();
      await scratch.startApi(of);
      return scratch;
    } catch (error) {
      await scratch[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The keys of etcd as they were at a revision, with the revision at which each was written last. */
  async keys(revision: number): Promise<{ readonly key: string; readonly revision: number }[]> {
    const args = ["get", "", "--prefix", "--keys-only", `--rev=${String(revision)}`, "-w", "json"];
    const { kvs } = JSON.parse(await this.etcdctl(args)) as { kvs?: { key: string; mod_revision: number }[] }; // etcdctl's
    return (kvs ?? []).map(({ key, mod_revision }) => ({
      key: Buffer.from(key, "base64").toString(),
      revision: mod_revision,
    }));
  }

  async etcdctl(args: readonly string[]): Promise<string> {
    return run(toolPath("etcdctl"), ["--endpoints", this.endpoint, ...args]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const ended = running.map((child) => new Promise((resolve) => child.once("exit", resolve)));
    this.kill();
    await Promise.all(ended);
    process.off("exit", this.kill);
  }

  private async startEtcd(): Promise<void> {
    const peer = `unix://${join(this.folder, "peer.sock")}`;
    const child = this.spawn("etcd", [
      "--name=default",
      `--data-dir=${join(this.folder, "etcd")}`,
      `--listen-client-urls=${this.endpoint}`,
      `--advertise-client-urls=${this.endpoint}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${localPeer}`,
      `--initial-cluster=default=${localPeer}`,
      "--quota-backend-bytes=8589934592", // etcd's own upper bound: a full database has to open
      "--unsafe-no-fsync",
    ]);
    await this.ready("etcd", child, "the scratch etcd", etcdDeadline, async () => {
      await this.etcdctl(["endpoint", "health"]);
      return true;
    });
  }

  private async startApi({
    encryption,
    serviceCidr = "10.96.0.0/12",
  }: Pick<ScratchOptions, "encryption" | "serviceCidr">): Promise<void> {
    const [port, token] = [await freePort(), randomBytes(32).toString("hex")];
    const file = (name: string, text: string) => {
      writeFileSync(join(this.folder, name), text, { mode: 0o600 });
      return join(this.folder, name);
    };
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = file("service-account.key", privateKey.export({ type: "sec1", format: "pem" }).toString());
    const certificates = join(this.folder, "certificates");
    mkdirSync(certificates, { mode: 0o700 });
    const child = this.spawn("kube-apiserver", [
      `--etcd-servers=${this.endpoint}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${String(port)}`,
      `--cert-dir=${certificates}`,
      `--token-auth-file=${file("tokens.csv", `${token},drill,drill,system:masters\n`)}`,
      "--authorization-mode=RBAC",
      "--anonymous-auth=false",
      `--service-cluster-ip-range=${serviceCidr}`,
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-signing-key-file=${key}`,
      `--service-account-key-file=${key}`,
      "--disable-admission-plugins=MutatingAdmissionWebhook,ValidatingAdmissionWebhook",
      "--endpoint-reconciler-type=none",
      "--etcd-compaction-interval=0", // what is read is read at one revision
      // Nobody has to find it, so it writes no lease.
      "--feature-gates=APIServerIdentity=false,UnknownVersionInteroperabilityProxy=false",
      "--profiling=false",
      ...(encryption === undefined ? [] : [`--encryption-provider-config=${encryption}`]),
    ]);
    await this.ready("kube-apiserver", child, "the scratch API server's certificate", apiDeadline, () => {
      const ca = readFileSync(join(certificates, "apiserver.crt"));
      file("kubeconfig", kubeconfigOf(`https://127.0.0.1:${String(port)}`, ca, token));
      return Promise.resolve(true);
    });
    const says = async (check: string) => {
      const args = ["--kubeconfig", this.kubeconfig, "get", "--raw", check];
      return (await run(toolPath("kubectl"), args, { timeout: 10_000 })) === "ok";
    };
    let since: number | undefined;
    await this.ready("kube-apiserver", child, "the scratch API server", apiDeadline, async () => {
      try {
        return await says("/readyz");
      } catch (error) {
        // One value that cannot be read keeps its informer waiting for ever. Whoever reads all kinds finds out which.
        if (!(await says("/readyz?exclude=informer-sync").catch(() => false))) throw error;
        since ??= Date.now();
        return Date.now() - since > informerPatience;
      }
    });
  }

  private spawn(name: "etcd" | "kube-apiserver", args: readonly string[]): ChildProcess {
    const log = openSync(this.log(name), "w", 0o600);
    const child = spawn(toolPath(name), args, { stdio: ["ignore", log, log] });
    closeSync(log);
    this.children.push(child);
    return child;
  }

  private log(name: string): string {
    return join(this.folder, `${name}.log`);
  }

  private async ready(
    program: "etcd" | "kube-apiserver",
    child: ChildProcess,
    what: string,
    deadline: number,
    ask: () => Promise<boolean>,
  ): Promise<void> {
    const has = () => child.exitCode !== null || child.signalCode !== null;
    const why = () => readFileSync(this.log(program), "utf8").trim().split("\n").slice(-5).join("\n").slice(-2_000);
    await until(what, deadline, async () => has() || (await ask()), 200).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}\n${why()}`, { cause: error });
    });
    if (has()) throw new Error(`${program} ended before it was ready:\n${why()}`);
  }
}

/** What a snapshot was encrypted with in etcd, as k3s keeps it and kubeadm does not. */
const encryptionOf = (opened: string): string => join(opened, "pki", "cred", "encryption-config.json");

/** What brings a snapshot of etcd to life that was opened into a folder. */
export function databaseIn(opened: string): Pick<ScratchOptions, "database" | "encryption"> {
  const encryption = encryptionOf(opened);
  return { database: join(opened, "etcd.db"), ...(existsSync(encryption) ? { encryption } : {}) };
}

const localPeer = "http://localhost:2380"; // a name in the membership alone: nothing listens there

async function restoreDatabase(database: string, directory: string): Promise<void> {
  await run(toolPath("etcdutl"), ["snapshot", "restore", database, "--data-dir", directory], {
    timeout: restoreDeadline,
  });
}

function kubeconfigOf(server: string, ca: Buffer, token: string): string {
  const name = "scratch";
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": ca.toString("base64") } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("This machine gives no port."));
      });
    });
  });
}
