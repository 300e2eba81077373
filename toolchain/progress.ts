/** What is told while tools are fetched, and its plain form. */
import type { Tool } from "./catalog.ts";

/** What happens while tools are fetched. */
export type ProgressEvent =
  | { readonly type: "plan"; readonly total: number; readonly cached: number }
  | { readonly type: "start"; readonly tool: Tool; readonly how: string }
  | { readonly type: "done"; readonly tool: Tool; readonly how: string; readonly seconds: number }
  | { readonly type: "warning"; readonly message: string }
  /** Nothing more comes, whether all went well or not. */
  | { readonly type: "end" };

/** Gets told every {@link ProgressEvent}. */
export type Progress = (event: ProgressEvent) => void;

/** `31 s`, `2 m 05 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${String(whole)} s`;
  return `${String(Math.floor(whole / 60))} m ${String(whole % 60).padStart(2, "0")} s`;
}

/** After this many milliseconds a tool that is still being fetched gets a line of its own. */
const silence = 20_000;

/** One line per tool when it is there, and one before that for those which take long: for logs. */
export function plainProgress(print: (line: string) => void): Progress {
  const counter = new Counter();
  const pending = new Map<string, NodeJS.Timeout>();
  return (event) => {
    counter.count(event);
    switch (event.type) {
      case "plan":
        if (event.cached < event.total) print(planLine(event));
        break;
      case "start": {
        clearTimeout(pending.get(event.tool.name));
        const line = `${counter.blank} ${title(event.tool)}: ${event.how}`;
        pending.set(event.tool.name, setTimeout(print, silence, line).unref());
        break;
      }
      case "done":
        clearTimeout(pending.get(event.tool.name));
        print(doneLine(counter, event));
        break;
      case "warning":
        print(warningLine(event));
        break;
      case "end":
        for (const timer of pending.values()) clearTimeout(timer);
    }
  };
}

/** How many tools are there, of how many. */
export class Counter {
  done = 0;
  total = 0;

  /** Takes note of an event. */
  count(event: ProgressEvent): void {
    if (event.type === "plan") [this.done, this.total] = [event.cached, event.total];
    if (event.type === "done") this.done += 1;
  }

  /** `[ 7/24]` */
  get label(): string {
    const total = String(this.total);
    return `[${String(this.done).padStart(total.length)}/${total}]`;
  }

  /** As wide as the label. */
  get blank(): string {
    return " ".repeat(this.label.length);
  }
}

/** `kubelet v1.36.3` */
export const title = (tool: Tool): string => `${tool.name} v${tool.version}`;

/** The line at the start of a run that has something to do. */
export const planLine = ({ cached, total }: { readonly cached: number; readonly total: number }): string =>
  `${String(cached)} of ${String(total)} tools are there.`;

/** The line of a tool that has come. */
export const doneLine = (counter: Counter, { tool, how, seconds }: ProgressEvent & { readonly type: "done" }): string =>
  `${counter.label} ${title(tool)}: ${how} in ${duration(seconds)}`;

/** The line of a warning. */
export const warningLine = ({ message }: { readonly message: string }): string => `warning: ${message}`;
