/** The S3 service of an embedded cluster's backups, alone on the loopback. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { type BackupStore, s3Service } from "../../embedded/backups.ts";

/** Starts it on a port, with what is in its store already; it ends when its process is killed. */
export function serveStore(store: BackupStore, port: number): ChildProcess {
  const login = store.credentials();
  assert.ok(login);
  const { command, env } = s3Service(store, `http://127.0.0.1:${String(port)}`, login);
  return spawn(command[0], command.slice(1), { env: { ...process.env, ...env }, stdio: "ignore" });
}
