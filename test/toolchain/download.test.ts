import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { type RequestListener, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { create } from "tar";
import { binaryOf } from "../../toolchain/cache.ts";
import type { Tool } from "../../toolchain/catalog.ts";
import { publishedSum } from "../../toolchain/download.ts";
import { ensureTools } from "../../toolchain/index.ts";
import { fromRelease } from "../../toolchain/sources.ts";
import { fakeBuild, hammer, listener, makeBox, makeFolder, removeFolders, script } from "./fixture.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  removeFolders();
});

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");

/** Serves on 127.0.0.1 and keeps the paths that were asked for. */
async function serve(answer: RequestListener): Promise<{ origin: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, asked };
}

/** Serves these files, and 404 for everything else. */
const files =
  (content: Readonly<Record<string, string | Buffer>>): RequestListener =>
  (request, response) => {
    const body = content[request.url ?? ""];
    response.writeHead(body === undefined ? 404 : 200).end(request.method === "HEAD" ? undefined : body);
  };

const released = (origin: string, release: Partial<Tool["release"]> = {}): Tool => ({
  ...hammer,
  release: { url: `${origin}/v{version}/hammer`, checksums: `${origin}/v{version}/hammer.sha256`, ...release },
});

/** Gets tools from a release, with a build behind it, and little patience for a file. */
async function get(tools: readonly Tool[], connect = 5_000) {
  const box = makeBox(tools);
  const [build, heard] = [fakeBuild(), listener()];
  const paths: Readonly<Record<string, string>> = await ensureTools(["nodes"], {
    box,
    sources: [fromRelease, build],
    progress: heard.progress,
    patience: { connect, stall: 200 },
  });
  for (const tool of tools) expect(paths[tool.name]).toBe(binaryOf(tool, box));
  return { content: readFileSync(paths["hammer"] ?? "", "utf8"), how: heard.how(), warnings: heard.warnings() };
}

const inPlaceOf = "hammer 1.2.3 is built instead of downloaded: ";

test("a binary with the published sum is taken", async () => {
  const { origin } = await serve(files({ "/v1.2.3/hammer": script, "/v1.2.3/hammer.sha256": sha256(script) }));
  const { content, how, warnings } = await get([released(origin)]);
  expect(how).toEqual([`hammer: downloaded from ${new URL(origin).host}`]);
  expect(warnings).toEqual([]);
  expect(content).toBe(script);
});

test("an archive with two tools is fetched once", async () => {
  const folder = makeFolder();
  for (const name of ["hammer", "anvil"]) writeFileSync(join(folder, name), script);
  const archive = join(folder, "box.tgz");
  await create({ file: archive, gzip: true, cwd: folder }, ["./hammer", "./anvil"]);
  const body = readFileSync(archive);
  const sums = `${sha256("other")}  other.tgz\n${sha256(body)}  box.tgz\n`;
  const { origin, asked } = await serve(files({ "/box.tgz": body, "/SHA256SUMS": sums }));
  const release = { url: `${origin}/box.tgz`, checksums: `${origin}/SHA256SUMS` };
  const { how } = await get([
    released(origin, { ...release, member: "hammer" }),
    { ...released(origin, { ...release, member: "anvil" }), name: "anvil" },
  ]);
  expect(how.sort()).toEqual(["anvil", "hammer"].map((name) => `${name}: downloaded from ${new URL(origin).host}`));
  expect(asked.sort()).toEqual(["GET /SHA256SUMS", "GET /box.tgz", "HEAD /"]);
});

const good = { "/v1.2.3/hammer": script, "/v1.2.3/hammer.sha256": sha256(script) };

const flaws: Record<string, [warning: RegExp, answer: RequestListener]> = {
  "a sum that is not the published one": [
    /has the SHA-256 [0-9a-f]{64} and not the published [0-9a-f]{64}\.$/,
    files({ ...good, "/v1.2.3/hammer": `${script}evil` }),
  ],
  "no published sum": [/hammer\.sha256 answered 404 Not Found\.$/, files({ "/v1.2.3/hammer": script })],
  "a sum of something else": [
    /hammer\.sha256 has no SHA-256 of hammer\.$/,
    files({ ...good, "/v1.2.3/hammer.sha256": `${sha256(script)}  anvil` }),
  ],
  "no release": [
    /v1\.2\.3\/hammer answered 404 Not Found\.$/,
    files({ ...good, "/v1.2.3/hammer": undefined as never }),
  ],
  "another version": [
    /hammer should be version 1\.2\.3 and says "hammer v1\.2\.30"\.$/,
    ((other) => files({ "/v1.2.3/hammer": other, "/v1.2.3/hammer.sha256": sha256(other) }))(
      "#!/bin/sh\necho hammer v1.2.30\n",
    ),
  ],
  "a body that ends early": [
    /terminated/,
    (request, response) => {
      if (request.url !== "/v1.2.3/hammer") files(good)(request, response);
      else response.writeHead(200, { "content-length": script.length }).write("#!/bin", () => response.destroy());
    },
  ],
  "a body that stalls": [
    /v1\.2\.3\/hammer sent nothing for 0\.2 s\.$/,
    (request, response) => {
      if (request.url !== "/v1.2.3/hammer") files(good)(request, response);
      else response.writeHead(200, { "content-length": script.length }).write("#!/bin");
    },
  ],
  "a file that never comes": [
    /v1\.2\.3\/hammer sent nothing for 0\.2 s\.$/,
    (request, response) => {
      if (request.url !== "/v1.2.3/hammer") files(good)(request, response);
    },
  ],
};

test.each(Object.keys(flaws))("%s: it is built, and a warning says why", async (name) => {
  const [warning, answer] = flaws[name] ?? [/never/, () => undefined];
  const { origin } = await serve(answer);
  const { content, how, warnings } = await get([released(origin)]);
  expect(how).toEqual(["hammer: built"]);
  expect(content).toBe(script);
  expect(warnings).toEqual([expect.stringMatching(warning)]);
  expect(warnings[0]).toContain(inPlaceOf);
});

test("a host that refuses is asked once, and everything is built without a warning", async () => {
  const { origin } = await serve(() => undefined);
  const refused = servers.splice(0);
  await Promise.all(refused.map((server) => new Promise((resolve) => server.close(resolve))));
  const { how, warnings } = await get([released(origin), { ...released(origin), name: "anvil" }]);
  expect(how).toEqual(["hammer: built", "anvil: built"]);
  expect(warnings).toEqual([]);
});

test("a host that never answers costs one wait, and everything is built", async () => {
  const { origin, asked } = await serve(() => undefined);
  const start = performance.now();
  const { how, warnings } = await get([released(origin), { ...released(origin), name: "anvil" }], 200);
  expect(performance.now() - start).toBeLessThan(1000);
  expect(how).toEqual(["hammer: built", "anvil: built"]);
  expect(warnings).toEqual([]);
  expect(asked).toEqual(["HEAD /"]);
});

test.each([
  ["the sum alone", `${"a".repeat(64)}\n`, "a".repeat(64)],
  ["lines with names", `${"b".repeat(64)}  other\n${"a".repeat(64)}  file\n`, "a".repeat(64)],
  ["binary marks, folders and capitals", `${"A".repeat(64)} *./dist/file`, "a".repeat(64)],
  ["another file only", `${"b".repeat(64)}  other\n`, undefined],
  ["a SHA-1", `${"a".repeat(40)}  file\n`, undefined],
  ["a page of HTML", "<html></html>", undefined],
])("a checksum file with %s", (_name, text, sum) => {
  expect(publishedSum(text, "file")).toBe(sum);
});
