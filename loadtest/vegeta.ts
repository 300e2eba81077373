/** vegeta: what it is told, what it answers, and running it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { Answer, Target } from "./target.ts";

/** So many requests a second, for so many seconds. */
export interface Attack {
  readonly target: Target;
  readonly rate: number;
  readonly seconds: number;
}

/** A program with its arguments, and what it reads from its standard input. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly input: string;
}

/** Seconds until a request is given up. */
export const deadline = 5;

/** Requests under way at a time, at most: what a saturated server leaves open must not take the machine with it. */
const mostAtOnce = 5_000;

/**
 * The URL that stands for one address of a target. vegeta goes through its URLs in turn and keeps connections by host
 * and port, so each address gets a port of its own here, which `-connect-to` leads to the real one: otherwise all of
 * them would share the first connection over HTTP/2. The name, which the certificate has to prove, stays.
 */
function urlOf({ url }: Target, index: number): URL {
  const own = new URL(url);
  own.port = String(index + 1);
  return own;
}

/** A URL's port, which the URL itself leaves out where it is the scheme's own. */
const portOf = ({ port, protocol }: URL): string => (port !== "" ? port : protocol === "https:" ? "443" : "80");

/**
 * How vegeta is called.
 *
 * @param caFile the file that has the target's `ca`
 * @throws when there is nothing to ask, or an address is none that vegeta can be led to
 */
export function attackCommand(vegeta: string, { target, rate, seconds }: Attack, caFile?: string): Command {
  const asked = new URL(target.url);
  if (target.addresses.length === 0) throw new Error(`${target.name} has no address to send requests to.`);
  const unfit = target.addresses.find((address) => !/^[\w.-]+$/.test(address));
  if (unfit !== undefined) {
    throw new Error(`${target.name} has the address ${unfit}: only IPv4 addresses and names can be asked.`);
  }
  const places = target.addresses.map((address, index) => ({ address, url: urlOf(target, index) }));
  const args = [
    "attack",
    "-format=json",
    `-rate=${String(rate)}/1s`,
    `-duration=${String(seconds)}s`,
    `-timeout=${String(deadline)}s`,
    `-max-workers=${String(mostAtOnce)}`,
    "-redirects=-1",
    ...(caFile === undefined ? [] : [`-root-certs=${caFile}`]),
    ...places.map(({ address, url }) => `-connect-to=${asked.hostname}:${portOf(url)}:${address}:${portOf(asked)}`),
  ];
  const input = places.map(
    ({ url }) => `${JSON.stringify({ method: "GET", url: url.href, header: { Host: [asked.host] } })}\n`,
  );
  const inside = target.network === undefined ? [] : ["nsenter", `--net=${target.network}`];
  const [program = vegeta, ...rest] = [...inside, vegeta, ...args];
  return { program, args: rest, input: input.join("") };
}

/** The part of a result that is read here: a line of `vegeta encode -to json`. */
interface Line {
  readonly code: number;
  readonly timestamp: string;
  /** Nanoseconds. */
  readonly latency: number;
  readonly bytes_in: number;
  readonly error: string;
  readonly url: string;
}

/**
 * Reads the results of an attack on a target, line by line.
 *
 * @param start when the run has begun, in milliseconds since 1970
 */
export function resultReader(target: Target, start: number): (line: string) => Answer {
  const addresses = new Map(target.addresses.map((address, index) => [urlOf(target, index).href, address]));
  return (line) => {
    const { code, timestamp, latency, bytes_in: bytes, error, url } = JSON.parse(line) as Line; // vegeta's own
    const address = addresses.get(url);
    if (address === undefined) throw new Error(`vegeta has asked ${url}, which it was not told to.`);
    const status = code === 0 ? errorKind(error) : code;
    return { at: Date.parse(timestamp) - start, milliseconds: latency / 1e6, status, bytes, address };
  };
}

/** An error without what is another for each request, so that equal ones can be counted: the URL, and who spoke to whom. */
export function errorKind(error: string): string {
  const kind = error
    .replace(/^[A-Z][a-z]+ "[^"]*": /, "")
    .replace(/\b(tcp|udp) \S+->\S+: /g, "$1: ")
    .replace(/\b(tcp|udp) \S+:\d+: /g, "$1: ");
  return kind === "" ? "no answer" : kind;
}

/** What may be set for {@link runAttack}. */
export interface RunOptions {
  /** When the run has begun, in milliseconds since 1970; answers count from there. */
  readonly start: number;
  /** Gets each answer as soon as it is known. */
  readonly onAnswer: (answer: Answer) => void;
  /** Ends vegeta. @default it is not ended */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends the requests of an attack.
 *
 * @throws with what vegeta said, when it fails
 */
export async function runAttack(vegeta: string, attack: Attack, options: RunOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quintet-loadtest-"));
  try {
    const { ca } = attack.target;
    const caFile = ca === undefined ? undefined : join(folder, "ca.crt");
    if (ca !== undefined && caFile !== undefined) await writeFile(caFile, ca);
    await stream(vegeta, attackCommand(vegeta, attack, caFile), resultReader(attack.target, options.start), options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function stream(
  vegeta: string,
  { program, args, input }: Command,
  read: (line: string) => Answer,
  { onAnswer, signal = new AbortController().signal }: RunOptions,
): Promise<void> {
  const common = {
    env: { PATH: process.env["PATH"] ?? "" }, // without a proxy of this machine's
    extendEnv: false,
    cancelSignal: signal,
    buffer: { stdout: false },
  } as const;
  const sender = execa(program, args, { ...common, input });
  const reader = execa(vegeta, ["encode", "-to", "json"], common);
  const readAll = async () => {
    for await (const line of reader) onAnswer(read(line));
  };
  // Whichever fails takes the others along: the sender knows why best, then what reads, and then the pipe.
  const outcomes = await Promise.allSettled([sender, readAll(), reader, sender.pipe(reader)]);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}
