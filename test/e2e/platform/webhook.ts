/** Programs outside of the cluster, and what Alertmanager tells one of them. */
import { join } from "node:path";
import { execa } from "execa";
import { until } from "../../../embedded/run.ts";
import { outside } from "../fixtures.ts";

/** What Alertmanager posts (prometheus.io, webhook receiver), as far as it is read here. */
export interface Notice {
  readonly status: "firing" | "resolved";
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly status: "firing" | "resolved";
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

/** A program in the network outside, and what ends it. */
export function inside(network: string, command: string, ...args: readonly string[]) {
  const child = execa("nsenter", [`--net=${network}`, command, ...args], {
    reject: false,
    stdin: "ignore",
    buffer: false,
  });
  return {
    lines: child.stdout,
    end: async () => {
      child.kill("SIGKILL");
      await child;
    },
  };
}

/** A server outside that takes whatever is posted to it, and answers with a status. @default 200 */
export const sink = (network: string, port: number, status = 200) =>
  inside(network, process.execPath, join(import.meta.dirname, "../sink.ts"), String(port), String(status));

/** The webhook of people outside, which can be away for a while, and all that it was told. */
export class Webhook {
  static readonly #port = 9095;
  /** What it is called by. */
  static readonly url = `http://${outside.declared}:${String(Webhook.#port)}/`;
  readonly notices: Notice[] = [];
  readonly #network: string;
  #server: ReturnType<typeof inside> | undefined;

  constructor(network: string) {
    this.#network = network;
  }

  /** Begins to listen. */
  start(): void {
    const server = sink(this.#network, Webhook.#port);
    let rest = "";
    server.lines.on("data", (part: Buffer) => {
      const lines = (rest + part.toString()).split("\n");
      rest = lines.pop() ?? "";
      this.notices.push(...lines.map((line) => JSON.parse(line) as Notice)); // Alertmanager wrote it
    });
    this.#server = server;
  }

  /** Is away from now on. */
  async end(): Promise<void> {
    await this.#server?.end();
    this.#server = undefined;
  }

  /** What it was told of an alert. */
  of(name: string): Notice[] {
    return this.notices.filter(({ groupLabels }) => groupLabels["alertname"] === name);
  }

  /** Waits until it is told of an alert. @param milliseconds the deadline */
  async told(name: string, status: Notice["status"], milliseconds: number): Promise<void> {
    await until(
      `the webhook to be told that ${name} is ${status}`,
      milliseconds,
      () => Promise.resolve(this.of(name).some((one) => one.status === status)),
      1000,
    );
  }
}
