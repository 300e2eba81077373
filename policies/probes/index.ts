/** The pack's rules. */
import type { Pack } from "../lib/pack.ts";
import { disallowHastyExec } from "./disallow-hasty-exec.ts";
import { disallowIdenticalLiveness } from "./disallow-identical-liveness.ts";
import { requireGrace } from "./require-grace.ts";
import { requireNamedPorts } from "./require-named-ports.ts";
import { requireReadinessBehindServices } from "./require-readiness-behind-services.ts";
import { requireReadiness } from "./require-readiness.ts";
import { requireStartupTime } from "./require-startup-time.ts";
import { requireTimeoutsWithinPeriod } from "./require-timeouts-within-period.ts";

export const probes: Pack = {
  name: "probes",
  description: "Whether what runs says that it works, and has time to start and to end",
  rules: [
    disallowHastyExec,
    disallowIdenticalLiveness,
    requireGrace,
    requireNamedPorts,
    requireReadiness,
    requireReadinessBehindServices,
    requireStartupTime,
    requireTimeoutsWithinPeriod,
  ],
};
