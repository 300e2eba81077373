/** Nothing of the cluster reaches beyond the machine. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { kubectl as kubectlOf } from "../../../embedded/kubectl.ts";
import { hostInterface, isolationTable, nodeNamespace } from "../../../embedded/network.ts";
import { run, until } from "../../../embedded/run.ts";
import type { NodeSpec } from "../../../embedded/spec.ts";
import { watched, webhook, withUplink } from "../fixtures.ts";
import { checkFrom, kubectl, refused, spec, state } from "./context.ts";

test("nothing of the cluster reaches beyond this machine", async () => {
  for (const node of spec.nodes) {
    const ns = nodeNamespace(spec, node);
    const routes = await run("ip", ["-n", ns, "-4", "route"]);
    assert.doesNotMatch(routes, /^default/m, `${node.name} has a way out:\n${routes}`);
    // What no route is for is refused by the rule that comes last.
    assert.match(await run("ip", ["-n", ns, "rule"]), /from all unreachable\s*$/);
  }
  const rules = await run("nft", ["list", "table", "inet", isolationTable(spec)]);
  assert.match(rules, new RegExp(`iifname "${hostInterface(spec)}" counter packets \\d+ bytes \\d+ drop`));
  assert.match(rules, /hook forward priority (raw|-300); policy accept/);
  await withUplink(async (address, received) => {
    const quiet = await received();
    const pod = await kubectl("get", "pods", "-l", "app=probe", "-o", "jsonpath={.items[0].metadata.name}");
    const empty = await kubectl("get", "service", "empty", "-o", "jsonpath={.spec.clusterIP}");
    for (const target of [address, empty]) {
      assert.match(
        await checkFrom(pod, `http://${target}/`),
        /check failed.*(unreachable|no route to host|refused|deadline exceeded)/,
        `a pod reached ${target}`,
      );
      await kubectlOf(
        state,
        ["apply", "-f", "-"],
        JSON.stringify(
          webhook(
            target === empty
              ? { service: { name: "empty", namespace: "default", port: 443 } }
              : { url: `https://${target}/` },
          ),
        ),
      );
      await until("the API server to call the webhook", 30_000, async () =>
        refused(() => kubectlOf(state, ["apply", "-f", "-"], JSON.stringify(watched))),
      );
      await kubectl("delete", "validatingwebhookconfiguration", "outside");
    }
    // Even a node that was given a way out gets no packet past this machine.
    const [rogue] = spec.nodes as [NodeSpec, ...NodeSpec[]];
    const inside = ["--net=/run/netns/" + nodeNamespace(spec, rogue)];
    await run("ip", ["-n", nodeNamespace(spec, rogue), "route", "replace", "default", "via", spec.hostAddress]);
    try {
      const script = `require("net").connect({host:"${address}",port:80,timeout:3000}).on("connect",()=>process.exit(0)).on("error",()=>process.exit(1)).on("timeout",()=>process.exit(1))`;
      assert.ok(
        await refused(() => run("nsenter", [...inside, process.execPath, "-e", script])),
        "a node reached the uplink",
      );
    } finally {
      await run("ip", ["-n", nodeNamespace(spec, rogue), "route", "delete", "default", "via", spec.hostAddress]);
    }
    assert.equal(await received(), quiet, "packets came out at the uplink");
    // The counter is not blind: what this machine itself sends there is seen.
    await refused(() =>
      run(process.execPath, [
        "-e",
        `require("dgram").createSocket("udp4").send("x",9,"${address}",function(){this.close()})`,
      ]),
    );
    await until("the uplink to count a packet of this machine", 5_000, async () => (await received()) > quiet, 100);
  });
});
