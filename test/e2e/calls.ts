/**
 * A process of the network that it is started in: sends the requests that it is told to one place, and prints what became
 * of them.
 */
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { sidecarUser } from "./sidecar-user.ts";

/** Requests over plain HTTP. */
export interface Calls {
  readonly address: string;
  readonly port: number;
  readonly host: string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly count: number;
  /** How many are under way at most. @default 1 */
  readonly atOnce?: number;
  /** @default as many as there can be */
  readonly perSecond?: number;
  /** Whether they pass by the caller's sidecar. @default they go through it */
  readonly direct?: boolean;
}

/** What became of them. */
export interface Outcome {
  /** How many were answered how: by status, or by the error that they ended with. */
  readonly statuses: Readonly<Record<string, number>>;
  /** How many answers had which `message`, as podinfo's have. */
  readonly messages: Readonly<Record<string, number>>;
  /** How long each took, in ascending order. */
  readonly milliseconds: readonly number[];
  /** The last body. */
  readonly body: string;
}

const deadline = 15_000;

async function send(calls: Calls): Promise<Outcome> {
  const { address, port, host, path, method = "GET", headers = {}, count, atOnce = 1, perSecond } = calls;
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const [statuses, messages] = [new Map<string, number>(), new Map<string, number>()];
  const milliseconds: number[] = [];
  let [sent, last] = [0, ""];
  const add = (to: Map<string, number>, key: string) => to.set(key, (to.get(key) ?? 0) + 1);
  const one = () =>
    new Promise<void>((resolve) => {
      const start = performance.now();
      const end = (status: string) => {
        add(statuses, status);
        milliseconds.push(performance.now() - start);
        resolve();
      };
      const to = { host: address, port, path, method, agent, headers: { ...headers, host }, timeout: deadline };
      const call = request(to, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", ({ message }) => {
          end(message);
        });
        response.on("end", () => {
          last = Buffer.concat(chunks).toString();
          add(messages, /"message": "([^"]*)"/.exec(last)?.[1] ?? "");
          end(String(response.statusCode));
        });
      });
      call.on("timeout", () => call.destroy(new Error("no answer in time")));
      call.on("error", (error: NodeJS.ErrnoException) => {
        end(error.code ?? error.message);
      });
      call.end();
    });
  const start = performance.now();
  const worker = async () => {
    while (sent < count) {
      const due = perSecond === undefined ? 0 : start + (sent * 1000) / perSecond;
      sent += 1;
      if (due > performance.now()) await sleep(due - performance.now());
      await one();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  agent.destroy();
  return {
    statuses: Object.fromEntries(statuses),
    messages: Object.fromEntries(messages),
    milliseconds: milliseconds.sort((a, b) => a - b),
    body: last,
  };
}

const told = JSON.parse(process.argv[2] ?? "{}") as Calls; // mesh.ts writes it
if (told.direct === true) process.seteuid?.(sidecarUser);
console.log(JSON.stringify(await send(told)));
