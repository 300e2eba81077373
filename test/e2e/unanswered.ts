/**
 * `unanswered.ts SERVER`: asks a name server ten times a second for what the server of a stub domain (fixtures.ts) fails
 * at, until it is ended. It ends by itself when it gets another answer.
 */
import { Resolver } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";

const [server = ""] = process.argv.slice(2);
const resolver = new Resolver({ timeout: 2000, tries: 1 });
resolver.setServers([server]);

for (let number = 0; ; number++) {
  const failed = await resolver.resolve6(`none-${String(number)}.corp.example`).then(
    () => false,
    (error: unknown) => error instanceof Error && /ESERVFAIL|ETIMEOUT/.test(error.message),
  );
  if (!failed) throw new Error(`${server} knows an address of none-${String(number)}.corp.example.`);
  await sleep(100);
}
