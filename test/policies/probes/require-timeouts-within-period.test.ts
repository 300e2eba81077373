import { requireTimeoutsWithinPeriod } from "../../../policies/probes/require-timeouts-within-period.ts";
import { ask, at, saidOfContainer } from "./cases.ts";

const said = (change: object) => saidOfContainer(requireTimeoutsWithinPeriod, change);

test("accepts the baseline, a timeout as long as the period, and startup probes that ask often", () => {
  expect(said({})).toEqual([]);
  expect(said({ livenessProbe: ask("/", { timeoutSeconds: 10 }) })).toEqual([]);
  expect(said({ startupProbe: ask("/", { periodSeconds: 1, timeoutSeconds: 5 }) })).toEqual([]);
});

test.each(["readiness", "liveness"])("advises against a %s probe that waits longer", (name) => {
  expect(said({ [`${name}Probe`]: ask("/", { periodSeconds: 2, timeoutSeconds: 3 }) })).toEqual([
    `Deployment shop/web: container "app" has a ${name} probe that waits 3 s for an answer, and asks every 2 s. Lower ${at}.${name}Probe.timeoutSeconds, or raise ${at}.${name}Probe.periodSeconds.`,
  ]);
});
