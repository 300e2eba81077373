/** What CI has no time for at every change: `npm run test:long` and `npm run test:faults` make it. */
import { test } from "node:test";

/** Whether there is time for what takes long. */
export const long = process.argv.includes("--long");

/** A test that only a long run makes; another one says that it is left out. */
export function longTest(name: string, check: () => Promise<void>): void {
  void (long ? test : test.skip)(name, check);
}
