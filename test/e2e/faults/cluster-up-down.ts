/** The simulated cluster before the first test, and nothing of it after the last one. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { downSimulated, upSimulated } from "../../../embedded/simulated.ts";
import { cacheDir, ensureTools } from "../../../toolchain/index.ts";
import { figures, made, spec, stackOf } from "./context.ts";

before(async () => {
  await ensureTools(["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes", "simulated"]);
  await downSimulated(spec);
  forgetEarlier();
  const start = performance.now();
  await upSimulated(spec);
  figures.push(`the simulated cluster: ${((performance.now() - start) / 1000).toFixed(1)} s`);
});

after(async () => {
  for (const name of made) stackOf(name).forget();
  await downSimulated(spec);
  console.log(figures.join("\n"));
});

/** A run that was cut off leaves states of a cluster that is gone. */
function forgetEarlier(): void {
  const stacks = join(cacheDir(), "stacks");
  const earlier = existsSync(stacks) ? readdirSync(stacks).filter((name) => name.startsWith("faults-")) : [];
  for (const name of earlier) rmSync(join(stacks, name), { recursive: true, force: true });
}
