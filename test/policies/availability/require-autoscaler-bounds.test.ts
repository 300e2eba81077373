import { requireAutoscalerBounds } from "../../../policies/availability/require-autoscaler-bounds.ts";
import { unknown } from "../../lib/unknown.ts";
import { autoscaler, listOf } from "../manifests.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireAutoscalerBounds], objects);

test.each([{}, { minReplicas: 1, maxReplicas: 1 }, { minReplicas: 5 }, { minReplicas: undefined }])(
  "accepts %j",
  (change) => {
    expect(said(autoscaler(change))).toEqual([]);
    expect(said({ ...autoscaler(change), apiVersion: "autoscaling/v1" })).toEqual([]);
  },
);

test("leaves the kind of another API group alone", () => {
  expect(said({ ...autoscaler({ maxReplicas: 0 }), apiVersion: "example.com/v1" })).toEqual([]);
});

test.each<[object, string]>([
  [{ minReplicas: 6 }, "minReplicas 6 is above maxReplicas 5. Raise spec.maxReplicas"],
  [{ maxReplicas: undefined }, "it does not say how many pods there may be at most"],
  [{ maxReplicas: 0 }, "it does not say how many pods there may be at most"],
])("refuses %j", (change, message) => {
  expect(said(autoscaler(change))).toEqual([expect.stringContaining(message)]);
  expect(said(listOf(autoscaler(change)))).toEqual([expect.stringContaining("items[0].spec.maxReplicas")]);
});

test("is undecided while a bound is not known", () => {
  expect(said(autoscaler({ minReplicas: unknown }))).toEqual([
    expect.stringContaining("spec.minReplicas is not known"),
  ]);
});
