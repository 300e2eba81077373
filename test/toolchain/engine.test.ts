import { readFileSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { type Toolbox, binaryOf, findTool } from "../../toolchain/cache.ts";
import type { Tool } from "../../toolchain/catalog.ts";
import { engineEnv } from "../../toolchain/engine.ts";
import { ensureTools } from "../../toolchain/index.ts";
import type { Source } from "../../toolchain/sources.ts";
import { makeBox, removeFolders } from "./fixture.ts";

afterEach(removeFolders);

const engine = (...versions: readonly [engine: string, language: string, provider: string]): Tool[] =>
  ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes"].map((name, index) => ({
    name,
    version: versions[index] ?? "",
    groups: ["engine"],
    module: "workshop",
    package: ".",
  }));

const source: Source = async ({ tool, staging }) => {
  await writeFile(staging.binary, `${tool.name} ${tool.version}`);
  return "written";
};

const get = (box: Toolbox) => ensureTools(["engine"], { box, sources: [source] });
const pathOf = (name: string, box: Toolbox) => binaryOf(findTool(name, box), box);

test("the language host is beside the engine, and the provider where PULUMI_HOME has its plugins", async () => {
  const box = makeBox(engine("3.0.0", "3.0.0", "4.25.0"));
  await get(box);
  const host = join(dirname(pathOf("pulumi", box)), "pulumi-language-nodejs");
  const plugin = join(box.cache, "pulumi/plugins/resource-kubernetes-v4.25.0/pulumi-resource-kubernetes");
  expect(readFileSync(host, "utf8")).toBe("pulumi-language-nodejs 3.0.0");
  expect(readFileSync(plugin, "utf8")).toBe("pulumi-resource-kubernetes 4.25.0");
  expect(statSync(plugin).ino).toBe(statSync(pathOf("pulumi-resource-kubernetes", box)).ino);
});

test("the engine finds a file where it would keep logs of every property", async () => {
  const box = makeBox(engine("3.0.0", "3.0.0", "4.25.0"));
  const logs = join(box.cache, "pulumi/logs");
  await mkdir(logs, { recursive: true });
  await writeFile(join(logs, "old.log"), "from before");
  for (const time of ["first", "second"]) {
    await get(box);
    expect([time, statSync(logs).isFile()]).toEqual([time, true]);
  }
});

test("a new language host takes the place of the old one beside the same engine", async () => {
  const box = makeBox(engine("3.0.0", "3.0.0", "4.25.0"));
  await get(box);
  const newer = { ...box, catalog: engine("3.0.0", "3.0.1", "4.25.0") };
  await get(newer);
  const host = join(dirname(pathOf("pulumi", newer)), "pulumi-language-nodejs");
  expect(readFileSync(host, "utf8")).toBe("pulumi-language-nodejs 3.0.1");
});

test("the engine's environment has our Node and engine first and keeps it off the network", async () => {
  const box = makeBox(engine("3.0.0", "3.0.0", "4.25.0"));
  expect(() => engineEnv(box)).toThrow(/^pulumi is not in .* Run: npm run setup$/);
  await get(box);
  const env = engineEnv(box);
  expect(env["PATH"]?.split(delimiter).slice(0, 2)).toEqual([
    join(box.modules, "../node_modules/.bin"),
    dirname(pathOf("pulumi", box)),
  ]);
  expect(env).toMatchObject({
    PULUMI_HOME: join(box.cache, "pulumi"),
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
  });
});
