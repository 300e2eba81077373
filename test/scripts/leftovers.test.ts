import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identify, until } from "../../embedded/run.ts";
import { endLeftovers } from "../../scripts/leftovers.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-leftovers-"));
const program = join(folder, "pulumi");
copyFileSync("/bin/sh", program);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A program under an engine's name, with a child that waits. */
function engineWithPlugin(backend: string) {
  const env = { PATH: process.env["PATH"], PULUMI_BACKEND_URL: backend };
  return spawn(program, ["-c", "sleep 60 & echo $!; wait"], { env, stdio: ["ignore", "pipe", "ignore"] });
}

test("what a dead engine has left of one stack is ended, and nothing of an engine that runs or of another stack", async () => {
  const [dead, living, other] = ["file:///dead", "file:///dead", "file:///other"].map(engineWithPlugin);
  const plugins = await Promise.all(
    [dead, living, other].map(
      (engine) =>
        new Promise<number>((resolve) =>
          engine?.stdout.once("data", (pid) => {
            resolve(Number(pid));
          }),
        ),
    ),
  );
  for (const engine of [dead, other]) engine?.kill("SIGKILL");
  const gone = () => Promise.resolve(identify(dead?.pid ?? 0) === undefined);
  await until("the engine to be gone", 5_000, gone, 10);
  try {
    expect(await endLeftovers("file:///dead")).toEqual(["sleep"]);
    expect(plugins.map((pid) => identify(pid) !== undefined)).toEqual([false, true, true]);
  } finally {
    for (const pid of plugins) if (identify(pid) !== undefined) process.kill(pid, "SIGKILL");
    living?.kill("SIGKILL");
  }
});
