import { disallowHastyExec } from "../../../policies/probes/disallow-hasty-exec.ts";
import { at, saidOfContainer } from "./cases.ts";

const said = (change: object) => saidOfContainer(disallowHastyExec, change);
const exec = { command: ["/bin/ready"] };

test("accepts the baseline, and a program with time", () => {
  expect(said({})).toEqual([]);
  expect(said({ livenessProbe: { exec, timeoutSeconds: 2 } })).toEqual([]);
});

test.each(["readiness", "liveness", "startup"])("advises against a program with a second in a %s probe", (name) => {
  for (const probe of [{ exec }, { exec, timeoutSeconds: 1 }, { exec, timeoutSeconds: 0 }]) {
    expect(said({ [`${name}Probe`]: probe })).toEqual([
      `Deployment shop/web: container "app" has a ${name} probe that starts a program and gives it a second. Set ${at}.${name}Probe.timeoutSeconds to several seconds.`,
    ]);
  }
});
