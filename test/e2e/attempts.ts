/**
 * `attempts.ts`: reads calls as JSON from its input, tries each, and prints what became of them: "open" when somebody
 * listens and answers, "closed" when the called one says that nobody does, "silent" when nothing comes back, which is what
 * a NetworkPolicy makes of a call, "unreachable" when there is no way there.
 */
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

/** One call. */
export interface Attempt {
  readonly address: string;
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
}

/** What became of one call. */
export type Outcome = "open" | "closed" | "silent" | "unreachable";

const deadline = 3_000;
const atOnce = 50;

/** A question for the name `.`, which any name server answers, and others may take for whatever they like. */
const question = Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1]);

const of = (code: string | undefined): Outcome => (code === "ECONNREFUSED" ? "closed" : "unreachable");

function tcp({ address, port }: Attempt): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: deadline });
    const end = (outcome: Outcome) => {
      resolve(outcome);
      socket.destroy();
    };
    socket.on("connect", () => {
      end("open");
    });
    socket.on("timeout", () => {
      end("silent");
    });
    socket.on("error", ({ code }: NodeJS.ErrnoException) => {
      end(code === "ETIMEDOUT" ? "silent" : of(code));
    });
  });
}

function udp({ address, port }: Attempt): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const end = (outcome: Outcome) => {
      clearTimeout(timer);
      resolve(outcome);
      socket.close();
    };
    const timer = setTimeout(() => {
      end("silent");
    }, deadline);
    socket.on("message", () => {
      end("open");
    });
    socket.on("error", ({ code }: NodeJS.ErrnoException) => {
      end(of(code));
    });
    socket.connect(port, address, () => {
      socket.send(question);
    });
  });
}

const attempts = JSON.parse(await text(process.stdin)) as Attempt[]; // whoever starts it writes these
const outcomes: Outcome[] = [];
for (let first = 0; first < attempts.length; first += atOnce) {
  const some = attempts.slice(first, first + atOnce);
  outcomes.push(...(await Promise.all(some.map((one) => (one.protocol === "TCP" ? tcp(one) : udp(one))))));
}
process.stdout.write(JSON.stringify(outcomes));
