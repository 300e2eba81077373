/** What of a cluster runs, and what it takes. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { hostHierarchies } from "./cgroups.ts";
import { readyNodes } from "./kubectl.ts";
import { clusterGroup, nodeRuns } from "./node.ts";
import type { ClusterSpec } from "./spec.ts";
import { ClusterState } from "./state.ts";

/** The cluster as a table of text, a line a node. */
export async function statusTable(spec: ClusterSpec): Promise<string> {
  const state = new ClusterState(spec.name);
  const ready = await readyNodes(state).catch((error: unknown) => (error as Error).message);
  const rows = spec.nodes.map((node) => [
    node.name,
    node.address,
    node.role,
    node.rack,
    nodeRuns(node, state) ? "running" : "stopped",
    typeof ready === "string" ? "unknown" : ready.includes(node.name) ? "Ready" : "NotReady",
  ]);
  const table = [["NODE", "ADDRESS", "ROLE", "RACK", "PROCESSES", "STATUS"], ...rows];
  const widths = (table[0] ?? []).map((_, i) => Math.max(...table.map((row) => (row[i] ?? "").length)));
  const lines = table.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [...lines, ...(typeof ready === "string" ? [`The API server does not answer: ${ready}`] : [])].join("\n");
}

/**
 * Memory that the cluster's processes hold, in bytes: resident and not shared with a file, over all nodes' groups, so
 * that what the kernel only caches does not count.
 */
export function clusterMemory(spec: ClusterSpec): number {
  const memory = hostHierarchies().find((h) => h.version === 2 || h.data.split(",").includes("memory"));
  if (memory === undefined) {
    return 0;
  }
  return anonymous(path.join(memory.mountPoint, memory.own, clusterGroup(spec)));
}

function anonymous(dir: string): number {
  if (!existsSync(dir)) {
    return 0;
  }
  const stat = readFileSync(path.join(dir, "memory.stat"), "utf8");
  // Version 2 counts the groups below along; version 1 does so under another name.
  const total = /^(?:total_rss|anon) (\d+)$/m.exec(stat)?.[1];
  if (total !== undefined) {
    return Number(total);
  }
  const below = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return below.reduce((sum, entry) => sum + anonymous(path.join(dir, entry.name)), 0);
}
