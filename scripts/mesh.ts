/** `npm run mesh [-- restart]`: pods of the mesh that are not as new ones would be, and what makes them anew. */
import { Command } from "commander";
import { kubeconfigOf, type StackFlags } from "./find-stack.ts";
import { describe, findStale, restart } from "./mesh-restart.ts";

const program = new Command("mesh")
  .description(
    "Pods that came before their namespace's sidecars, or whose sidecars ask another control plane than the one that serves.",
  )
  .option("--stack <name>", "the environment", "dev")
  .option("--config <file>", "its configuration (default: Pulumi.<stack>.yaml)")
  .option("--kubeconfig <file>", "the cluster (default: the environment's own, on this machine)");
program
  .command("stale", { isDefault: true })
  .description("prints them")
  .action(async () => {
    const stale = await findStale(kubeconfigOf(program.opts<StackFlags>()));
    for (const one of stale) console.log(`${one.namespace}: ${one.workload}, ${describe(one)}`);
    console.log(
      stale.length === 0
        ? "Every pod of the mesh has the sidecar that it is to have."
        : "Restart them: npm run mesh -- restart",
    );
  });
program
  .command("restart")
  .description("restarts their workloads, one after the other")
  .action(async () => {
    const kubeconfig = kubeconfigOf(program.opts<StackFlags>());
    const left = await restart(kubeconfig, await findStale(kubeconfig), console.log);
    for (const one of left)
      console.log(`${one.namespace}: ${one.workload} is made by nobody: delete it and make it again, ${describe(one)}`);
    if (left.length > 0) process.exitCode = 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
