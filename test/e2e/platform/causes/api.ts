/** What goes wrong between the API servers and those who call them. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { runInNode } from "../../../../embedded/node.ts";
import { until } from "../../../../embedded/run.ts";
import { controlPlane } from "../../../../embedded/spec.ts";
import { toolPath } from "../../../../toolchain/index.ts";
import { freePort, probes, watched, webhook } from "../../fixtures.ts";
import { spec, state } from "../context.ts";
import { apply, remove } from "../objects.ts";
import { cause } from "./fault.ts";

/** Calls the API server again and again, as whom a kubeconfig says, until it has ended. */
async function calling(
  kubeconfig: string,
  ended: AbortSignal,
  pause: number,
  call: (url: string) => Promise<void>,
): Promise<void> {
  const port = String(await freePort());
  const proxy = spawn(toolPath("kubectl"), ["--kubeconfig", kubeconfig, "proxy", `--port=${port}`], {
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await until("kubectl proxy", 20_000, async () => (await fetch(`${url}/version`)).ok, 200);
    while (!ended.aborted) {
      await call(url);
      await sleep(pause);
    }
  } finally {
    if (proxy.kill()) await once(proxy, "exit");
  }
}

const empty = probes.items.find(({ metadata }) => metadata.name === "empty") ?? assert.fail("no Service is empty");
const unserved = webhook({ service: { namespace: "default", name: "empty", port: 443 } });

/** A webhook is called for objects, and nobody serves it. */
export const webhookAway = cause({
  what: "a webhook that is called has no endpoints",
  fires: ["ApiServerErrors"],
  minutes: 14,
  begin: () => apply(empty, unserved),
  meanwhile: (ended) =>
    calling(state.kubeconfig, ended, 30, async (url) => {
      const answer = await fetch(`${url}/api/v1/namespaces/default/configmaps?dryRun=All`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(watched),
      });
      const said = await answer.text();
      // One that is not known of yet lets the first ones through.
      assert.ok([201, 500].includes(answer.status), `${String(answer.status)}: ${said}`);
    }),
  mend: () => remove(unserved, empty),
});

/** Somebody's certificate lasts for a day. */
export function shortCertificate() {
  const folder = mkdtempSync(join(tmpdir(), "quintet-user-"));
  const kubeconfig = join(folder, "kubeconfig");
  const [node] = controlPlane(spec);
  assert.ok(node !== undefined);
  return cause({
    what: "a client's certificate lasts for a day",
    fires: ["ClientCertificateExpires"],
    minutes: 9,
    begin: async () => {
      const user = ["kubeadm", "kubeconfig", "user", "--client-name=visitor", "--validity-period=24h"];
      const made = await runInNode(node, state, user);
      // Without the cluster's configuration kubeadm does not know where it is called.
      writeFileSync(kubeconfig, made.replace("https://0.0.0.0:", `https://${node.address}:`), { mode: 0o600 });
    },
    meanwhile: (ended) =>
      calling(kubeconfig, ended, 100, async (url) => {
        const answer = await fetch(`${url}/version`);
        assert.equal(answer.status, 200, await answer.text());
      }),
    mend: () => {
      rmSync(folder, { recursive: true });
    },
  });
}
