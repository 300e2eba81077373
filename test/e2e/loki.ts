/** A Loki of the test's own on this machine, with the configuration of the platform's. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { lokiConfig } from "../../components/logging/loki-plan.ts";
import { loggingSchema } from "../../components/logging/schema.ts";
import type { LogCase } from "../../components/monitoring/insight.ts";
import { until } from "../../embedded/run.ts";
import { ensureTools } from "../../toolchain/index.ts";
import { freePort } from "./fixtures.ts";

/** What Loki is asked by the tests of rules. */
export interface Loki {
  /** Gives an owner lines of this moment. */
  readonly push: (owner: string, said: LogCase["said"]) => Promise<void>;
  /** The labels of each series that an expression has now. */
  readonly query: (owner: string, expr: string) => Promise<readonly Readonly<Record<string, string>>[]>;
}

/** Runs one while `work` goes on. */
export async function withLoki(work: (loki: Loki) => Promise<void>): Promise<void> {
  const { loki } = await ensureTools(["loki"]);
  const folder = mkdtempSync(join(tmpdir(), "quintet-loki-"));
  const config = loggingSchema.parse({ kind: "loki" });
  if (config.kind === "none") throw new Error("the schema of logging gives no Loki");
  const own = lokiConfig(config);
  const port = await freePort();
  const server = { ...own.server, http_listen_address: "127.0.0.1", http_listen_port: port };
  const listening = { ...own, server: { ...server, grpc_listen_port: await freePort() } };
  const file = join(folder, "loki.json");
  writeFileSync(file, JSON.stringify(listening).replaceAll('"/loki', `"${folder}`));
  const child = execa(loki, [`-config.file=${file}`], { reject: false, stdin: "ignore", all: true });
  const url = `http://127.0.0.1:${String(port)}`;
  const ask = async (path: string, owner: string, init: RequestInit = {}) => {
    const headers = { "X-Scope-OrgID": owner, "Content-Type": "application/json" };
    const answer = await fetch(`${url}${path}`, { ...init, headers });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Loki answers ${path} with ${String(answer.status)}: ${text}`);
    return text;
  };
  try {
    const ready = () =>
      fetch(`${url}/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until("Loki to be ready", 60_000, ready, 200);
    await work({
      push: async (owner, said) => {
        const now = BigInt(Date.now()) * 1_000_000n - BigInt(said.length);
        const streams = said.map(({ stream, beside, line }, index) => ({
          stream,
          values: [[String(now + BigInt(index)), line, beside]],
        }));
        await ask("/loki/api/v1/push", owner, { method: "POST", body: JSON.stringify({ streams }) });
      },
      query: async (owner, expr) => {
        const text = await ask(`/loki/api/v1/query?query=${encodeURIComponent(expr)}`, owner);
        const { data } = JSON.parse(text) as { data: { result: { metric: Record<string, string> }[] } }; // its HTTP API
        return data.result.map(({ metric }) => metric);
      },
    });
  } finally {
    child.kill("SIGKILL");
    await child;
    rmSync(folder, { recursive: true, force: true });
  }
}
