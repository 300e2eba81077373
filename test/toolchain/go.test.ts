import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { binaryOf } from "../../toolchain/cache.ts";
import { isNewEnough, manifestsOf } from "../../toolchain/go.ts";
import { ensureTools } from "../../toolchain/index.ts";
import { fromModule } from "../../toolchain/sources.ts";
import { hammer, makeBox, removeFolders } from "./fixture.ts";

afterEach(removeFolders);

test.each([
  ["1.26.6", true],
  ["1.26.8", true],
  ["1.27.0", true],
  ["1.27rc1", true],
  ["2.0", true],
  ["1.26.5", false],
  ["1.26", false],
  ["1.9.9", false],
  ["", false],
  ["devel", false],
])("Go %p builds the tools: %p", (version, enough) => {
  expect(isNewEnough(version)).toBe(enough);
});

test("manifests are read without the descriptions in their schemas, but with the fields of that name", () => {
  const yaml = [
    "---",
    "kind: One",
    "schema:",
    "  description: a text",
    "  properties:",
    "    description: { type: string, description: a text }",
    "    properties: { type: object, description: a text, properties: { description: { type: string } } }",
    "  required: [description]",
    "---",
    "kind: Two",
    "---",
  ];
  expect(manifestsOf(yaml.join("\n"))).toEqual([
    {
      kind: "One",
      schema: {
        properties: {
          description: { type: "string" },
          properties: { type: "object", properties: { description: { type: "string" } } },
        },
        required: ["description"],
      },
    },
    { kind: "Two" },
  ]);
});

// The first build ever on a machine compiles Go's runtime, too.
jest.setTimeout(180_000);

const installed = spawnSync("go", ["env", "GOVERSION"], {
  encoding: "utf8",
  env: { ...process.env, GOTOOLCHAIN: "local" },
});
const withGo = !installed.error && isNewEnough(installed.stdout.trim().replace("go", "")) ? describe : describe.skip;

withGo("with the Go of this machine", () => {
  const main = 'package main\n\nvar version string\n\nfunc main() { println("hammer " + version) }\n';

  test("a module is built, and knows its version", async () => {
    const tool = { ...hammer, variables: { "main.version": "v1.2.3" } };
    const box = { ...makeBox([tool], { "main.go": main }), platform: thisMachine() };
    await ensureTools(["nodes"], { box, sources: [fromModule] });
    expect(spawnSync(binaryOf(tool, box), { encoding: "utf8" }).stderr).toBe("hammer v1.2.3\n");
  });

  test("a build of another version is refused", async () => {
    const box = { ...makeBox([hammer], { "main.go": main }), platform: thisMachine() };
    await expect(ensureTools(["nodes"], { box, sources: [fromModule] })).rejects.toThrow(
      'hammer should be version 1.2.3 and says "hammer"',
    );
  });

  test("a failure shows the compiler's last lines and names the log", async () => {
    const box = makeBox([hammer], { "main.go": "package main\n\nfunc main() { hit(nail) }\n" });
    const log = join(box.cache, "logs", "hammer.log");
    const failure = ensureTools(["nodes"], { box, sources: [fromModule] });
    await expect(failure).rejects.toThrow(
      `hammer 1.2.3 could not be built from tools/workshop. The last lines of ${log}:`,
    );
    await expect(failure).rejects.toThrow("undefined: nail");
    expect(readFileSync(log, "utf8")).toContain("undefined: hit");
  });

  test("manifests of a dependency become one list, in the order of their files", async () => {
    const tool = { ...hammer, package: "nails.dev/nails", manifests: "deploy" };
    const files = {
      "go.mod":
        "module workshop\n\ngo 1.26.0\n\nrequire nails.dev/nails v1.0.0\n\nreplace nails.dev/nails => ../nails\n",
      "../nails/go.mod": "module nails.dev/nails\n\ngo 1.26.0\n",
      "../nails/deploy/b.yaml": "kind: B\n",
      "../nails/deploy/a.yaml": "kind: A\n",
      "../nails/deploy/README.md": "no manifest\n",
    };
    const box = { ...makeBox([tool], files), platform: thisMachine() };
    await ensureTools(["nodes"], { box, sources: [fromModule] });
    expect(JSON.parse(readFileSync(binaryOf(tool, box), "utf8"))).toEqual([{ kind: "A" }, { kind: "B" }]);
    const empty = { ...box, catalog: [{ ...tool, manifests: "." }] };
    await expect(ensureTools(["nodes"], { box: empty, sources: [fromModule] })).rejects.toThrow(
      "nails.dev/nails 1.2.3 has no manifests in .",
    );
  });

  test("files of a dependency are embedded, compact and completed", async () => {
    const nails = {
      module: "nails.dev/nails",
      files: { "nails.json": { from: "nails.json", set: { version: "1.2.3" } } },
    };
    const tool = { ...hammer, embeds: nails };
    const files = {
      "go.mod":
        "module workshop\n\ngo 1.26.0\n\nrequire nails.dev/nails v1.0.0\n\nreplace nails.dev/nails => ../nails\n",
      "main.go":
        'package main\n\nimport _ "embed"\n\n//go:embed nails.json\nvar nails string\n\nfunc main() { println(nails) }\n',
      "../nails/go.mod": "module nails.dev/nails\n\ngo 1.26.0\n",
      "../nails/nails.go": "package nails\n",
      "../nails/nails.json": '{\n  "size": 3,\n  "version": ""\n}\n',
    };
    const box = { ...makeBox([tool], files), platform: thisMachine() };
    await ensureTools(["nodes"], { box, sources: [fromModule] });
    expect(spawnSync(binaryOf(tool, box), { encoding: "utf8" }).stderr).toBe('{"size":3,"version":"1.2.3"}\n');
  });
});

const thisMachine = () => ({ os: process.platform, arch: process.arch === "x64" ? "amd64" : process.arch });
