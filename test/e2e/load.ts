/** Requests at a steady rate, and what became of them. */
import type { ClientRequest } from "node:http";
import { Agent, request as send } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { type Place, standsFor } from "../../scripts/ask.ts";

/** One request: when it was sent (milliseconds since the start) and its status, or the error it ended with. */
export interface Answer {
  readonly at: number;
  readonly milliseconds: number;
  readonly status: number | string;
}

/** How requests are sent. */
export interface Load {
  /** @default 50 */
  readonly perSecond?: number;
  /** Connections that are kept and used again, as a browser does. @default each request has one of its own */
  readonly connections?: number;
}

const deadline = 5_000;

/** After how many milliseconds a name that nobody has answered is asked for again. */
export const secondTry = 2_000;

/** Sends requests over HTTPS until `work` ends, to one place after the other. */
export async function during(
  url: string,
  places: readonly Place[],
  work: () => Promise<void>,
  { perSecond = 50, connections }: Load = {},
): Promise<Answer[]> {
  const targets = places.map((place) => ({
    place,
    agent: new Agent({ keepAlive: connections !== undefined, maxSockets: connections ?? Infinity }),
  }));
  let next = 0;
  try {
    return await steadily(
      perSecond,
      () => {
        const { place, agent } = targets[next++ % targets.length] ?? {};
        if (place === undefined || agent === undefined) throw new Error("There is no place to send requests to.");
        const { address, ca } = place;
        return statusOf(send(url, { agent, ca, lookup: standsFor(address), timeout: deadline }));
      },
      work,
    );
  } finally {
    for (const { agent } of targets) agent.destroy();
  }
}

/**
 * Asks until `work` ends, so many times a second, whatever the answers take.
 *
 * @param ask gives the status of one answer, or the error that it ended with
 */
export async function steadily(
  perSecond: number,
  ask: () => Promise<number | string>,
  work: () => Promise<void>,
): Promise<Answer[]> {
  const answers: Promise<Answer>[] = [];
  const start = performance.now();
  const state = { done: false };
  const load = (async () => {
    while (!state.done) {
      // What is due by now: a late timer makes up for what it has missed.
      const due = ((performance.now() - start) * perSecond) / 1000;
      while (answers.length < due) answers.push(timed(ask, start));
      await sleep(5);
    }
  })();
  try {
    await work();
  } finally {
    state.done = true;
  }
  await load;
  return Promise.all(answers);
}

async function timed(ask: () => Promise<number | string>, start: number): Promise<Answer> {
  const at = performance.now() - start;
  const status = await ask();
  return { at, milliseconds: performance.now() - start - at, status };
}

/** The status of the answer to a request, which it sends, or the error that it ended with. */
export function statusOf(call: ClientRequest): Promise<number | string> {
  return new Promise((resolve) => {
    call.on("response", (response) => {
      response.resume();
      response.on("error", (error) => {
        resolve(error.message);
      });
      response.on("end", () => {
        resolve(response.statusCode ?? 0);
      });
    });
    call.on("timeout", () => call.destroy(new Error("no answer in time")));
    call.on("error", (error) => {
      resolve(error.message);
    });
    call.end();
  });
}

/** The answers that were not 200. */
export function failures(answers: readonly Answer[]): Answer[] {
  return answers.filter((a) => a.status !== 200);
}

/** What happened, in one line: how many, how many failed and between when, the median and the 99th percentile. */
export function summary(answers: readonly Answer[]): string {
  const failed = failures(answers);
  const times = answers.map((a) => a.milliseconds).sort((a, b) => a - b);
  const [p50, p99] = [0.5, 0.99].map((share) => (times[Math.floor(times.length * share)] ?? 0).toFixed(1));
  const span =
    failed.length === 0
      ? ""
      : ` (between ${((failed[0]?.at ?? 0) / 1000).toFixed(1)} s and ${((failed.at(-1)?.at ?? 0) / 1000).toFixed(1)} s: ${[...new Set(failed.map((f) => String(f.status)))].slice(0, 3).join(", ")})`;
  const share = ((100 * (answers.length - failed.length)) / answers.length).toFixed(2);
  return `${String(answers.length)} requests, ${share} % answered 200, ${String(failed.length)} not${span}, p50 ${p50 ?? ""} ms, p99 ${p99 ?? ""} ms`;
}

/**
 * The longest time without an answer of 200, in milliseconds, between two of them that lie in a span.
 *
 * @param since and `until` milliseconds since the start of the load. @default all of it
 */
export function longestGap(answers: readonly Answer[], since = 0, until = Infinity): number {
  const good = answers
    .filter(({ status }) => status === 200)
    .map(({ at, milliseconds }) => at + milliseconds)
    .sort((a, b) => a - b);
  const gaps = good.slice(1).map((end, i) => ({ begin: good[i] ?? end, end }));
  const inside = gaps.filter(({ begin, end }) => end >= since && begin <= until);
  return Math.max(0, ...inside.map(({ begin, end }) => end - begin));
}
