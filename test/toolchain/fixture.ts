/** A toolbox of its own for each test, in a temporary folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Toolbox } from "../../toolchain/cache.ts";
import type { Tool } from "../../toolchain/catalog.ts";
import type { ProgressEvent } from "../../toolchain/progress.ts";
import type { Source } from "../../toolchain/sources.ts";

/** A tool that says its version, of the module that {@link makeBox} writes. */
export const hammer: Tool = {
  name: "hammer",
  version: "1.2.3",
  groups: ["nodes"],
  module: "workshop",
  package: ".",
  says: ["--version"],
};

/** What a hammer is: a script that says its version. */
export const script = "#!/bin/sh\necho hammer v1.2.3\n";

const folders: string[] = [];

/** A temporary folder that {@link removeFolders} takes away. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "quintet-toolchain-"));
  folders.push(folder);
  return folder;
}

/** For `afterEach`. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A toolbox with an empty cache and one Go module, `workshop`. */
export function makeBox(tools: readonly Tool[] = [hammer], files: Readonly<Record<string, string>> = {}): Toolbox {
  const folder = makeFolder();
  const modules = join(folder, "tools");
  const sources = { "go.mod": "module workshop\n\ngo 1.26.0\n", "go.sum": "", ...files };
  for (const [name, content] of Object.entries(sources)) {
    const path = join(modules, "workshop", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return { cache: join(folder, "cache"), modules, platform: { os: "linux", arch: "amd64" }, catalog: tools };
}

/** A build that only writes {@link script}, and counts. */
export function fakeBuild(): Source & { count: number } {
  const source = async ({ staging }: Parameters<Source>[0]) => {
    source.count += 1;
    await writeFile(staging.binary, script);
    return "built";
  };
  source.count = 0;
  return source;
}

/** Keeps the events of a run, and tells of each finished tool how it came, and of each warning. */
export function listener() {
  const events: ProgressEvent[] = [];
  return {
    progress: (event: ProgressEvent) => void events.push(event),
    how: () => events.flatMap((event) => (event.type === "done" ? [`${event.tool.name}: ${event.how}`] : [])),
    warnings: () => events.flatMap((event) => (event.type === "warning" ? [event.message] : [])),
  };
}
