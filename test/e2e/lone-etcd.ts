/** A single etcd on the loopback, without TLS, filled with as much as is wanted. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { until } from "../../embedded/run.ts";
import { toolPath } from "../../toolchain/index.ts";
import { freePort } from "./fixtures.ts";

type Bytes = string | Uint8Array;
const base64 = (bytes: Bytes) => Buffer.from(bytes as string).toString("base64"); // its overloads take either, not both

/** One etcd; it ends with `await using`, or with `kill`. */
export class LoneEtcd implements AsyncDisposable {
  /** Where it answers. */
  readonly endpoint: string;
  /** Its data. */
  readonly data: string;
  private readonly args: readonly string[];
  private child: ChildProcess | undefined;

  private constructor(data: string, client: string, peer: string) {
    const name = "lone";
    const urls = { "listen-client-urls": client, "advertise-client-urls": client, "listen-peer-urls": peer };
    const flags = { ...urls, "initial-advertise-peer-urls": peer, "initial-cluster": `${name}=${peer}`, name };
    const more = { "data-dir": data, "log-level": "error", "quota-backend-bytes": String(4 * 2 ** 30) };
    this.endpoint = client;
    this.data = data;
    this.args = Object.entries({ ...flags, ...more }).map(([flag, value]) => `--${flag}=${value}`);
  }

  /** @param data its folder, which may have data of an earlier one */
  static async start(data: string): Promise<LoneEtcd> {
    const [client, peer] = await Promise.all([freePort(), freePort()]);
    const etcd = new LoneEtcd(data, `http://127.0.0.1:${String(client)}`, `http://127.0.0.1:${String(peer)}`);
    await etcd.start();
    return etcd;
  }

  /** Starts it, and waits until it is healthy. */
  async start(): Promise<void> {
    this.child = spawn(toolPath("etcd"), this.args, { stdio: "ignore" });
    await until(`etcd at ${this.endpoint}`, 60_000, async () => (await fetch(`${this.endpoint}/health`)).ok, 20);
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  /** The file of its database. */
  get database(): string {
    return join(this.data, "member", "snap", "db");
  }

  /** Writes a value. @returns the revision that it has */
  async set(key: string, value: Bytes): Promise<number> {
    return this.change("kv/put", { key: base64(key), value: base64(value) });
  }

  /** Removes a key, whether or not it is there. @returns the revision after it */
  async remove(key: string): Promise<number> {
    return this.change("kv/deleterange", { key: base64(key) });
  }

  /** Forgets what was before a revision. */
  async compact(revision: number): Promise<void> {
    await this.change("kv/compaction", { revision });
  }

  /** Every key that begins so, with its value. */
  async all(prefix: string): Promise<ReadonlyMap<string, string>> {
    const text = (bytes: string) => Buffer.from(bytes, "base64").toString();
    const end = `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
    const found = await this.ask("kv/range", { key: base64(prefix), range_end: base64(end) });
    const { kvs = [] } = found as { kvs?: { key: string; value: string }[] }; // etcd's own
    return new Map(kvs.map(({ key, value }) => [text(key), text(value)]));
  }

  /** Writes so many keys with so many bytes each, which nothing can compress, and `owners` as whose etcd it is. */
  async put(keys: number, bytes: number, owners: string): Promise<void> {
    const lanes = 4;
    const value = Buffer.concat(
      Array.from({ length: Math.ceil(bytes / 65_536) }, () => crypto.getRandomValues(new Uint8Array(65_536))),
    ).subarray(0, bytes);
    const lane = async (first: number) => {
      for (let index = first; index < keys; index += lanes)
        await this.set(`/registry/configmaps/${String(index)}`, value);
    };
    await this.set("/registry/namespaces/kube-system", owners);
    await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)));
  }

  /** @returns the revision after it */
  private async change(what: string, message: object): Promise<number> {
    return Number(((await this.ask(what, message)) as { header: { revision: string } }).header.revision); // etcd's own
  }

  private async ask(what: string, message: object): Promise<unknown> {
    const answer = await fetch(`${this.endpoint}/v3/${what}`, { method: "POST", body: JSON.stringify(message) });
    assert.ok(answer.ok, `${what}: ${String(answer.status)}`);
    return answer.json();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
