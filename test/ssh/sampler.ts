/** What any user of a machine can see of its processes while something goes on, gathered to be searched for secrets. */
import { readFileSync, readdirSync } from "node:fs";

/** A running collection. */
export interface Sampler {
  /** Ends it, and gives every command line and environment that was seen. */
  readonly end: () => string[];
}

/** Reads the command line and the environment of every process of the lab, fifty times a second. */
export function sampleProcesses(): Sampler {
  const seen = new Set<string>();
  const timer = setInterval(() => {
    for (const pid of readdirSync("/proc")) {
      if (!/^\d+$/.test(pid)) continue;
      for (const file of ["cmdline", "environ"]) {
        try {
          seen.add(readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " "));
        } catch {
          // it has ended since
        }
      }
    }
  }, 20);
  return {
    end: () => {
      clearInterval(timer);
      return [...seen];
    },
  };
}
