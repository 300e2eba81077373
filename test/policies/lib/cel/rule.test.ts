import { z } from "zod";
import { celRule } from "../../../../policies/lib/cel/rule.ts";
import { Objects, objectsOfManifest } from "../../../../policies/lib/object.ts";
import { checkOf } from "../../cel.ts";
import { deployment, pod } from "../../workloads.ts";

const cel = jest.fn(({ problem }: { readonly problem: string }) => ({ checks: [checkOf({ problem })] }));
const rule = celRule({
  name: "pack-disallow-all",
  severity: "low",
  level: "advisory",
  title: "t.",
  why: "w.",
  fix: "f.",
  parameters: z.strictObject({ problem: z.string() }),
  cel,
});
const [wrong, odd] = [{ problem: "is wrong" }, { problem: "is odd" }];

test("the form is made once for the same parameters, and anew for others", () => {
  const first = rule.cel?.(wrong);
  expect(rule.cel?.(wrong)).toBe(first);
  expect(first?.checks).toEqual([checkOf({ problem: "is wrong" })]);
  expect(rule.cel?.(odd).checks).toEqual([checkOf({ problem: "is odd" })]);
  expect(cel).toHaveBeenCalledTimes(2);
});

test("an object is judged by itself", () => {
  expect(rule.sees).toBe("object");
});

test.each([
  ["a workload", deployment(pod()), ["is wrong"]],
  ["another object", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }, []],
])("%s is asked what the form says", (_, manifest, problems) => {
  const objects = objectsOfManifest(manifest);
  const found = objects.flatMap((object) => [
    ...rule.check(object, { parameters: wrong, objects: new Objects(objects) }),
  ]);
  expect(found.map((one) => "problem" in one && one.problem)).toEqual(problems);
});
