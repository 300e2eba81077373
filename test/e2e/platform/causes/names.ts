/** Names that nobody knows. */
import { once } from "node:events";
import { join } from "node:path";
import { execa } from "execa";
import { nodeNamespace } from "../../../../embedded/network.ts";
import { spec } from "../context.ts";
import { cause } from "./fault.ts";

/** Servers of a stub domain fail. */
export const serversFail = cause({
  what: "the server of a stub domain answers SERVFAIL",
  fires: ["CoreDnsErrors"],
  minutes: 14,
  meanwhile: async (ended) => {
    const [node] = spec.nodes;
    if (node === undefined) throw new Error("The cluster has no nodes.");
    const file = join(import.meta.dirname, "../../unanswered.ts");
    const inside = [`--net=/run/netns/${nodeNamespace(spec, node)}`, process.execPath, file, spec.dnsAddress];
    const child = execa("nsenter", inside, { stdin: "ignore", reject: false });
    if (!ended.aborted) await Promise.race([once(ended, "abort"), child]);
    if (!ended.aborted) throw new Error(`The lookups have ended: ${(await child).stderr}`);
    child.kill("SIGKILL");
    await child;
  },
});
