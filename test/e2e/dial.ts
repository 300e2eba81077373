/**
 * A process of the network that it is started in: makes the calls that it is told, and prints of each after how many
 * milliseconds it was answered, or null. With a number of milliseconds as its second argument it tries so long.
 */
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import type { Target } from "./reach.ts";
import { sidecarUser } from "./sidecar-user.ts";

const [, , told = "[]", patience] = process.argv;
const deadline = patience === undefined ? 2_500 : 200;
const start = performance.now();

/** A question for the addresses of kubernetes.default.svc.cluster.local (RFC 1035, section 4). */
const question = Buffer.concat([
  Buffer.from([0x51, 0x54, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0]),
  ...["kubernetes", "default", "svc", "cluster", "local", ""].map((label) =>
    Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]),
  ),
  Buffer.from([0, 1, 0, 1]),
]);

/** Open is what is answered, be it by a refusal: it has come through. What is closed is dropped without a word. */
async function tcp({ address, port }: Target): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: deadline });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.on("connect", () => {
      end(true);
    });
    socket.on("timeout", () => {
      end(false);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      end(error.code === "ECONNREFUSED");
    });
  });
}

/** Asks a name server twice, since a packet may get lost. */
async function dns({ address, port }: Target): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const ask = () => {
      socket.send(question, port, address, () => undefined);
    };
    const again = setTimeout(ask, deadline / 2);
    const end = (open: boolean) => {
      clearTimeout(again);
      clearTimeout(late);
      socket.close();
      resolve(open);
    };
    const late = setTimeout(() => {
      end(false);
    }, deadline);
    socket.on("message", () => {
      end(true);
    });
    socket.on("error", () => {
      end(false);
    });
    ask();
  });
}

async function untilOpen(target: Target): Promise<number | null> {
  for (;;) {
    if (await (target.protocol === "UDP" ? dns(target) : tcp(target))) return performance.now() - start;
    if (performance.now() - start > Number(patience ?? 0)) return null;
  }
}

// The sidecar's user, whose calls are not led to the sidecar, which would take them all: what is tried is the network.
process.seteuid?.(sidecarUser);

const targets = JSON.parse(told) as Target[]; // reach.ts writes them
console.log(JSON.stringify(await Promise.all(targets.map(untilOpen))));
