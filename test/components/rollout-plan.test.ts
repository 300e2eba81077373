import fc from "fast-check";
import type { MeshService } from "../../components/mesh-service.ts";
import { planMeshTraffic, weightsAt, withRollout } from "../../components/rollout-plan.ts";
import { rolloutsSchema } from "../../components/rollout-schema.ts";
import { serviceTraffic } from "../../components/traffic-schema.ts";

// What becomes of its routes in the objects of Istio is a property in traffic-plan.test.ts.

const service: MeshService = {
  namespace: "bookstore",
  name: "catalog",
  port: 80,
  versions: { v1: { version: "v1" }, v2: { version: "v2" } },
};
const rolled = (more: object) =>
  rolloutsSchema.parse({ "bookstore/catalog": { from: "v1", to: "v2", ...more } })["bookstore/catalog"];

test("a rollout never takes from the new version what it had at an earlier step, and ends with all", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 5 }), (some) => {
      const strategy = { kind: "canary" as const, steps: [...some.sort((a, b) => a - b), 100] };
      const all = [0, ...strategy.steps].map((_, step) => weightsAt({ from: "v1", to: "v2", strategy }, step));
      const parts = all.map(({ v2 = 0 }) => v2);
      expect(parts).toEqual([...parts].sort((a, b) => a - b));
      expect([parts[0], parts.at(-1)]).toEqual([0, 100]);
      for (const { v1 = 0, v2 = 0 } of all) expect(v1 + v2).toBe(100);
    }),
  );
});

test("its header's route goes before every other one, which keep what they say", () => {
  const own = { name: "a", match: { headers: {}, path: { prefix: "/a" } }, timeout: "1s" };
  const traffic = serviceTraffic.parse({ deadline: "1s", routes: [own] });
  expect(withRollout(traffic, rolled({ step: 1, header: { name: "x-version", value: "new" } }))).toEqual({
    ...traffic,
    weights: { v1: 90, v2: 10 },
    routes: [{ name: "rollout", match: { headers: { "x-version": { exact: "new" } } }, weights: { v2: 100 } }, own],
  });
});

test("a Service without a rollout stays as it is", () => {
  const traffic = serviceTraffic.parse({ deadline: "1s" });
  expect(withRollout(traffic, undefined)).toBe(traffic);
});

test.each([
  [{}, 0, { v1: 100, v2: 0 }],
  [{}, 2, { v1: 70, v2: 30 }],
  [{}, 4, { v1: 0, v2: 100 }],
  [{ strategy: { kind: "blue-green" } }, 0, { v1: 100, v2: 0 }],
  [{ strategy: { kind: "blue-green" } }, 1, { v1: 0, v2: 100 }],
])("%j at step %d", (more, step, weights) => {
  expect(withRollout(serviceTraffic.parse({}), rolled({ ...more, step }))).toMatchObject({ weights, routes: [] });
});

test("Services with traffic or a rollout are planned, by name, and no others", () => {
  const named = (name: string): MeshService => ({ ...service, name });
  const plans = planMeshTraffic(["d", "c", "b", "a"].map(named), {
    traffic: { "bookstore/c": serviceTraffic.parse({ deadline: "1s" }) },
    rollouts: rolloutsSchema.parse({ "bookstore/a": { from: "v1", to: "v2", step: 4 } }),
  });
  expect(plans.map(({ service: { name }, traffic: { deadline, weights } }) => [name, deadline, weights])).toEqual([
    ["a", undefined, { v1: 0, v2: 100 }],
    ["c", "1s", undefined],
  ]);
});
