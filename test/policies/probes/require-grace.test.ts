import { requireGrace } from "../../../policies/probes/require-grace.ts";
import { at, kindsOf, saidOfContainer } from "./cases.ts";

const said = (change: object, spec?: object) => saidOfContainer(requireGrace, change, spec);
const hook = (...command: string[]) => ({ lifecycle: { preStop: { exec: { command } } } });

test("accepts the baseline, hooks that end in time, and no time where nothing serves", () => {
  expect(said({})).toEqual([]);
  expect(said({}, { terminationGracePeriodSeconds: 1 })).toEqual([]);
  for (const change of [{ ports: [] }, { ports: undefined }, { ...hook("/bin/app", "stop"), ports: [] }])
    expect(said(change, { terminationGracePeriodSeconds: 0 })).toEqual([]);
  for (const change of [
    hook("sleep", "29"),
    hook("sh", "-c", "sleep 10 && nginx -s quit"),
    hook("/bin/app", "--oversleep=99"),
    hook("sleep", "0.5"),
    { lifecycle: { preStop: { sleep: { seconds: 29 } } } },
    { lifecycle: { preStop: { httpGet: { port: "http" } } } },
  ]) {
    expect(said(change)).toEqual([]);
  }
});

test("refuses no time at all", () => {
  expect(said({}, { terminationGracePeriodSeconds: 0 })).toEqual([
    'Deployment shop/web: container "app" has ports, and is killed at once when its pod is to end. Raise spec.template.spec.terminationGracePeriodSeconds, or leave it out.',
  ]);
});

test.each([
  ["30", hook("sleep", "30")],
  ["60", hook("/bin/sh", "-c", "/bin/sleep 60; kill 1")],
  ["120", hook("sleep", "2m")],
  ["3600", hook("sleep", "1h")],
])("refuses a hook that sleeps %s s of 30", (seconds, change) => {
  expect(said(change)).toEqual([
    `Deployment shop/web: container "app" sleeps ${seconds} s before it is told to end, and is killed after 30 s. Sleep less in ${at}.lifecycle.preStop.exec.command, or raise terminationGracePeriodSeconds.`,
  ]);
});

test("refuses the kubelet's own sleep as well, in every form", () => {
  const change = { lifecycle: { preStop: { sleep: { seconds: 30 } } } };
  expect(said(change)).toEqual([
    `Deployment shop/web: container "app" sleeps 30 s before it is told to end, and is killed after 30 s. Lower ${at}.lifecycle.preStop.sleep.seconds, or raise terminationGracePeriodSeconds.`,
  ]);
  expect(kindsOf(requireGrace, change)).toHaveLength(9);
});
