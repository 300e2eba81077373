/** The engine as a process: a signal lets it end what it has begun, and a wait without an end is ended for it. */
import { setTimeout as sleep } from "node:timers/promises";
import { answers, stuckNamespaces } from "./aftermath.ts";

/** What is needed of a process to end it. */
export interface Endable {
  readonly kill: (signal: NodeJS.Signals) => boolean;
}

/** A terminal's Ctrl-C arrives twice, from the terminal and from whoever started this process. */
const same = 1_000;

/**
 * Hands signals on to the engine, which runs in a process group of its own: the first lets it end what is under way, and
 * a second one ends it at once. This process goes on until the engine has ended.
 *
 * @returns what ends that
 */
export function handOnSignals(engine: Endable, say: (line: string) => void): () => void {
  let last = -Infinity;
  let count = 0;
  const onSignal = () => {
    if (performance.now() - last < same) return;
    last = performance.now();
    count += 1;
    if (count === 1) say("Stopping: what is under way ends first, and is recorded. Once more ends it at once.");
    engine.kill("SIGINT");
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/** How long the engine may wait for a namespace that something keeps from going, in milliseconds. */
export const stuckDeadline = 90_000;
/** How long an API server may say nothing, in milliseconds: twice what its address takes to move to another node. */
export const silenceDeadline = 60_000;
const interval = 5_000;
const grace = 20_000;

/**
 * Looks after a cluster while the engine runs: says what keeps a namespace from going, and that the API server is silent,
 * and stops the engine when that does not change.
 */
export async function watchCluster(
  kubeconfig: string,
  engine: Endable,
  ended: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const told = new Set<string>();
  let heard = performance.now();
  for (;;) {
    if (!(await sleep(interval, true, { signal: ended }).catch(() => false))) return;
    // Only an API server that says nothing is silent: a look at namespaces may fail for a part of it alone.
    const [stuck, answered] = await Promise.all([stuckNamespaces(kubeconfig).catch(() => []), answers(kubeconfig)]);
    if (answered) heard = performance.now();
    const silence = performance.now() - heard;
    const silent =
      silence < 2 * interval
        ? []
        : [{ says: "The API server does not answer.", since: silence, most: silenceDeadline }];
    const kept = stuck.filter((one) => one.kept).map((one) => ({ ...one, most: stuckDeadline }));
    for (const { says } of [...stuck, ...silent].filter((one) => !told.has(one.says))) {
      say(says);
      told.add(says);
    }
    const endless = [...kept, ...silent].find(({ since, most }) => since >= most);
    if (endless === undefined) continue;
    const seconds = String(endless.most / 1000);
    say(
      `Nothing has changed for ${seconds} s, so the engine is stopped. What is done and what is left is in the state.`,
    );
    engine.kill("SIGINT");
    // A provider that waits for the cluster may not hear that; asked twice, the engine ends without it.
    if (await sleep(grace, true, { signal: ended }).catch(() => false)) engine.kill("SIGINT");
    return;
  }
}
