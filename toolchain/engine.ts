/** Where the Pulumi engine finds its plugins, without a look at the network or at other installations. */
import { link, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { type Toolbox, binaryOf, defaultToolbox, findTool, isCached, toolPath } from "./cache.ts";

const pulumiHome = (box: Toolbox): string => join(box.cache, "pulumi");

/**
 * Puts what is there of the engine's plugins in their places: the language host beside `pulumi` itself, the provider
 * into PULUMI_HOME (`getPluginInfoAndPath` in pulumi/sdk/v3/go/common/workspace/plugins.go).
 *
 * Hard links, because the engine resolves symbolic ones before it looks around.
 */
export async function placePlugins(box: Toolbox): Promise<void> {
  const [engine, language, provider] = [
    findTool("pulumi", box),
    findTool("pulumi-language-nodejs", box),
    findTool("pulumi-resource-kubernetes", box),
  ];
  if (isCached(engine, box) && isCached(language, box)) {
    await hardLink(binaryOf(language, box), join(dirname(binaryOf(engine, box)), language.name));
  }
  if (isCached(provider, box)) {
    const folder = join(pulumiHome(box), "plugins", `resource-kubernetes-v${provider.version}`);
    await hardLink(binaryOf(provider, box), join(folder, provider.name));
  }
  await closeLogs(join(pulumiHome(box), "logs"));
}

/**
 * Puts a file where the engine would make its folder of automatic logs, which nothing else switches off (`StartLogging` in
 * pulumi/pkg/v3/logging): they take two thirds of a preview's time, and 180 MB each with the definitions of kinds.
 */
async function closeLogs(path: string): Promise<void> {
  if ((await stat(path).catch(() => undefined))?.isFile() === true) return;
  await rm(path, { recursive: true, force: true });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "This file keeps the engine from writing its automatic logs.\n");
}

async function hardLink(target: string, path: string): Promise<void> {
  const [wanted, there] = await Promise.all([stat(target), stat(path).catch(() => undefined)]);
  if (wanted.ino === there?.ino) return;
  const beside = `${path}.${String(process.pid)}`;
  await mkdir(dirname(path), { recursive: true });
  await rm(beside, { force: true });
  await link(target, beside);
  await rename(beside, path);
}

/**
 * The environment in which `pulumi` runs with this project's Node, plugins and PULUMI_HOME.
 *
 * @throws when the engine has not been fetched
 */
export function engineEnv(box: Toolbox = defaultToolbox()): NodeJS.ProcessEnv {
  const node = join(box.modules, "..", "node_modules", ".bin");
  return {
    ...process.env,
    PATH: [node, dirname(toolPath("pulumi", box)), process.env["PATH"] ?? "/usr/bin:/bin"].join(delimiter),
    PULUMI_HOME: pulumiHome(box),
    PULUMI_SKIP_UPDATE_CHECK: "1",
    // The engine writes the whole state at each step, and collects it as garbage: a sixth of the time of an `up`.
    GOGC: process.env["GOGC"] ?? "400",
    // What Node has compiled of the program and its rules is kept: a fifth of the time of a preview.
    NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? join(box.cache, "node"),
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // A plugin on the PATH, of whatever version, would win over ours.
    PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
  };
}
