/**
 * A server over HTTP or HTTPS in a process of its own, so that nobody else delays its answers. It is told on standard input
 * what to do, as one line of JSON, and prints its port.
 */
import { createServer as createPlain, type RequestListener } from "node:http";
import { createServer as createTls } from "node:https";
import { createInterface } from "node:readline";

/** What the server is told. */
export interface Behaviour {
  /** Milliseconds until each answer. */
  readonly delay: number;
  /** Every so many-th request is answered after `slow` milliseconds. */
  readonly slowEvery?: number;
  readonly slow?: number;
  /** Every so many-th request is answered with 500. */
  readonly failEvery?: number;
  /** More requests than this in a second are answered with 429. */
  readonly perSecond?: number;
  /** @default plain HTTP */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** The body of each answer. */
export const body = "x".repeat(100);

function listener({ delay, slowEvery, slow = delay, failEvery, perSecond = Infinity }: Behaviour): RequestListener {
  let count = 0;
  const second = { number: 0, requests: 0 };
  return (request, response) => {
    count += 1;
    const now = Math.floor(performance.now() / 1000);
    if (now !== second.number) Object.assign(second, { number: now, requests: 0 });
    second.requests += 1;
    const isSlow = slowEvery !== undefined && count % slowEvery === 0;
    const fails = failEvery !== undefined && count % failEvery === 0;
    const status = request.headers.host?.startsWith("loadtest.example:") !== true ? 421 : fails ? 500 : 200;
    setTimeout(
      () => {
        response.writeHead(second.requests > perSecond ? 429 : status).end(body);
      },
      isSlow ? slow : delay,
    );
  };
}

if (process.argv[1] === import.meta.filename) {
  createInterface(process.stdin).once("line", (line) => {
    const behaviour = JSON.parse(line) as Behaviour; // loadtest.e2e.ts wrote it
    const answer = listener(behaviour);
    const server = behaviour.tls === undefined ? createPlain(answer) : createTls(behaviour.tls, answer);
    server.listen(0, () => {
      const address = server.address();
      console.log(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
