/**
 * `lookups.ts SERVER NAME PORT RATE`: looks a name up so many times a second, each time over a socket of its own, and sends
 * a request to where it leads, until its input ends; then prints the answers. Like any resolver it asks again, once, what
 * is not answered: a query is lost that is under way when its node forgets the pod that answers it.
 */
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { get } from "node:http";
import { secondTry, statusOf, steadily } from "./load.ts";

const [server = "", name = "", port = "", rate = ""] = process.argv.slice(2);

async function ask(): Promise<number | string> {
  const resolver = new Resolver({ timeout: secondTry, tries: 2 });
  resolver.setServers([server]);
  try {
    const [address = ""] = await resolver.resolve4(name);
    return await statusOf(get(`http://${address}:${port}/healthz`, { agent: false, timeout: 3000 }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const answers = await steadily(Number(rate), ask, async () => {
  await once(process.stdin.resume(), "end");
});
process.stdout.write(JSON.stringify(answers));
