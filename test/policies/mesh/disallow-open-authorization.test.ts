import { disallowOpenAuthorization } from "../../../policies/mesh/disallow-open-authorization.ts";
import { unknown } from "../../lib/unknown.ts";
import { manifest } from "../manifests.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowOpenAuthorization], objects);
const policy = (spec: object) => manifest("security.istio.io/v1", "AuthorizationPolicy", { spec });
const from = [{ source: { principals: ["a"] } }];

test.each<[string, object]>([
  ["allows nothing", {}],
  ["names callers", { rules: [{ from }] }],
  ["names ports", { action: "ALLOW", rules: [{ to: [{ operation: { ports: ["80"] } }] }] }],
  ["names a condition", { rules: [{ when: [{ key: "a", values: ["b"] }] }] }],
  ["denies everything", { action: "DENY", rules: [{}] }],
  ["asks somebody else", { action: "CUSTOM", rules: [{}] }],
])("accepts a policy that %s", (_, spec) => {
  expect(said(policy(spec))).toEqual([]);
});

test.each<[string, object, string]>([
  ["an empty rule", { rules: [{}] }, "spec.rules[0]"],
  ["an empty rule among others", { action: "ALLOW", rules: [{ from }, {}] }, "spec.rules[1]"],
  ["a rule of empty lists", { rules: [{ from: [], to: [] }] }, "spec.rules[0]"],
  ["a rule of nothing", { rules: [null] }, "spec.rules[0]"],
])("refuses %s", (_, spec, path) => {
  expect(said(policy(spec))).toEqual([
    `AuthorizationPolicy shop/web: an empty rule allows every call of everybody. Name in ${path} who may call, or what.`,
  ]);
});

test("leaves another group's kind alone", () => {
  expect(said({ ...policy({ rules: [{}] }), apiVersion: "example.com/v1" })).toEqual([]);
});

test("is undecided while its action or its rules are not known", () => {
  expect(said(policy({ action: unknown, rules: [{}] }))).toHaveLength(1);
  expect(said(policy({ rules: unknown }))).toEqual([expect.stringContaining("spec.rules is not known")]);
});
