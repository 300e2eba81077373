/** Members of etcd on loopback addresses of their own, at the ports that they have on nodes. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Member } from "../../backup/reset-plan.ts";
import { run, until } from "../../embedded/run.ts";
import { toolPath } from "../../toolchain/index.ts";

/** One to three members; their addresses are of 127.0.0.0/8. */
export class Etcd implements AsyncDisposable {
  readonly members: readonly Member[];
  private readonly folder: string;
  private processes: ChildProcess[] = [];

  /** @param network the first three bytes of their addresses */
  constructor(folder: string, count: 1 | 3, network = "127.77.7") {
    this.folder = folder;
    const names = ["one", "two", "three"].slice(0, count);
    this.members = names.map((name, i) => ({ name, address: `${network}.${String(i + 1)}` }));
  }

  /** Of all members, with commas between them. */
  get endpoints(): string {
    return this.members.map((member) => clientUrl(member)).join(",");
  }

  /** What a member has instead of its node's /var/lib. */
  home(name: string): string {
    const home = join(this.folder, name);
    mkdirSync(home, { recursive: true, mode: 0o700 });
    return home;
  }

  /** Starts all of them with the data that they have, and waits until they answer. */
  async start(): Promise<void> {
    const cluster = this.members.map(({ name, address }) => `${name}=https://${address}:2380`).join(",");
    this.processes = this.members.map((member) => {
      const log = openSync(join(this.home(member.name), "etcd.log"), "a");
      const args = [
        `--name=${member.name}`,
        `--data-dir=${join(this.home(member.name), "etcd")}`,
        `--listen-client-urls=${clientUrl(member)}`,
        `--advertise-client-urls=${clientUrl(member)}`,
        `--listen-peer-urls=https://${member.address}:2380`,
        `--initial-advertise-peer-urls=https://${member.address}:2380`,
        `--initial-cluster=${cluster}`,
        "--peer-auto-tls",
        "--log-level=warn",
        // The machine is shared: a member that waits for the disk is not lost.
        "--heartbeat-interval=500",
        "--election-timeout=5000",
      ];
      const child = spawn(toolPath("etcd"), args, { stdio: ["ignore", log, log] });
      closeSync(log);
      return child;
    });
    await until("all members of etcd to be healthy", 120_000, async () => {
      await this.etcdctl("endpoint", "health");
      return true;
    });
  }

  /** Ends them at once, as losing their machines would. @param last how many, from the last one on. @default all */
  async kill(last = this.processes.length): Promise<void> {
    const lost = this.processes.splice(this.processes.length - last);
    await Promise.all(
      lost.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGKILL");
        await ended;
      }),
    );
  }

  /** Takes the data of all of them away. */
  wipe(): void {
    for (const { name } of this.members) rmSync(join(this.home(name), "etcd"), { recursive: true, force: true });
  }

  async etcdctl(...args: string[]): Promise<string> {
    return run(toolPath("etcdctl"), [`--endpoints=${this.endpoints}`, "--command-timeout=30s", ...args]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** Where a member answers. */
export const clientUrl = ({ address }: Member): string => `http://${address}:2379`;
