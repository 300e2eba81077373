/** Steps that are shown while they are done. */
import { Listr, PRESET_TIMER } from "listr2";

/** What is done, with the words for it. */
export type Step = readonly [title: string, task: () => Promise<void> | undefined];

/** Runs the steps in order and shows which one it is and how long each took. */
export async function steps(all: readonly Step[]): Promise<void> {
  const tasks = all.map(([title, task]) => ({ title, task: () => task() }));
  await new Listr(tasks, {
    fallbackRenderer: "simple",
    rendererOptions: { timer: PRESET_TIMER },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  }).run();
}

/** How long a step took. */
export interface Took {
  readonly title: string;
  readonly seconds: number;
}

/** The same steps, which write down how long each took. */
export function timed(all: readonly Step[], into: Took[]): Step[] {
  return all.map(([title, task]): Step => [
    title,
    async () => {
      const start = performance.now();
      await task();
      into.push({ title, seconds: (performance.now() - start) / 1000 });
    },
  ]);
}
