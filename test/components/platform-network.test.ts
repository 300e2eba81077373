import { networkProblems } from "../../components/platform-network.ts";
import { facts } from "../lib/stacks.ts";

test("default deny is refused where nothing enforces it, but for a cluster without real pods", () => {
  const problems = (defaultDeny: boolean, more: object = {}) =>
    networkProblems({
      network: { defaultDeny },
      certificates: { issuer: { kind: "existing", name: "quintet" } },
      ingress: { kind: "none" },
      backup: { kind: "none" },
      facts: { ...facts, enforcesNetworkPolicy: false, ...more },
    }).map(([path]) => path);
  expect(problems(true)).toEqual([["network", "defaultDeny"]]);
  expect(problems(false)).toEqual([]);
  expect(problems(true, { mode: "simulated" })).toEqual([]);
  expect(problems(true, { enforcesNetworkPolicy: true })).toEqual([]);
});
