/**
 * `lookups.ts SERVER NAME PORT EVERY`: looks a name up at a steady rate, each time over a socket of its own, and sends a
 * request to where it leads, until its input ends; then prints the answers. A name has one second and no second try.
 */
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { request, steadily } from "./load.ts";

const [server = "", name = "", port = "", every = ""] = process.argv.slice(2);

async function ask(): Promise<number | string> {
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([server]);
  try {
    const [address = ""] = await resolver.resolve4(name);
    return await request(`http://${address}:${port}/healthz`);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const answers = await steadily(Number(every), ask, async () => {
  await once(process.stdin.resume(), "end");
});
process.stdout.write(JSON.stringify(answers));
