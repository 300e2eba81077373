import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { defaultToolbox, moduleFiles } from "../../toolchain/cache.ts";
import { type Tool, catalog, go, groups } from "../../toolchain/catalog.ts";
import { locate } from "../../toolchain/download.ts";
import { isNewEnough } from "../../toolchain/go.ts";

const { modules } = defaultToolbox();
const goMod = (module: string) => readFileSync(join(modules, module, "go.mod"), "utf8");

/** The version in go.mod of the Go module that a tool's main package is in, or undefined for an own main package. */
function pinned(tool: Tool): string | undefined {
  const requirements = [...goMod(tool.module).matchAll(/^(?:require)?\s+(\S+) (v\S+)/gm)];
  const [, , version] =
    requirements.find(([, path]) => path !== undefined && `${tool.package}/`.startsWith(`${path}/`)) ?? [];
  return version;
}

test("every tool has a name of its own", () => {
  const names = catalog.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("every group has tools", () => {
  for (const group of groups) expect(catalog.filter((tool) => tool.groups.includes(group))).not.toHaveLength(0);
});

const fromModules = catalog.filter(({ wheel }) => wheel === undefined);

/** Prometheus' module counts 3.15.0 as v0.315.0, since its packages promise nothing to others. */
const released = ({ module }: Tool, version: string) =>
  module === "prometheus" ? version.replace(/^v0\.(\d)0?(\d+)\./, "v$1.$2.") : version;

test.each(fromModules.map((tool) => [tool.name, tool] as const))("%s is what its go.mod pins", (_name, tool) => {
  const version = pinned(tool);
  if (version === undefined) {
    expect(existsSync(join(modules, tool.module, tool.package))).toBe(true);
  } else if (!/-\d{14}-[0-9a-f]{12}$|[-.]0\.\d{14}-/.test(version)) {
    expect(released(tool, version)).toBe(`v${tool.version}`);
  }
});

test.each(catalog.flatMap((tool) => (tool.release === undefined ? [] : [[tool.name, tool] as const])))(
  "%s is downloaded over TLS, with nothing left to fill in",
  (_name, tool) => {
    const release = locate(tool, { os: "linux", arch: "amd64" });
    for (const url of [release?.url, release?.checksums]) expect(url).toMatch(/^https:\/\/[^{}]+$/);
    expect(release?.member ?? "").not.toMatch(/[{}]/);
  },
);

test("a wheel is pinned by its sum, for both of Linux's common processors", () => {
  const wheels = catalog.flatMap(({ wheel }) => wheel ?? []);
  expect(wheels).not.toEqual([]);
  for (const { sha256 } of wheels) {
    expect(Object.keys(sha256).sort()).toEqual(["linux/amd64", "linux/arm64"]);
    for (const sum of Object.values(sha256)) expect(sum).toMatch(/^[0-9a-f]{64}$/);
  }
});

test("Pulumi's own name of the processor is in its archives", () => {
  const engine = catalog.find(({ name }) => name === "pulumi");
  expect(engine && locate(engine, { os: "linux", arch: "amd64" })?.url).toMatch(/-linux-x64\.tar\.gz$/);
  expect(engine && locate(engine, { os: "darwin", arch: "arm64" })?.url).toMatch(/-darwin-arm64\.tar\.gz$/);
});

test("every module in tools/ is used, has its sums, and builds with the oldest Go", () => {
  const folders = readdirSync(modules, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );
  // Its modules are data of the end-to-end tests, and nothing is built of them.
  expect(folders.sort()).toEqual([...new Set(catalog.map(({ module }) => module)), "policy-exams"].sort());
  for (const folder of folders) {
    expect(moduleFiles(join(modules, folder))).toEqual(expect.arrayContaining(["go.mod", "go.sum"]));
    const [, needed = ""] = /^go (\S+)$/m.exec(goMod(folder)) ?? [];
    expect(isNewEnough(go.wheel)).toBe(true);
    expect(go.oldest.localeCompare(needed, undefined, { numeric: true })).toBeGreaterThanOrEqual(0);
  }
});
