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

const limited = (requests: object, limits: object) => app({ resources: { requests, limits } });

test.each<[object, object, string]>([
  [{ min: { cpu: "50m" } }, app({}), "the pod requests no cpu, where the least is 50m"],
  [{ max: { cpu: "1" } }, app({}), "the pod has no limit for cpu, where the most is 1"],
  [
    { min: { cpu: "100m" } },
    limited({ cpu: "100m" }, { cpu: "50m" }),
    "the pod is limited to 50m of cpu, below the least, 100m",
  ],
  [{ max: { cpu: "1" } }, limited({ cpu: "1500m" }, { cpu: "1" }), "the pod requests 1500m of cpu, above the most, 1"],
  [
    { max: { memory: "1Gi" } },
    limited({ memory: "1Ki" }, { memory: "1025Mi" }),
    "the pod is limited to 1025Mi of memory, above the most, 1Gi",
  ],
  [
    { min: { memory: "1Ti" } },
    limited({ memory: "1Ki" }, { memory: "2Ti" }),
    "the pod requests 1Ki of memory, below the least, 1Ti",
  ],
  [
    { min: { memory: "64Mi" } },
    limited({ memory: 1000 }, { memory: "2Ti" }),
    "requests 1000 of memory, below the least",
  ],
  [
    { maxLimitRequestRatio: { cpu: "4" } },
    limited({ cpu: "100m" }, { cpu: "401m" }),
    "the pod is limited to more than 4 times the cpu it requests",
  ],
  [
    { maxLimitRequestRatio: { cpu: "4" } },
    limited({ cpu: "1" }, {}),
    "lacks a request or a limit for cpu, whose ratio is bounded",
  ],
  [
    { maxLimitRequestRatio: { cpu: "4" } },
    limited({}, { cpu: "0" }),
    "lacks a request or a limit for cpu, whose ratio is bounded",
  ],
])("refuses by %j what the pod comes to", (item, spec, message) => {
  expect(said({ type: "Pod", ...item }, spec)).toEqual([expect.stringContaining(message)]);
  expect(said({ type: "Pod", ...item }, spec)[0]).toMatch(/Correct spec\.template\.spec, or the LimitRange\.$/);
  expect(said({ type: "Volume", ...item }, spec)).toEqual([]);
});

test.each<[object, object]>([
  [{ min: { cpu: "100m" } }, limited({ cpu: "100m" }, {})],
  [{ max: { cpu: "1" } }, limited({}, { cpu: "1" })],
  [{ maxLimitRequestRatio: { cpu: "4" } }, limited({ cpu: "100m" }, { cpu: "400m" })],
  [{ min: { cpu: "lots" }, max: { cpu: "lots" }, maxLimitRequestRatio: { cpu: "lots" } }, app({})],
])("accepts by %j what is just enough, and what no quantity bounds", (item, spec) => {
  expect(said({ type: "Pod", ...item }, spec)).toEqual([]);
});

test("names the container and where it is written, and of the sidecar the pod", () => {
  expect(said(container({ min: { cpu: "101m" } }))).toEqual([
    'Deployment shop/web: container "app" requests 100m of cpu, below the least, 101m. Correct spec.template.spec.containers[0].resources, or the LimitRange.',
  ]);
  const meshed = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "shop", labels: { "istio.io/rev": "default" } },
  };
  const limitRange = {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata,
    spec: { limits: [container({ min: { cpu: "100m" } })] },
  };
  const lean = app({ resources: { requests: amounts, limits: { ...amounts, cpu: "1" } } });
  expect(saidOf([requireLimitRangeFit], [meshed, limitRange, deployment(lean)])).toEqual([
    expect.stringMatching(/: the mesh's istio-validation requests 50m of cpu, .* Correct spec\.template\.spec, or/),
    expect.stringMatching(/: the mesh's istio-proxy requests 50m of cpu, .* Correct spec\.template\.spec, or/),
  ]);
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
