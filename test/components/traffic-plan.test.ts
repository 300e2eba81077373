import fc from "fast-check";
import { withRollout } from "../../components/rollout-plan.ts";
import { rolloutsSchema, type Rollout, stepsOf } from "../../components/rollout-schema.ts";
import type { MeshService } from "../../components/mesh-service.ts";
import { planTraffic } from "../../components/traffic-plan.ts";
import { trafficProblems } from "../../components/traffic-problems.ts";
import { serviceTraffic, type ServiceTraffic } from "../../components/traffic-schema.ts";

const labels = (version: string) => ({ "app.kubernetes.io/name": "catalog", version });
const service: MeshService = {
  namespace: "bookstore",
  name: "catalog",
  port: 8080,
  versions: { v1: labels("v1"), v2: labels("v2"), v3: labels("v3") },
};
const host = "catalog.bookstore.svc.cluster.local";
const plan = (wanted: object, of: MeshService = service) =>
  planTraffic({ service: of, traffic: serviceTraffic.parse(wanted), clusterDomain: "cluster.local" });
/** Without what is undefined, as Kubernetes gets it. */
const sent = (manifest: unknown): unknown =>
  manifest === undefined ? undefined : JSON.parse(JSON.stringify(manifest));
const to = (subset: string, weight?: number) => ({
  destination: { host, subset, port: { number: 8080 } },
  ...(weight === undefined ? {} : { weight }),
});

test("a Service of which nothing is said: its versions, least requests, and every request to every pod", () => {
  const { destinationRule, virtualService, rateLimit } = plan({});
  const metadata = { name: "catalog", namespace: "bookstore" };
  expect(sent(destinationRule)).toEqual({
    metadata,
    spec: {
      host,
      trafficPolicy: { loadBalancer: { simple: "LEAST_REQUEST" } },
      subsets: ["v1", "v2", "v3"].map((name) => ({ name, labels: labels(name) })),
    },
  });
  expect(sent(virtualService)).toEqual({
    metadata,
    spec: { hosts: [host], http: [{ name: "rest", route: [{ destination: { host, port: { number: 8080 } } }] }] },
  });
  expect(rateLimit).toBeUndefined();
});

test("a Service of which everything is said", () => {
  const { destinationRule, virtualService, rateLimit } = plan({
    deadline: "3s",
    retries: { attempts: 2, perTryTimeout: "750ms", on: ["connect-failure", 503] },
    weights: { v1: 100, v2: 0 },
    mirror: { version: "v3", percent: 5 },
    routes: [
      {
        name: "broken",
        match: { headers: { "x-test": { exact: "me" } } },
        fault: { delay: "2s", abort: 503, percent: 50, expires: "2026-11-30" },
      },
      {
        name: "new",
        match: { headers: { "user-agent": { regex: "(?i)curl.*" } }, path: { prefix: "/v2" } },
        weights: { v2: 90, v3: 10 },
        timeout: "1m",
        retries: { attempts: 0 },
      },
      {
        name: "abort",
        match: { headers: { a: { exact: "b" } } },
        fault: { abort: 500, percent: 1, expires: "2026-11-30" },
      },
    ],
    connections: {
      max: 1,
      connectTimeout: "250ms",
      maxPendingRequests: 2,
      maxRequests: 3,
      maxRequestsPerConnection: 4,
      idleTimeout: "5m",
    },
    outliers: { consecutive5xx: 3, interval: "5s", baseEjectionTime: "1m", maxEjectionPercent: 34 },
    loadBalancing: { kind: "round-robin", warmup: { duration: "30s", minimumPercent: 5, aggression: 2 } },
    retryBudget: { percent: 25 },
    rateLimit: { requestsPerSecond: 10 },
  });
  expect(sent(destinationRule.spec.trafficPolicy)).toEqual({
    loadBalancer: { simple: "ROUND_ROBIN", warmup: { duration: "30s", minimumPercent: 5, aggression: 2 } },
    connectionPool: {
      tcp: { maxConnections: 1, connectTimeout: "0.25s" },
      http: { http1MaxPendingRequests: 2, http2MaxRequests: 3, maxRequestsPerConnection: 4, idleTimeout: "300s" },
    },
    outlierDetection: { consecutive5xxErrors: 3, interval: "5s", baseEjectionTime: "60s", maxEjectionPercent: 34 },
    retryBudget: { percent: 25, minRetryConcurrency: 3 },
  });
  const usual = {
    route: [to("v1", 100)],
    timeout: "3s",
    retries: { attempts: 2, perTryTimeout: "0.75s", retryOn: "connect-failure,503" },
    mirrors: [{ ...to("v3"), percentage: { value: 5 } }],
  };
  expect(sent(virtualService?.spec.http)).toEqual([
    {
      name: "broken",
      match: [{ headers: { "x-test": { exact: "me" } } }],
      fault: {
        delay: { fixedDelay: "2s", percentage: { value: 50 } },
        abort: { httpStatus: 503, percentage: { value: 50 } },
      },
      ...usual,
    },
    {
      name: "new",
      match: [{ headers: { "user-agent": { regex: "(?i)curl.*" } }, uri: { prefix: "/v2" } }],
      route: [to("v2", 90), to("v3", 10)],
      timeout: "60s",
      retries: { attempts: 0 },
    },
    {
      name: "abort",
      match: [{ headers: { a: { exact: "b" } } }],
      fault: { abort: { httpStatus: 500, percentage: { value: 1 } } },
      ...usual,
    },
    { name: "rest", ...usual },
  ]);
  expect(rateLimit).toMatchObject({
    metadata: { name: "catalog-rate-limit", namespace: "bookstore" },
    spec: {
      workloadSelector: { labels: { "app.kubernetes.io/name": "catalog" } },
      configPatches: [
        {
          applyTo: "HTTP_FILTER",
          match: { context: "SIDECAR_INBOUND" },
          patch: {
            operation: "INSERT_BEFORE",
            value: { typed_config: { token_bucket: { max_tokens: 10, tokens_per_fill: 10, fill_interval: "1s" } } },
          },
        },
      ],
    },
  });
});

