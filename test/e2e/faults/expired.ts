/** The credentials of a backend that others share end in the middle of a run, and new ones come. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { BackupStore, type S3Credentials, s3Service } from "../../../embedded/backups.ts";
import { owner } from "../../../embedded/owner.ts";
import { until } from "../../../embedded/run.ts";
import { ensureTools } from "../../../toolchain/index.ts";
import { freePort } from "../fixtures.ts";
import { longTest } from "../long.ts";
import { complete, figures, keptIn, objectsOf, stackOf, state, timed } from "./context.ts";

const name = "expired";
const ours = ["PULUMI_BACKEND_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] as const;
let service: ChildProcess | undefined;

after(end);

async function end(): Promise<void> {
  if (service?.exitCode === null && service.kill("SIGKILL")) await once(service, "exit");
}

/** The S3 service with the one login that it takes, which is this process' own from now on if it is told to be. */
async function serve(store: BackupStore, port: number, login: S3Credentials): Promise<void> {
  await end();
  const { command, env, ready } = s3Service(store, `http://127.0.0.1:${String(port)}`, login);
  service = spawn(command[0], command.slice(1), { env: { ...process.env, ...env }, stdio: "ignore" });
  await until("the S3 service", 10_000, async () => (await fetch(ready).catch(() => undefined))?.ok === true, 20);
}

function use({ accessKeyId, secretAccessKey }: S3Credentials): void {
  process.env["AWS_ACCESS_KEY_ID"] = accessKeyId;
  process.env["AWS_SECRET_ACCESS_KEY"] = secretAccessKey;
}

longTest("credentials of a shared backend that end in a run: the next one, with new ones, makes it whole", async () => {
  try {
    await expireInTheMiddle();
  } finally {
    // The tests after this one have backends of their own.
    for (const variable of ours) Reflect.deleteProperty(process.env, variable);
    await end();
  }
});

async function expireInTheMiddle(): Promise<void> {
  await ensureTools(["versitygw", "age-keygen"]);
  const stores = state.file("stores");
  mkdirSync(stores, { recursive: true });
  const store = new BackupStore("expired", stores);
  const [port, first] = [await freePort(), await store.prepare(owner())];
  const second = { ...first, secretAccessKey: "another-secret-of-the-same-length" };
  const asked = new URLSearchParams({ region: "us-east-1", endpoint: `http://127.0.0.1:${String(port)}` });
  asked.set("s3ForcePathStyle", "true");
  process.env["PULUMI_BACKEND_URL"] = `s3://etcd-backups?${asked.toString()}`;
  await serve(store, port, first);
  use(first);

  const stack = stackOf(name);
  const file = join(store.objects, ".pulumi", "stacks", "smallest", `${stack.name}.json`);
  const running = timed(stack.capture("up", ["--yes", "--skip-preview"]), "the run whose credentials end");
  await until("half of the stack", 60_000, () => Promise.resolve(keptIn(file).resources.length >= 4), 5);
  await serve(store, port, second);
  const cut = await running;
  assert.notEqual(cut.exitCode, 0, cut.text);
  assert.match(cut.text, /403|SignatureDoesNotMatch|AccessDenied/, cut.text);

  use(second);
  const locked = await timed(stack.capture("up", ["--yes", "--skip-preview"]), "the run that meets the lock");
  if (locked.exitCode !== 0) {
    assert.match(locked.text, /npm run unlock/, locked.text);
    await stack.unlock();
    const again = await timed(stack.capture("up", ["--yes", "--skip-preview"]), "the run after it");
    assert.equal(again.exitCode, 0, again.text);
  }
  assert.deepEqual(await objectsOf(name), complete);
  assert.deepEqual(keptIn(file).pending, []);
  const same = await timed(stack.capture("preview", ["--expect-no-changes"]), "preview");
  assert.equal(same.exitCode, 0, same.text);
  figures.push(`credentials ended with ${String(keptIn(file).resources.length)} resources in the state: whole again`);
}
