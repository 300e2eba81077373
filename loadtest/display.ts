/** Shows on standard error how a load test is going. */
import ora from "ora";
import { type Display, plainDisplay, progressLine } from "./progress.ts";

/** A line that is drawn anew every second on a terminal, and plain lines elsewhere. */
export function showLoad(): Display {
  if (!process.stderr.isTTY || process.env["CI"] !== undefined) return plainDisplay(console.error);
  const spinner = ora({ stream: process.stderr, discardStdin: false });
  return {
    watch: (progress) => {
      spinner.text = progressLine(progress);
      spinner.start();
    },
    end: () => {
      spinner.stop();
    },
  };
}