test.each([
  [{ kind: "random" }, { simple: "RANDOM" }],
  [
    { kind: "least-request", warmup: { duration: "1s" } },
    { simple: "LEAST_REQUEST", warmup: { duration: "1s" } },
  ],
  [{ kind: "hash", header: "x-user" }, { consistentHash: { httpHeaderName: "x-user" } }],
])("load balancing %j", (loadBalancing, expected) => {
  expect(sent(plan({ loadBalancing }).destinationRule.spec.trafficPolicy.loadBalancer)).toEqual(expected);
});

test("no route for a Service that the gateway alone calls", () => {
  const { destinationRule, virtualService } = plan({}, { ...service, gatewayOnly: true });
  expect(destinationRule.spec.subsets).toHaveLength(3);
  expect(virtualService).toBeUndefined();
});

const versions = ["v1", "v2", "v3"];
const weights = fc
  .tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
  .map(([low, high]) => ({ v1: low, v2: high - low, v3: 100 - high }));
const mirror = fc.record({ version: fc.constantFrom(...versions), percent: fc.integer({ min: 1, max: 100 }) });
const route = fc.record(
  {
    match: fc.constantFrom(
      { path: { prefix: "/a" } },
      { headers: { "x-a": { exact: "b" } } },
      { headers: { "x-a": { prefix: "c" } }, path: { regex: "/.*" } },
    ),
    weights,
    mirror,
  },
  { requiredKeys: ["match"] },
);
const traffic = fc
  .record({ weights, mirror, routes: fc.array(route, { maxLength: 3 }) }, { requiredKeys: [] })
  .map((wanted) =>
    serviceTraffic.parse({
      ...wanted,
      routes: (wanted.routes ?? []).map((one, index) => ({ name: `r${String(index)}`, ...one })),
    }),
  );
const rollout: fc.Arbitrary<Rollout> = fc
  .record(
    {
      strategy: fc.oneof(
        fc.constant({ kind: "blue-green" }),
        fc
          .uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 5 })
          .map((steps) => ({ kind: "canary", steps: [...steps.sort((a, b) => a - b), 100] })),
      ),
      header: fc.constant({ name: "x-version", value: "new" }),
    },
    { requiredKeys: ["strategy"] },
  )
  .chain((shape) => {
    const parse = (step: number) => rolloutsSchema.parse({ "a/b": { from: "v1", to: "v2", ...shape, step } })["a/b"];
    const last = stepsOf(parse(0)?.strategy ?? { kind: "blue-green" }).length;
    return fc.integer({ min: 0, max: last }).map((step) => parse(step));
  })
  .filter((one) => one !== undefined);

const planned = (wanted: ServiceTraffic) => {
  const { destinationRule, virtualService } = planTraffic({ service, traffic: wanted, clusterDomain: "cluster.local" });
  return { http: virtualService?.spec.http ?? [], subsets: destinationRule.spec.subsets.map(({ name }) => name) };
};

test("whatever is wanted: weights sum to 100, every subset is there, and the last route takes every request", () => {
  fc.assert(
    fc.property(traffic, fc.option(rollout, { nil: undefined }), (wanted, rolled) => {
      const { http, subsets } = planned(withRollout(wanted, rolled));
      expect(http.map(({ match }) => match === undefined)).toEqual([...http.slice(1).map(() => false), true]);
      for (const { route, mirrors = [] } of http) {
        const parts = route.map(({ weight }) => weight ?? 100);
        expect(parts.reduce((all, part) => all + part, 0)).toBe(100);
        expect(Math.min(...parts)).toBeGreaterThan(0);
        for (const { destination } of [...route, ...mirrors]) {
          if (destination.subset !== undefined) expect(subsets).toContain(destination.subset);
        }
      }
    }),
  );
});

test("what has no problem is never sent to one version twice", () => {
  fc.assert(
    fc.property(traffic, (wanted) => {
      const around = { services: [service], mesh: true, today: new Date("2026-11-15") };
      fc.pre(trafficProblems({ "bookstore/catalog": wanted }, around).length === 0);
      for (const { route, mirrors = [] } of planned(wanted).http) {
        const reached = route.map(({ destination }) => destination.subset);
        for (const { destination } of mirrors) {
          expect(reached).not.toContain(undefined);
          expect(reached).not.toContain(destination.subset);
        }
      }
    }),
  );
});
