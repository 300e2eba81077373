import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";
import { root } from "../lib/stacks.ts";

const folder = join(root, "policies");
const packs = readdirSync(folder).filter((pack) => readdirSync(join(folder, pack)).includes("PulumiPolicy.yaml"));
const read = (...path: string[]) => readFileSync(join(folder, ...path), "utf8");

describe.each(packs)("policy pack %s", (pack) => {
  const rules = readdirSync(join(folder, pack)).filter((file) => file !== "index.ts" && file.endsWith(".ts"));

  test("lists every rule of its folder, each published under its file's name", () => {
    const index = read(pack, "index.ts");
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
    expect(read(pack, "index.ts")).toContain(`new PolicyPack("${pack}"`);
  });

  test("starts the way Pulumi starts it, and says on which port it serves", async () => {
    const runner = join(root, "node_modules", "@pulumi", "pulumi", "cmd", "run-plugin");
    const server = spawn(process.execPath, [runner, join(folder, pack), "127.0.0.1:0"], { cwd: root });
    try {
      const [line] = (await once(createInterface(server.stdout), "line")) as [string];
      expect(line).toMatch(/^\d+$/);
    } finally {
      server.kill();
    }
  }, 30_000);
});
