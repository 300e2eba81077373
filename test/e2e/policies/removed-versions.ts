/** Which versions are served until when: by our own file, and by k8s.io/api itself. */
import assert from "node:assert/strict";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { format } from "prettier";
import { sourcesOf } from "./oracle.ts";

/** What the rule goes by; QUINTET_WRITE_GOLDEN=1 writes it anew. */
const file = join(import.meta.dirname, "../../../policies/lib/objects/removed-versions.json");

/** What is asked of the API server and kept by nobody. */
const passing = /Review$|^Scale$|Rollback$|^Eviction$|^APIGroupDiscovery$|List$/;

/** Every kind of a version with its end, as "1.22 networking.k8s.io/v1beta1 Ingress" and what takes its place. */
function lifecyclesOf(folder: string): Map<string, string | undefined> {
  const files = globSync("*/*/zz_generated.prerelease-lifecycle.go", { cwd: folder });
  return new Map(
    files.flatMap((file) => {
      const source = readFileSync(join(folder, file), "utf8");
      const register = readFileSync(join(folder, dirname(file), "register.go"), "utf8");
      const group = /const GroupName = "([^"]*)"/.exec(register)?.[1] ?? "";
      const removals = source.matchAll(/func \(in \*(\w+)\) APILifecycleRemoved\(\)[^}]*?return (\d+), (\d+)/g);
      return [...removals].flatMap(([, kind = "", major = "", minor = ""]): [string, string | undefined][] => {
        if (passing.test(kind)) return [];
        const [, its = "", version = ""] =
          new RegExp(`\\*${kind}\\) APILifecycleReplacement\\(\\)[^}]*Group: "([^"]*)", Version: "([^"]*)"`).exec(
            source,
          ) ?? [];
        const said = `${major}.${minor} ${group}/${file.split("/")[1] ?? ""} ${kind}`;
        return [[said, version === "" ? undefined : `${its}/${version}`]];
      });
    }),
  );
}

test("the versions that are served no more are those of k8s.io/api", async () => {
  const lifecycles = lifecyclesOf(await sourcesOf("k8s.io/api"));
  assert.ok(lifecycles.size > 50, String(lifecycles.size));
  const said = [...lifecycles].map(([kind, instead]) => [kind, instead ?? null]).sort();
  const text = await format(JSON.stringify(said), { filepath: file, printWidth: 120 });
  if (process.env["QUINTET_WRITE_GOLDEN"] !== undefined) writeFileSync(file, text);
  assert.equal(readFileSync(file, "utf8"), text);
  console.log(`removed versions: all ${String(lifecycles.size)} kinds as k8s.io/api has them`);
});
