/** Where an embedded cluster keeps what it must remember: one folder below the cache, and nothing outside it. */
import { chownSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { replaceFile } from "../replace-file.ts";
import { cacheDir } from "../toolchain/index.ts";
import type { Owner } from "./owner.ts";
import { alive, type ProcessId } from "./run.ts";

/** The folder of all clusters; each has one below it under its name. */
export function clustersDir(): string {
  return path.join(cacheDir(), "clusters");
}

/** The files of one cluster, by what they hold. */
export class ClusterState {
  readonly dir: string;
  readonly kubeconfig: string;
  /** Where the nodes' root directories are: a simulated cluster has none. */
  readonly nodesDir: string;

  constructor(clusterName: string) {
    this.dir = path.join(clustersDir(), clusterName);
    this.kubeconfig = path.join(this.dir, "kubeconfig");
    this.nodesDir = path.join(this.dir, "nodes");
  }

  /** A path below the cluster's folder. */
  file(...parts: string[]): string {
    return path.join(this.dir, ...parts);
  }

  /** The folder that is a node's root directory. */
  nodeRoot(node: string): string {
    return path.join(this.nodesDir, node, "root");
  }

  /** The object that was kept under that name, or undefined. Its shape is that with which `write` was called. */
  read(name: string): unknown {
    try {
      return JSON.parse(readFileSync(this.file(name), "utf8"));
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") {
        return undefined; // half written before a crash counts as not written
      }
      throw error;
    }
  }

  /** Keeps an object under that name: whole or not at all. Anybody may read it, so it holds no secret. */
  write(name: string, value: unknown): void {
    this.replace(name, JSON.stringify(value, undefined, 2), 0o644);
  }

  /** Writes the kubeconfig: whole or not at all, and readable by nobody but its owner. */
  writeKubeconfig(text: string, owner: Owner): void {
    this.replace("kubeconfig", text, 0o600);
    chownSync(this.kubeconfig, owner.uid, owner.gid);
  }

  private replace(name: string, text: string, mode: number): void {
    const target = this.file(name);
    mkdirSync(path.dirname(target), { recursive: true });
    replaceFile(target, text, mode);
  }

  /** The process that was kept under that name, if that very one still lives. */
  process(name: string): ProcessId | undefined {
    const id = this.read(`${name}.pid.json`) as ProcessId | undefined; // keepProcess wrote it
    return id !== undefined && alive(id) ? id : undefined;
  }

  keepProcess(name: string, id: ProcessId): void {
    this.write(`${name}.pid.json`, id);
  }
}
