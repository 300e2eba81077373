/** The simulated cluster before the first test, and nothing of it after the last one. */
import { after, before } from "node:test";
import { downSimulated, upSimulated } from "../../../embedded/simulated.ts";
import { ensureTools } from "../../../toolchain/index.ts";
import { figures, made, spec, stackOf } from "./context.ts";

before(async () => {
  await ensureTools(["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes", "simulated"]);
  await downSimulated(spec);
  const start = performance.now();
  await upSimulated(spec);
  figures.push(`the simulated cluster: ${((performance.now() - start) / 1000).toFixed(1)} s`);
});

after(async () => {
  for (const name of made) stackOf(name).forget();
  await downSimulated(spec);
  console.log(figures.join("\n"));
});
