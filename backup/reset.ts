/** Carries a plan of backup/reset-plan.ts out. */
import { setTimeout as sleep } from "node:timers/promises";
import { phaseDeadline, type Phase, type Step } from "./reset-plan.ts";

/** What reaches the nodes. */
export interface Hands {
  /** Runs a script in sh as root of a node. @throws with what it said when it fails */
  readonly run: (node: string, script: string) => Promise<unknown>;
  /** Puts the database of the snapshot onto a node, readable by root alone. */
  readonly copy: (node: string, to: string) => Promise<void>;
}

/** What is told while it goes on. */
export interface Watch {
  readonly started: (title: string) => void;
  readonly done: (title: string, seconds: number) => void;
}

/** Asked again after as many milliseconds. */
const interval = 300;

/**
 * Carries out phase by phase, on all nodes of a phase at a time. It stops at the first phase in which something fails, and
 * can be run again from its start.
 *
 * @throws AggregateError that says for each node what it could not do, and in which phase
 */
export async function carryOut(
  phases: readonly Phase[],
  hands: Hands,
  watch: Watch,
  deadline = phaseDeadline,
): Promise<void> {
  for (const { title, steps } of phases) {
    const start = performance.now();
    watch.started(title);
    const nodes = Map.groupBy(steps, ({ node }) => node);
    const ended = await Promise.allSettled(
      [...nodes.values()].map(async (own) => {
        for (const step of own) await doStep(step, hands, deadline);
      }),
    );
    const failed = ended.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
    if (failed.length > 0) {
      const says = failed.map(({ message }) => message).join("\n");
      throw new AggregateError(failed, `The step "${title}" has failed. Run it again when this is mended:\n${says}`);
    }
    watch.done(title, (performance.now() - start) / 1000);
  }
}

async function doStep(step: Step, hands: Hands, deadline: number): Promise<void> {
  switch (step.kind) {
    case "run":
      await hands.run(step.node, step.script).catch((error: unknown) => {
        throw new Error(`${step.node}: ${(error as Error).message}`, { cause: error });
      });
      return;
    case "copy":
      await hands.copy(step.node, step.to);
      return;
    case "wait":
      await waitFor(step, hands, deadline);
  }
}

async function waitFor(
  { node, what, script }: Extract<Step, { kind: "wait" }>,
  hands: Hands,
  deadline: number,
): Promise<void> {
  const end = performance.now() + deadline;
  for (;;) {
    try {
      await hands.run(node, script);
      return;
    } catch (error) {
      if (performance.now() > end) {
        const said = (error as Error).message;
        throw new Error(`${node}: waited ${String(deadline / 1000)} s for ${what}. ${said}`, { cause: error });
      }
    }
    await sleep(interval);
  }
}
