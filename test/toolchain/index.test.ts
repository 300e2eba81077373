import { execFile, spawnSync } from "node:child_process";
import { cpSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { binaryOf } from "../../toolchain/cache.ts";
import { ensureTools } from "../../toolchain/index.ts";
import type { Source } from "../../toolchain/sources.ts";
import { fakeBuild, hammer, listener, makeBox, makeFolder, removeFolders } from "./fixture.ts";

afterEach(removeFolders);

const root = join(__dirname, "..", "..");
const node = join(root, "node_modules/.bin/node");

/** A program that gets the hammer in a process of its own, and notes each build in `built`. */
const program = (box: unknown, built: string, content = "script") => `
  import { appendFileSync, writeFileSync } from "node:fs";
  import { setTimeout as sleep } from "node:timers/promises";
  import { ensureTools } from "${root}/toolchain/index.ts";
  const script = "#!/bin/sh\\necho hammer v1.2.3\\n";
  const build = async ({ staging }) => {
    appendFileSync(${JSON.stringify(built)}, "x");
    await sleep(300);
    writeFileSync(staging.binary, ${content});
    return "built";
  };
  await ensureTools(["nodes"], { box: ${JSON.stringify(box)}, sources: [build] }).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });`;

const args = (text: string) => ["--input-type=module-typescript", "--eval", text];

test("a second run finds everything", async () => {
  const box = makeBox();
  const build = fakeBuild();
  await ensureTools(["nodes"], { box, sources: [build] });
  const heard = listener();
  await ensureTools(["nodes"], { box, sources: [build], progress: heard.progress });
  expect(build.count).toBe(1);
  expect(heard.how()).toEqual([]);
  expect(readlinkSync(join(box.cache, "bin", "hammer"))).toBe(binaryOf(hammer, box));
});

test("a change of the pinned module gets the tool anew and keeps the old one for other checkouts", async () => {
  const before = makeBox();
  const after = { ...makeBox([hammer], { "go.sum": "a v1 h1:x\n" }), cache: before.cache };
  const build = fakeBuild();
  for (const box of [before, after, before]) await ensureTools(["nodes"], { box, sources: [build] });
  expect(build.count).toBe(2);
  expect(readlinkSync(join(before.cache, "bin", "hammer"))).toBe(binaryOf(hammer, before));
});

test("two runs in one process build once", async () => {
  const box = makeBox();
  const build = fakeBuild();
  const run = () => ensureTools(["nodes"], { box, sources: [build] });
  expect(await Promise.all([run(), run()])).toEqual(Array(2).fill({ hammer: binaryOf(hammer, box) }));
  expect(build.count).toBe(1);
});

test("two processes build once", async () => {
  const box = makeBox();
  const built = join(makeFolder(), "built");
  const run = () => promisify(execFile)(node, args(program(box, built)));
  await Promise.all([run(), run()]);
  expect(readFileSync(built, "utf8")).toBe("x");
});

test("the first failure ends the other builds and is what is reported", async () => {
  const saw = { ...hammer, name: "saw", module: "shed" };
  const box = makeBox([hammer, saw]);
  const shed = makeBox();
  cpSync(join(shed.modules, "workshop"), join(box.modules, "shed"), { recursive: true });
  const source: Source = async ({ tool, signal }) => {
    if (tool.name === "saw") throw new Error("saw could not be built");
    await new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        reject(new Error("stopped"));
      });
    });
    return "built";
  };
  await expect(ensureTools(["nodes"], { box, sources: [source] })).rejects.toThrow("saw could not be built");
});

test("a caller's signal stops it", async () => {
  const stop = new AbortController();
  stop.abort();
  const build = fakeBuild();
  await expect(ensureTools(["nodes"], { box: makeBox(), sources: [build], signal: stop.signal })).rejects.toThrow(
    /abort/i,
  );
  expect(build.count).toBe(0);
});

test("an unknown name is refused with the known ones", async () => {
  await expect(ensureTools(["spanner" as "kubelet"], { box: makeBox() })).rejects.toThrow(
    'There is no tool "spanner". There are: hammer.',
  );
});

const canMount = process.getuid?.() === 0 && process.platform === "linux";

(canMount ? test : test.skip)("a full disk is an error that says where and how much", () => {
  const box = { ...makeBox(), cache: makeFolder() };
  // A file system of 64 KiB that only this child sees, and that ends with it.
  const shell = 'mount -t tmpfs -o size=64k tmpfs "$0" && exec "$@"';
  const text = program(box, join(makeFolder(), "built"), '"#".repeat(100_000)');
  const { stderr } = spawnSync("unshare", ["--mount", "sh", "-c", shell, box.cache, node, ...args(text)], {
    encoding: "utf8",
  });
  expect(stderr).toMatch(
    new RegExp(
      `^The disk is full: 0\\.\\d GB are free in ${box.cache}, .* for hammer; .* it goes on where it stopped\\.`,
    ),
  );
});
