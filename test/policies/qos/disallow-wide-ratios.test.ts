import { parsePolicyConfig } from "../../../policies/lib/config.ts";
import { disallowWideRatios } from "../../../policies/qos/disallow-wide-ratios.ts";
import { app, deployment, pod, saidOf } from "../workloads.ts";

const spec = (cpu: string, memory: string) =>
  app({ resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu, memory } } });
const said = (own: object, parameters = {}) => {
  const config = { rules: { "qos-disallow-wide-ratios": { parameters } } };
  return saidOf([disallowWideRatios], [deployment(own)], parsePolicyConfig(config, [disallowWideRatios], "config"));
};

test("accepts the baseline, what is just allowed, and what has no ratio", () => {
  const alone = (side: string, cpu: string) => app({ resources: { [side]: { cpu } } });
  for (const own of [pod(), spec("500m", "256Mi"), app({}), alone("limits", "51"), alone("requests", "10m")]) {
    expect(said(own)).toEqual([]);
  }
});

test("refuses cpu and memory beyond it", () => {
  expect(said(spec("501m", "256Mi"))).toEqual([
    expect.stringContaining('container "app" may take 50.1 times the cpu that it requests, above the 50 times'),
  ]);
  expect(said(spec("500m", "257Mi"))).toEqual([
    expect.stringContaining("Raise spec.template.spec.containers[0].resources.requests.memory or lower"),
  ]);
});

test.each([
  ["1T", "1000000000000000"],
  ["1500G", "very many"],
  ["2T", "very many"],
])("%s of cpu for a thousandth is %s times as much", (cpu, times) => {
  const own = app({ resources: { requests: { cpu: "1m" }, limits: { cpu } } });
  expect(said(own)).toEqual([expect.stringContaining(`may take ${times} times the cpu`)]);
});

test("the ratios can be set, and not below one", () => {
  expect(said(spec("20m", "64Mi"), { cpu: 1.5 })).toEqual([expect.stringContaining("may take 2 times the cpu")]);
  expect(() => said(pod(), { cpu: 0.5 })).toThrow("must be 1 or more");
});
