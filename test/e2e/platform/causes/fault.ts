/** A fault that fires alerts: how it is caused, and how it is mended. */
import { kubectl } from "../context.ts";
import type { Fired, Wanted } from "../fired.ts";

/** Something that is broken on purpose. */
export interface Fault {
  /** What is the matter, in words. */
  readonly what: string;
  /** The alerts that it has to fire. */
  readonly fires: readonly Wanted[];
  /** In how many minutes. */
  readonly minutes: number;
  /** Breaks it; what it gives is waited for. @default it is broken from the start */
  readonly begin?: () => unknown;
  /** What goes on until the alerts have fired. @default nothing */
  readonly meanwhile?: (ended: AbortSignal) => Promise<void>;
  /** Mends it; what it gives is waited for. It is called however the rest has gone. @default others mend it */
  readonly mend?: () => unknown;
}

/** One or more faults, until each of their alerts has been seen. */
export type Step = (fired: Fired) => Promise<void>;

/** Causes a fault, waits until each of its alerts has been in Alertmanager, and mends it. */
export const cause =
  ({ what, fires, minutes, begin, meanwhile, mend }: Fault): Step =>
  async (fired) => {
    const ended = new AbortController();
    try {
      await begin?.();
      const going = meanwhile?.(ended.signal);
      await Promise.race([fired.wait(minutes * 60_000, ...fires), neverBefore(going)]);
      ended.abort();
      await going;
    } catch (error) {
      throw new Error(what, { cause: error });
    } finally {
      ended.abort();
      await mend?.();
    }
  };

/** What goes on is heard of at once when it fails, and not when it ends. */
async function neverBefore(going: Promise<void> | undefined): Promise<never> {
  await going;
  return new Promise(() => undefined);
}

/** Steps one after the other, of which each is made though one before it has failed. */
export const inTurn =
  (...steps: readonly Step[]): Step =>
  async (fired) => {
    const errors: unknown[] = [];
    for (const step of steps) await step(fired).catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw together(errors);
  };

/** Steps side by side, each to its end. */
export const atOnce =
  (...steps: readonly Step[]): Step =>
  async (fired) => {
    const ends = await Promise.allSettled(steps.map((step) => step(fired)));
    const errors = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
    if (errors.length > 0) throw together(errors);
  };

/** All that has failed, in the words of each: whoever reads them sees no more than the message. */
function together(errors: readonly unknown[]): AggregateError {
  const words = (error: unknown): string => {
    if (!(error instanceof Error)) return String(error);
    return error.cause === undefined ? error.message : `${error.message}: ${words(error.cause)}`;
  };
  return new AggregateError(errors, errors.map(words).join("\n"));
}

/** A workload. */
export interface Workload {
  /** As kubectl takes it: `statefulset/loki`. */
  readonly name: string;
  readonly namespace: string;
}

/** The fault that a workload has another number of pods than it was given. */
export function scaled(
  { name, namespace }: Workload,
  replicas: number,
  told: Pick<Fault, "what" | "fires" | "minutes">,
): Fault {
  let before = "";
  const scale = (count: string) => kubectl("scale", name, "-n", namespace, `--replicas=${count}`);
  return {
    ...told,
    begin: async () => {
      before = await kubectl("get", name, "-n", namespace, "-o", "jsonpath={.spec.replicas}");
      await scale(String(replicas));
    },
    mend: async () => {
      if (before === "") return;
      await scale(before);
      await kubectl("rollout", "status", name, "-n", namespace, "--timeout=180s");
    },
  };
}

/** Lets a CronJob rest, or go on. */
export const suspend = ({ name, namespace }: Workload, suspended: boolean) =>
  kubectl("patch", name, "-n", namespace, "--type=merge", "-p", JSON.stringify({ spec: { suspend: suspended } }));
