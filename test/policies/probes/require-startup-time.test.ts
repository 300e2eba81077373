import { parsePolicyConfig } from "../../../policies/lib/config.ts";
import { requireStartupTime } from "../../../policies/probes/require-startup-time.ts";
import { ask, at, saidOfContainer } from "./cases.ts";

const said = (change: object, parameters = {}) =>
  saidOfContainer(
    requireStartupTime,
    change,
    {},
    parsePolicyConfig({ rules: { [requireStartupTime.name]: { parameters } } }, [requireStartupTime], "config"),
  );
const hasty = ask("/livez", { periodSeconds: 3 });

test("accepts the baseline, no probes at all, and time by a delay or a startup probe", () => {
  const slow = ask("/", { periodSeconds: 1, failureThreshold: 60 });
  for (const change of [
    {},
    { livenessProbe: undefined },
    { livenessProbe: { ...hasty, initialDelaySeconds: 1 } },
    { livenessProbe: hasty, startupProbe: slow },
    { startupProbe: ask("/", { periodSeconds: 1, failureThreshold: 10 }) },
    { livenessProbe: ask("/livez", { initialDelaySeconds: 600 }) },
  ]) {
    expect(said(change)).toEqual([]);
  }
});

test.each([
  [
    { livenessProbe: hasty },
    `container "app" is restarted 9 s after its start unless it answers by then. Add a startupProbe beside ${at}.livenessProbe.`,
  ],
  [
    { startupProbe: ask("/", { periodSeconds: 1 }) },
    `container "app" is restarted 3 s after its start unless it answers by then. Raise failureThreshold in ${at}.startupProbe.`,
  ],
  [
    { livenessProbe: ask("/livez", { initialDelaySeconds: 601 }) },
    `container "app" is not watched in its first 601 s. Replace ${at}.livenessProbe.initialDelaySeconds by a startupProbe, which ends once the container answers.`,
  ],
])("advises against %j", (change, message) => {
  expect(said(change)).toEqual([`Deployment shop/web: ${message}`]);
});

test("both bounds can be set, in whole seconds", () => {
  expect(said({ livenessProbe: hasty }, { least: 9 })).toEqual([]);
  expect(said({ livenessProbe: undefined }, { least: 31 })).toEqual([]);
  expect(said({ livenessProbe: ask("/", { initialDelaySeconds: 60 }) }, { longestDelay: 59 })).toHaveLength(1);
  expect(() => said({}, { least: 0.5 })).toThrow(/rules\.probes-require-startup-time\.parameters\.least/);
  expect(() => said({}, { least: 0 })).toThrow("must be a second or more");
});
