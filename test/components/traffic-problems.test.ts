import fc from "fast-check";
import type { MeshService } from "../../components/mesh-service.ts";
import { trafficProblems, type TrafficSurroundings } from "../../components/traffic-problems.ts";
import { trafficSchema } from "../../components/traffic-schema.ts";

// What a file can show of the backend, which only the gateway calls, lies in test/config/invalid.

const labels = (version: string) => ({ "app.kubernetes.io/name": "catalog", version });
const catalog: MeshService = {
  namespace: "bookstore",
  name: "catalog",
  port: 80,
  versions: { v1: labels("v1"), v2: labels("v2") },
  leastPods: 3,
};
const today = new Date("2026-11-15T23:59:59Z");
const around: TrafficSurroundings = { services: [catalog], mesh: true, today };
const ref = "bookstore/catalog";

const problems = (wanted: object, surroundings: Partial<TrafficSurroundings> = {}) =>
  trafficProblems(trafficSchema.parse({ [ref]: wanted }), { ...around, ...surroundings }).map(([path, problem]) => {
    expect(path.slice(0, 2)).toEqual(["traffic", ref]);
    return [path.slice(2).join("."), problem];
  });

const me = { headers: { "x-test": { exact: "me" } } };
const fault = { abort: 503, percent: 50, expires: "2026-11-30" };
const route = (more: object) => ({ routes: [{ name: "test", match: me, ...more }] });

test("nothing is wrong with what goes together", () => {
  const wanted = {
    deadline: "3s",
    retries: { attempts: 2, perTryTimeout: "1s", on: ["5xx", 429] },
    weights: { v1: 100, v2: 0 },
    mirror: { version: "v2", percent: 10 },
    routes: [
      { name: "broken", match: me, fault },
      { name: "new", match: { path: { prefix: "/v2" } }, weights: { v2: 100 }, timeout: "3s" },
    ],
    outliers: {},
    retryBudget: { percent: 20 },
    rateLimit: { requestsPerSecond: 10 },
  };
  expect(problems(wanted)).toEqual([]);
});

