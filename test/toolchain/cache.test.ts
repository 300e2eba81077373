import { spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Toolbox, binaryOf, install, toolKey, toolPath } from "../../toolchain/cache.ts";
import { hammer, makeBox, removeFolders, script } from "./fixture.ts";

afterEach(removeFolders);

const root = join(__dirname, "..", "..");
const main = join("workshop", "main.go");

describe("the key changes with", () => {
  const changes: Record<string, (box: Toolbox) => Toolbox> = {
    "go.sum": (box) => (appendFileSync(join(box.modules, "workshop", "go.sum"), "a v1 h1:x\n"), box),
    "go.mod": (box) => (appendFileSync(join(box.modules, "workshop", "go.mod"), "// x\n"), box),
    "a source file": (box) => (appendFileSync(join(box.modules, main), "// x\n"), box),
    "a new source file": (box) => (writeFileSync(join(box.modules, "workshop", "b.go"), ""), box),
    "the platform": (box) => ({ ...box, platform: { os: "linux", arch: "arm64" } }),
  };
  test.each(Object.keys(changes))("%s", (name) => {
    const box = makeBox([hammer], { "main.go": "package main\n" });
    const before = toolKey(hammer, box);
    const after = changes[name]?.(box) ?? box;
    expect(toolKey(hammer, after)).not.toBe(before);
  });

  test("the tool's entry in the catalogue", () => {
    const box = makeBox();
    expect(toolKey({ ...hammer, version: "1.2.4" }, box)).not.toBe(toolKey(hammer, box));
  });
});

test("the key does not change with a test, a note or the place of the cache", () => {
  const box = makeBox();
  const before = toolKey(hammer, box);
  writeFileSync(join(box.modules, "workshop", "main_test.go"), "package main\n");
  writeFileSync(join(box.modules, "workshop", "README.md"), "a note");
  expect(toolKey(hammer, { ...box, cache: "/elsewhere" })).toBe(before);
});

test("a tool that is not there is an error that says what to run", () => {
  const box = makeBox();
  expect(() => toolPath("kubelet", box)).toThrow('There is no tool "kubelet". There are: hammer.');
  const missing = { ...box, catalog: [{ ...hammer, name: "kubelet" }] };
  expect(() => toolPath("kubelet", missing)).toThrow(/^kubelet is not in .* Run: npm run setup$/);
});

test("what is installed is executable and alone in its folder", async () => {
  const box = makeBox();
  await install(hammer, box, ({ binary }) => writeFile(binary, script));
  expect(statSync(binaryOf(hammer, box)).mode & 0o777).toBe(0o755);
  expect(readdirSync(join(box.cache, "tools", "hammer"))).toEqual([toolKey(hammer, box)]);
});

test("a failure leaves nothing", async () => {
  const box = makeBox();
  const broken = install(hammer, box, async ({ binary }) => {
    await writeFile(binary, script);
    throw new Error("it broke");
  });
  await expect(broken).rejects.toThrow("it broke");
  expect(readdirSync(join(box.cache, "tools", "hammer"))).toEqual([]);
});

test("a kill in the middle leaves no tool, and the next run removes what it left", async () => {
  const box = makeBox();
  const program = `
    import { writeFileSync } from "node:fs";
    import { install } from "${root}/toolchain/cache.ts";
    await install(${JSON.stringify(hammer)}, ${JSON.stringify(box)}, async ({ binary }) => {
      writeFileSync(binary, "half a ham");
      process.stdout.write("half");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });`;
  const child = spawn(join(root, "node_modules/.bin/node"), ["--input-type=module-typescript", "--eval", program]);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("exit", resolve));
  const home = join(box.cache, "tools", "hammer");
  expect(readdirSync(home)).toEqual([expect.stringMatching(/^\.staging-/)]);
  expect(existsSync(binaryOf(hammer, box))).toBe(false);

  await install(hammer, box, ({ binary }) => writeFile(binary, script));
  expect(readdirSync(home)).toEqual([toolKey(hammer, box)]);
  expect(readFileSync(binaryOf(hammer, box), "utf8")).toBe(script);
});

test("an install that another run has finished in the meantime is no error", async () => {
  const box = makeBox();
  await install(hammer, box, ({ binary }) => writeFile(binary, script));
  await expect(install(hammer, box, ({ binary }) => writeFile(binary, script))).resolves.toBeUndefined();
});
