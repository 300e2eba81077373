/** The kubeconfig leads to another cluster than the one in the state. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { clusterIdOf } from "../../../embedded/kubeconfig.ts";
import { downSimulated, upSimulated } from "../../../embedded/simulated.ts";
import { longTest } from "../long.ts";
import { comesUp, kubectl, spec, stackFolder, stackOf, state } from "./context.ts";

const name = "elsewhere";

longTest("another cluster under the same name is refused by its id, and nothing is changed in it", async () => {
  await comesUp(name);
  const { file } = stackFolder(name);
  const before = readFileSync(file, "utf8");
  const id = () => clusterIdOf(readFileSync(state.kubeconfig, "utf8")) ?? "";
  const first = id();
  await downSimulated(spec);
  await upSimulated(spec);
  assert.notEqual(id(), first);
  for (const command of ["preview", "refresh", "up", "destroy"] as const) {
    const says = new RegExp(`is that of cluster ${first}, and "quintet-faults" is now ${id()}\\. Nothing is changed`);
    await assert.rejects(stackOf(name).capture(command, command === "preview" ? [] : ["--yes"]), says);
  }
  assert.equal(readFileSync(file, "utf8"), before);
  assert.equal(await kubectl("get", "namespace", "faults-elsewhere", "--ignore-not-found", "-o", "name"), "");
});
