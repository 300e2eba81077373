/** Requests at a steady rate, and what became of them. */
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** One request: when it was sent (milliseconds since the start) and its status, or the error it ended with. */
export interface Answer {
  readonly at: number;
  readonly milliseconds: number;
  readonly status: number | string;
}

const interval = 20; // milliseconds: 50 requests a second
const deadline = 2_000;

/** Sends requests until `work` ends, each over a connection of its own, so that each is balanced anew. */
export const during = (url: string, work: () => Promise<void>): Promise<Answer[]> =>
  steadily(interval, () => request(url), work);

/**
 * Asks until `work` ends.
 *
 * @param every milliseconds from one start to the next, whatever the answers take
 * @param ask gives the status of one answer, or the error that it ended with
 */
export async function steadily(
  every: number,
  ask: () => Promise<number | string>,
  work: () => Promise<void>,
): Promise<Answer[]> {
  const answers: Promise<Answer>[] = [];
  const start = performance.now();
  const state = { done: false };
  const load = (async () => {
    for (let next = every; !state.done; next = Math.max(next + every, performance.now() - start)) {
      answers.push(timed(ask, start));
      await sleep(Math.max(0, next - (performance.now() - start)));
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

/** The status of one request over a connection of its own, or the error it ended with. */
export function request(url: string, headers: Readonly<Record<string, string>> = {}): Promise<number | string> {
  return new Promise((resolve) => {
    const call = get(url, { agent: false, timeout: deadline, headers }, (response) => {
      response.resume();
      response.on("end", () => {
        resolve(response.statusCode ?? 0);
      });
    });
    call.on("timeout", () => call.destroy(new Error(`no answer in ${String(deadline)} ms`)));
    call.on("error", (error) => {
      resolve(error.message);
    });
  });
}
/** The answers that were not 200. */
export function failures(answers: readonly Answer[]): Answer[] {
  return answers.filter((a) => a.status !== 200);
}

/** What happened, in one line: how many, how many failed and between when, and the 99th percentile. */
export function summary(answers: readonly Answer[]): string {
  const failed = failures(answers);
  const times = answers.map((a) => a.milliseconds).sort((a, b) => a - b);
  const p99 = times[Math.floor(times.length * 0.99)] ?? 0;
  const span =
    failed.length === 0
      ? ""
      : ` (between ${((failed[0]?.at ?? 0) / 1000).toFixed(1)} s and ${((failed.at(-1)?.at ?? 0) / 1000).toFixed(1)} s: ${[...new Set(failed.map((f) => String(f.status)))].slice(0, 3).join(", ")})`;
  const share = ((100 * (answers.length - failed.length)) / answers.length).toFixed(2);
  return `${String(answers.length)} requests, ${share} % answered 200, ${String(failed.length)} not${span}, p99 ${p99.toFixed(1)} ms`;
}