test.each<[what: string, wanted: object, path: string, problem: string]>([
  [
    "a version that the Service has not",
    { weights: { v1: 50, v3: 50 } },
    "weights.v3",
    "bookstore/catalog has no version v3, so no pod would answer: its versions are v1, v2",
  ],
  [
    "a version that every object has",
    { weights: { constructor: 100 } },
    "weights.constructor",
    "bookstore/catalog has no version constructor, so no pod would answer: its versions are v1, v2",
  ],
  [
    "a version that the Service has not, by a route",
    route({ weights: { v3: 100 } }),
    "routes.0.weights.v3",
    "bookstore/catalog has no version v3, so no pod would answer: its versions are v1, v2",
  ],
  [
    "a mirror that is not there",
    { weights: { v1: 100 }, mirror: { version: "v3" } },
    "mirror.version",
    "bookstore/catalog has no version v3, so no pod would answer: its versions are v1, v2",
  ],
  [
    "a mirror that gets the requests themselves",
    { weights: { v1: 90, v2: 10 }, mirror: { version: "v2" } },
    "mirror.version",
    "v2 gets the requests themselves, and would do everything twice: name a version that gets none",
  ],
  [
    "a mirror where every version gets requests",
    { mirror: { version: "v2" } },
    "mirror.version",
    "v2 gets the requests themselves, and would do everything twice: name a version that gets none",
  ],
  [
    "a mirror of a route with the Service's weights",
    { weights: { v1: 100 }, ...route({ mirror: { version: "v1" } }) },
    "routes.0.mirror.version",
    "v1 gets the requests themselves, and would do everything twice: name a version that gets none",
  ],
  [
    "retries beyond the deadline",
    { deadline: "2s", retries: { attempts: 2, perTryTimeout: "750ms" } },
    "retries",
    "3 tries of 750ms take 2.25s, and callers wait 2s: allow fewer or shorter tries, or more time",
  ],
  [
    "retries of a route beyond the Service's deadline",
    { deadline: "2s", ...route({ retries: { attempts: 1, perTryTimeout: "1.5s" } }) },
    "routes.0.retries",
    "2 tries of 1.5s take 3s, and callers wait 2s: allow fewer or shorter tries, or more time",
  ],
  [
    "the Service's retries beyond a route's timeout",
    { deadline: "2s", retries: { attempts: 1, perTryTimeout: "1s" }, ...route({ timeout: "1s" }) },
    "routes.0.timeout",
    "2 tries of 1s take 2s, and callers wait 1s: allow fewer or shorter tries, or more time",
  ],
  [
    "a timeout beyond the deadline",
    { deadline: "2s", ...route({ timeout: "3s" }) },
    "routes.0.timeout",
    "3s is beyond the deadline of the Service, 2s",
  ],
  [
    "a connection that takes longer than the deadline",
    { deadline: "2s", connections: { connectTimeout: "3s" } },
    "connections.connectTimeout",
    "3s is beyond the deadline of the Service, 2s",
  ],
  [
    "a fault for a path",
    { routes: [{ name: "test", match: { path: { prefix: "/" } }, fault }] },
    "routes.0.fault",
    "would hit whoever comes along: match a header with an exact value, which only a test sends",
  ],
  [
    "a fault for every value of a header",
    { routes: [{ name: "test", match: { headers: { "user-agent": { regex: ".*" } } }, fault }] },
    "routes.0.fault",
    "would hit whoever comes along: match a header with an exact value, which only a test sends",
  ],
  [
    "a fault whose last day is over",
    route({ fault: { ...fault, expires: "2026-11-14" } }),
    "routes.0.fault.expires",
    "2026-11-14 is over: take the fault out, or say a later day",
  ],
  [
    "a fault that stays too long",
    route({ fault: { ...fault, expires: "2026-12-16" } }),
    "routes.0.fault.expires",
    "is 31 days ahead, and a fault may stay 30: say an earlier day",
  ],
  [
    "two routes of one name",
    { routes: ["/a", "/b"].map((prefix) => ({ name: "test", match: { path: { prefix } } })) },
    "routes.1.name",
    "there is a route test already",
  ],
  [
    "a route behind its twin",
    {
      routes: [
        { name: "one", match: { headers: { a: { exact: "1" }, b: { exact: "2" } } } },
        { name: "two", match: { headers: { b: { exact: "2" }, a: { exact: "1" } } } },
      ],
    },
    "routes.1.match",
    "is never reached: one matches the same requests",
  ],
  [
    "a budget without retries",
    { retries: { attempts: 0 }, retryBudget: { percent: 20 }, ...route({}) },
    "retryBudget",
    "has no effect, since nothing is tried again: leave it out",
  ],
])("%s", (_what, wanted, path, problem) => {
  expect(problems(wanted)).toEqual([[path, problem]]);
});

test("a fault stays to the end of its last day", () => {
  expect(problems(route({ fault: { ...fault, expires: "2026-11-15" } }))).toEqual([]);
  expect(problems(route({ fault: { ...fault, expires: "2026-11-15T00:00:00Z" } }))).toEqual([]);
  const next = new Date("2026-11-16T00:00:00Z");
  expect(problems(route({ fault: { ...fault, expires: "2026-11-15" } }), { today: next })).toHaveLength(1);
});

test("a budget has an effect on the retries of one route, and on Istio's own", () => {
  const retryBudget = { percent: 20 };
  expect(problems({ retries: { attempts: 0 }, retryBudget, ...route({ retries: { attempts: 1 } }) })).toEqual([]);
  expect(problems({ retryBudget })).toEqual([]);
});

test("nothing is held against a number of pods that is not known", () => {
  const { namespace, name, port, versions } = catalog;
  const unknown = { namespace, name, port, versions };
  expect(problems({ outliers: { maxEjectionPercent: 1 } }, { services: [unknown] })).toEqual([]);
});

test("an ejection that is accepted takes one pod, and never the only one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 100 }), (leastPods, percent) => {
      const wanted = { outliers: { maxEjectionPercent: percent } };
      const accepted = problems(wanted, { services: [{ ...catalog, leastPods }] }).length === 0;
      // Envoy's own rule: a pod goes when the ejected with it are at most the percentage.
      expect(accepted).toBe(leastPods > 1 && 100 / leastPods <= percent);
    }),
  );
});

test("a limit whose pods no label tells from others", () => {
  const strangers = { ...catalog, versions: { v1: { version: "v1" }, v2: { version: "v2" } } };
  expect(problems({ rateLimit: { requestsPerSecond: 1 } }, { services: [strangers] })).toEqual([
    ["rateLimit", "cannot be had: no label tells the pods of bookstore/catalog from others"],
  ]);
});
