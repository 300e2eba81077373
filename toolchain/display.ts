/** Shows on standard error how tools are coming along. */
import ora from "ora";
import { Counter, type Progress, doneLine, duration, plainProgress, planLine, title, warningLine } from "./progress.ts";

/** A display for one run of `ensureTools`: a live line on a terminal, a plain line per tool elsewhere. */
export const showProgress = (): Progress =>
  process.stderr.isTTY && process.env["CI"] === undefined ? liveProgress() : plainProgress(console.error);

/** What is being done and for how long, in one line that is drawn anew every second; what is done stays above it. */
function liveProgress(): Progress {
  const spinner = ora({ stream: process.stderr });
  const counter = new Counter();
  const running = new Map<string, { readonly what: string; readonly since: number }>();
  const redraw = () => {
    const parts = [...running.values()].map(
      ({ what, since }) => `${what}, ${duration((performance.now() - since) / 1000)}`,
    );
    spinner.text = `${counter.label} ${parts.join(" · ")}`;
  };
  const keep = (symbol: string, line: string) => {
    spinner.stopAndPersist({ symbol, text: line });
  };
  let timer: NodeJS.Timeout | undefined;
  return (event) => {
    counter.count(event);
    switch (event.type) {
      case "plan":
        if (counter.done === counter.total) return;
        keep(" ", planLine(event));
        timer = setInterval(redraw, 1000).unref();
        break;
      case "start":
        running.set(event.tool.name, { what: `${title(event.tool)}: ${event.how}`, since: performance.now() });
        break;
      case "done":
        running.delete(event.tool.name);
        keep("✔", doneLine(counter, event));
        break;
      case "warning":
        keep("!", warningLine(event));
        break;
      case "end":
        clearInterval(timer);
        spinner.stop();
        return;
    }
    redraw();
    spinner.start();
  };
}
