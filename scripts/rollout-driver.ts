/** When a rollout goes on, when it waits, and when it goes back: a state machine that only decides. */
import { parseDuration } from "../duration.ts";
import { type Rollout, stepsOf } from "../components/rollout-schema.ts";

/** What the callers of the new version have seen since the present step was applied. */
export interface Observation {
  readonly requests: number;
  /** Those of them that were answered 500 or above, or not at all. */
  readonly failures: number;
  /** In how many milliseconds 99 of 100 were answered; without requests there is none. */
  readonly p99Milliseconds?: number | undefined;
}

/** Where a rollout is, as its driver knows it. */
export interface RolloutState {
  readonly step: number;
  /** Why it goes back, once it does. */
  readonly rollingBack?: string;
}

/** What has happened. */
export type RolloutEvent =
  /** The step's `up` has ended. */
  | { readonly kind: "applied"; readonly ok: boolean }
  /** It was looked, this long after the step was applied; without an observation when nothing could be read. */
  | { readonly kind: "looked"; readonly elapsed: number; readonly seen: Observation | undefined };

/** What is to be done next. */
export type RolloutAction =
  | { readonly kind: "apply"; readonly step: number; readonly why: string }
  | { readonly kind: "watch"; readonly why: string }
  | { readonly kind: "end"; readonly outcome: "promoted" | "rolled-back" | "stuck"; readonly why: string };

/** What of a rollout decides. */
export type RolloutRules = Pick<Rollout, "strategy" | "slo" | "step" | "to">;

/** How many windows a step may take to show enough requests. */
export const patience = 10;

/** How long a step has to keep its objective, in milliseconds. */
export const windowOf = ({ slo }: Pick<Rollout, "slo">): number => parseDuration(slo.window) ?? 0; // the schema has checked it

/** A state with what to do in it. */
export interface Decision {
  readonly state: RolloutState;
  readonly action: RolloutAction;
}

/** How a driver starts: from the old version alone with the first step, else by applying anew where it stopped. */
export function startRollout({ step, strategy, to }: RolloutRules): Decision {
  const first = Math.max(1, step);
  const why = step === 0 ? `the first requests go to ${to}` : "it goes on where it stopped";
  return { state: { step: first }, action: { kind: "apply", step: first, why: `${why}, ${partOf(strategy, first)}` } };
}

/** What to do after an event. It ends after finitely many events whose `elapsed` grows, and goes back at most once. */
export function nextDecision(rules: RolloutRules, state: RolloutState, event: RolloutEvent): Decision {
  const { step, rollingBack } = state;
  if (rollingBack !== undefined) {
    const done = event.kind === "applied" && event.ok;
    const stuck = `${rollingBack}, and going back failed: run it again, or set the step to 0 and run \`npm run up\``;
    return {
      state,
      action: done
        ? { kind: "end", outcome: "rolled-back", why: rollingBack }
        : { kind: "end", outcome: "stuck", why: stuck },
    };
  }
  if (event.kind === "applied") {
    return event.ok
      ? { state, action: { kind: "watch", why: partOf(rules.strategy, step) } }
      : goBack(state, `the \`up\` of step ${String(step)} failed`);
  }
  const burning = event.seen === undefined ? undefined : burns(rules, event.seen);
  if (burning !== undefined) return goBack(state, burning);
  const { leastRequests } = rules.slo;
  const requests = event.seen?.requests ?? 0;
  if (requests < leastRequests) {
    const few = `${String(requests)} of the ${String(leastRequests)} requests that it takes to judge`;
    return event.elapsed >= patience * windowOf(rules)
      ? goBack(state, `after ${String(patience)} windows there were ${few}`)
      : { state, action: { kind: "watch", why: few } };
  }
  if (event.elapsed < windowOf(rules)) return { state, action: { kind: "watch", why: "the objective holds" } };
  if (step >= stepsOf(rules.strategy).length) {
    return {
      state,
      action: { kind: "end", outcome: "promoted", why: `${rules.to} has kept its objective with all requests` },
    };
  }
  const next = step + 1;
  const why = `the objective held, ${partOf(rules.strategy, next)}`;
  return { state: { step: next }, action: { kind: "apply", step: next, why } };
}

