/** Reads the tests of Kubescape's rules. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { manifestsIn } from "./manifests.ts";
import type { Case } from "./suite.ts";

/** Every rule. */
export const checksOfKubescape = (folder: string): string[] =>
  readdirSync(join(folder, "rules")).filter((rule) => existsSync(join(folder, "rules", rule, "rule.metadata.json")));

/** Every case of every rule: the objects of its folder `input`, and whether `expected.json` has a finding. */
export function casesOfKubescape(folder: string): Case[] {
  return checksOfKubescape(folder).flatMap((check) => {
    const tests = join(folder, "rules", check, "test");
    if (!existsSync(tests)) return [];
    return readdirSync(tests).flatMap((name) => {
      const own = join(tests, name);
      // What it asks for is configured there: other than it asks for by default.
      if (existsSync(join(own, "data.json")) || !existsSync(join(own, "expected.json"))) return [];
      const input = join(own, "input");
      const files = existsSync(input) ? readdirSync(input).sort() : [];
      const manifests = files.flatMap((file) => manifestsIn(readFileSync(join(input, file), "utf8")));
      if (manifests.length === 0) return [];
      const findings = manifestsIn(readFileSync(join(own, "expected.json"), "utf8"));
      return [{ check, name, manifests, refused: findings.some((finding) => finding !== null) }];
    });
  });
}
