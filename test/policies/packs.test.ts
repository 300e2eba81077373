import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";
import { engineConfig } from "../../policies/lib/pack.ts";
import { packs as listed } from "../../policies/packs.ts";
import { stackPolicies } from "../../scripts/policy-config.ts";
import { policyPacks } from "../../scripts/stack.ts";
import { root } from "../lib/stacks.ts";

const folder = join(root, "policies");
const folders = readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
const packs = folders.filter((pack) => readdirSync(join(folder, pack)).includes("PulumiPolicy.yaml"));
const serveImport = `import { serve } from "../lib/serve.ts";`;
/** The name of a pack's list: "networkPolicy" of "network-policy". */
const nameOf = (pack: string) => pack.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const read = (...path: string[]) => readFileSync(join(folder, ...path), "utf8");

describe.each(packs)("policy pack %s", (pack) => {
  const rules = readdirSync(join(folder, pack)).filter((file) => file !== "index.ts" && file.endsWith(".ts"));

  test("lists every rule of its folder, each published under its file's name", () => {
    const index = rules.length === 0 ? "" : read(pack, "index.ts");
    for (const rule of rules) {
      expect(rule).toMatch(/^(require|disallow)-[a-z0-9-]+\.ts$/);
      expect(index).toContain(`from "./${rule}"`);
      expect(read(pack, rule)).toContain(`name: "${pack}-${rule.replace(".ts", "")}"`);
    }
  });

  test("has one name in all of its files", () => {
    expect(parse(read(pack, "PulumiPolicy.yaml"))).toMatchObject({ name: pack, runtime: "nodejs" });
    expect(JSON.parse(read(pack, "package.json"))).toMatchObject({
      name: `@quintet/policy-${pack}`,
      main: "index.mjs",
    });
    const served =
      pack === "platform"
        ? [`import { packs } from "../packs.ts";`, `serve("platform", packs);`]
        : [`import { ${nameOf(pack)} } from "./index.ts";`, `serve("${pack}", [${nameOf(pack)}]);`];
    expect(read(pack, "index.mjs").trimEnd().split("\n").slice(1)).toEqual([
      serveImport,
      ...served.slice(0, 1),
      "",
      ...served.slice(1),
    ]);
  });
});

// Each start takes two seconds of a core, and the packs that are not attached start with the same lines.
test.each(policyPacks({ "quintet:cluster": { kind: "eks" } }))(
  "pack $name starts the way Pulumi starts it, and says on which port it serves",
  async ({ name }) => {
    const runner = join(root, "node_modules", "@pulumi", "pulumi", "cmd", "run-plugin");
    const server = spawn(process.execPath, [runner, join(folder, name), "127.0.0.1:0"], { cwd: root });
    try {
      const [line] = (await once(createInterface(server.stdout), "line")) as [string];
      expect(line).toMatch(/^\d+$/);
    } finally {
      server.kill();
    }
  },
  30_000,
);

test("every folder of rules is a pack, and each is asked everywhere", () => {
  expect(folders.filter((name) => !packs.includes(name))).toEqual(["lib"]);
  expect(packs.filter((name) => name !== "platform").sort()).toEqual(listed.map(({ name }) => name));
  for (const { name, rules } of listed) for (const rule of rules) expect(rule.name).toMatch(new RegExp(`^${name}-`));
});

test("every stack has all of them attached", () => {
  expect(policyPacks().map(({ name }) => name)).toEqual(["platform"]);
  const [platform] = policyPacks({ "quintet:cluster": { kind: "eks" } });
  const config = stackPolicies({ "quintet:cluster": { kind: "eks" } });
  expect(platform?.config).toEqual(engineConfig(config));
  expect(config.exemptions).not.toEqual([]);
});