const goBack = ({ step }: RolloutState, why: string): Decision => ({
  state: { step, rollingBack: why },
  action: { kind: "apply", step: 0, why },
});

const partOf = (strategy: Rollout["strategy"], step: number): string =>
  `step ${String(step)} of ${String(stepsOf(strategy).length)}: ${String(stepsOf(strategy)[step - 1] ?? 0)} percent`;

/**
 * Why the objective is broken, or `undefined`. Failures that as many requests as are waited for would not be forgiven
 * are not waited for, and neither are they forgiven later.
 */
export function burns({ slo, to }: Pick<RolloutRules, "slo" | "to">, seen: Observation): string | undefined {
  const { availability, p99Milliseconds, leastRequests } = slo;
  const allowed = (Math.max(seen.requests, leastRequests) * (100 - availability)) / 100;
  if (seen.failures > allowed + 1e-6) {
    const part = seen.requests === 0 ? 0 : 100 * (1 - seen.failures / seen.requests);
    return `${to} failed ${String(seen.failures)} of ${String(seen.requests)} requests, ${part.toFixed(2)} percent succeeded of the ${String(availability)} that must`;
  }
  if (seen.requests >= leastRequests && (seen.p99Milliseconds ?? 0) > p99Milliseconds) {
    return `the p99 of ${to} was ${(seen.p99Milliseconds ?? 0).toFixed(0)} ms, above ${String(p99Milliseconds)} ms`;
  }
  return undefined;
}

/** Reads what the callers of the new version see. */
export interface Measure {
  /** From now on is counted. */
  readonly restart: () => Promise<void>;
  /** What was seen since {@link restart}. @throws when it cannot be read now */
  readonly look: () => Promise<Observation>;
}

/** What a driver needs of the world. */
export interface RolloutWorld {
  /** Sets the step and runs `up`. @returns whether that went well */
  readonly apply: (step: number) => Promise<boolean>;
  readonly measure: Measure;
  /** Waits for so many milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /** The time in milliseconds, on a clock that never goes back. */
  readonly now: () => number;
  /** Tells how it goes, in a line. */
  readonly say: (line: string) => void;
}

/** In how many parts of its window a step is looked at. */
const looks = 6;

/** Drives a rollout to its end. */
export async function driveRollout(
  rules: RolloutRules,
  { apply, measure, wait, now, say }: RolloutWorld,
): Promise<Extract<RolloutAction, { kind: "end" }>> {
  let { state, action } = startRollout(rules);
  let since = now();
  let counting = false;
  /** What cannot be read now is tried again at the next look. */
  const tried = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      say(`  nothing can be read: ${(error as Error).message}`);
      return undefined;
    }
  };
  const count = async () => {
    await measure.restart();
    [counting, since] = [true, now()];
  };
  while (action.kind !== "end") {
    let event: RolloutEvent;
    if (action.kind === "apply") {
      say(action.step === 0 ? `Going back: ${action.why}.` : `${upperFirst(action.why)}.`);
      event = { kind: "applied", ok: await apply(action.step) };
      [counting, since] = [false, now()];
      if (event.ok && action.step > 0) await tried(count);
    } else {
      await wait(windowOf(rules) / looks);
      const seen = await tried(async () => (counting ? measure.look() : count()));
      event = { kind: "looked", elapsed: now() - since, seen: seen ?? undefined };
    }
    ({ state, action } = nextDecision(rules, state, event));
    if (event.kind === "looked" && event.seen !== undefined) {
      const next = action.kind === "watch" ? `: ${action.why}` : "";
      say(`  ${(event.elapsed / 1000).toFixed(0)} s: ${told(event.seen)}${next}`);
    }
  }
  return action;
}

const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const told = ({ requests, failures, p99Milliseconds }: Observation): string =>
  `${String(requests)} requests, ${String(failures)} failed, p99 ${p99Milliseconds === undefined ? "–" : `${p99Milliseconds.toFixed(0)} ms`}`;
