import { requireLimitRangeFit } from "../../../policies/qos/require-limit-range-fit.ts";
import { amounts, app, deployment, metadata, pod, saidOf } from "../workloads.ts";

const said = (item: object, spec: object = pod()) => {
  const limitRange = { apiVersion: "v1", kind: "LimitRange", metadata, spec: { limits: [item] } };
  return saidOf([requireLimitRangeFit], [limitRange, deployment(spec)]);
};
const container = (bounds: object) => ({ type: "Container", ...bounds });

test("accepts what is just allowed, and what is for others", () => {
  expect(said(container({ min: amounts, max: amounts, maxLimitRequestRatio: { cpu: "1" } }))).toEqual([]);
  expect(said({ type: "PersistentVolumeClaim", max: { storage: "1Gi" } })).toEqual([]);
  expect(said(container({ max: { cpu: "50m" } }), app({}))).toEqual([]); // which becomes the default
});

test.each([
  [container({ min: { cpu: "101m" } }), 'container "app" requests 100m of cpu, below the least, 101m'],
  [container({ max: { memory: "32Mi" } }), 'container "app" is limited to 64Mi of memory, above the most, 32Mi'],
  [{ type: "Pod", max: { cpu: "50m" } }, "the pod is limited to 100m of cpu, above the most, 50m"],
])("refuses what is not: %j", (item, message) => {
  expect(said(item)).toEqual([expect.stringContaining(message)]);
});

test("refuses a ratio, and what has none", () => {
  const wide = app({ resources: { requests: amounts, limits: { ...amounts, cpu: "1" } } });
  expect(said(container({ maxLimitRequestRatio: { cpu: "4" } }), wide)).toEqual([
    expect.stringContaining('container "app" is limited to more than 4 times the cpu it requests'),
  ]);
  expect(said({ type: "Pod", maxLimitRequestRatio: { cpu: "4" } }, app({}))).toEqual([
    expect.stringContaining("lacks a request"),
  ]);
});
