/** A single etcd on the loopback, without TLS, filled with as much as is wanted. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { until } from "../../embedded/run.ts";
import { toolPath } from "../../toolchain/index.ts";
import { freePort } from "./fixtures.ts";

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

  /** Writes so many keys with so many bytes each, which nothing can compress, and `owners` as whose etcd it is. */
  async put(keys: number, bytes: number, owners: string): Promise<void> {
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const lanes = 4;
    const value = Buffer.concat(
      Array.from({ length: Math.ceil(bytes / 65_536) }, () => crypto.getRandomValues(new Uint8Array(65_536))),
    )
      .subarray(0, bytes)
      .toString("base64");
    const one = async (key: string, text: string) => {
      const body = JSON.stringify({ key: base64(key), value: text });
      assert.ok((await fetch(`${this.endpoint}/v3/kv/put`, { method: "POST", body })).ok);
    };
    const lane = async (first: number) => {
      for (let index = first; index < keys; index += lanes) await one(`/registry/configmaps/${String(index)}`, value);
    };
    await one("/registry/namespaces/kube-system", base64(owners));
    await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
