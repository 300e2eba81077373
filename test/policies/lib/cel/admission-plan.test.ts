import { z } from "zod";
import { manifestsOf, planAdmission } from "../../../../policies/lib/cel/admission-plan.ts";
import { celRule } from "../../../../policies/lib/cel/rule.ts";
import { parsePolicyConfig } from "../../../../policies/lib/config.ts";
import { noParameters } from "../../../../policies/lib/rule.ts";

const text = { severity: "low", title: "t.", why: "w.", fix: "f." } as const;
const rule = celRule({
  ...text,
  name: "pack-require-name",
  level: "mandatory",
  parameters: z.strictObject({ name: z.string().default("app") }).prefault({}),
  cel: ({ name }) => ({
    variables: { wanted: JSON.stringify(name) },
    checks: [
      {
        each: "containers",
        where: 'it.role == "app"',
        let: { own: "it.value.name" },
        valid: "own == variables.wanted",
        path: "{it.path}.name",
        problem: "{it.who} is not {variables.wanted}",
        fix: "Correct {path}.",
      },
    ],
  }),
});
const planned = (config: object, exempt = {}) =>
  planAdmission([rule], parsePolicyConfig(config, [rule], "config"), exempt);
const exemption = { rule: rule.name, reason: "it is older than the rule", expires: "2027-03-31" };

test("a check is a validation with its message, and only the variables that it needs, in their order", () => {
  const [one] = planned({});
  expect(one?.policy.variables.map(({ name }) => name)).toEqual(
    ["path", "spec", "containers", "wanted"].toSorted(byNeed),
  );
  expect(one?.policy.validations).toEqual([
    {
      expression:
        'variables.containers.filter(it, it.role == "app").all(it, [it.value.name].all(own, own == variables.wanted))',
      messageExpression:
        'variables.containers.filter(it, it.role == "app").filter(it, !([it.value.name].all(own, own == variables.wanted))).map(it, [it.value.name].map(own, string(it.who) + " is not " + string(variables.wanted) + ". " + "Correct " + string(it.path) + ".name" + ".")[0])[0]',
      reason: "Forbidden",
    },
  ]);
});
const order = ["spec", "path", "containers", "wanted"];
const byNeed = (a: string, b: string) => order.indexOf(a) - order.indexOf(b);

test("parameters are constants, and levels say what happens", () => {
  const rules = { [rule.name]: { level: "advisory", parameters: { name: "web" } } };
  const [one] = planned({ rules });
  expect(one?.policy.variables).toContainEqual({ name: "wanted", expression: '"web"' });
  expect(one?.binding.validationActions).toEqual(["Warn", "Audit"]);
  expect(planned({})[0]?.binding.validationActions).toEqual(["Deny"]);
  expect(planned({ rules: { [rule.name]: { level: "disabled" } } })).toEqual([]);
});

test("a rule without CEL, or without anything to check, makes nothing", () => {
  const empty = celRule({
    ...text,
    name: "pack-none",
    level: "advisory",
    parameters: noParameters,
    cel: () => ({ checks: [] }),
  });
  const config = parsePolicyConfig({}, [], "config");
  const { cel, ...plain } = rule;
  expect(cel).toBeDefined();
  expect(planAdmission([empty, plain], config, {})).toEqual([]);
});

test("exempt namespaces are not selected, and an annotation says why", () => {
  const [one] = planned({}, { legacy: "it is taken down in the spring" });
  expect(one?.binding.matchResources.namespaceSelector).toEqual({
    matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["legacy"] }],
  });
  expect(one?.annotations["quintet.dev/exempt"]).toBe("namespace legacy: it is taken down in the spring");
});

test("an exempt object is left alone with what it makes, and what is exempt of it is not held against it", () => {
  const whole = { ...exemption, kind: "Deployment", namespace: "shop", name: "web" };
  const [one] = planned({ exemptions: [whole] });
  expect(one?.policy.matchConditions.at(-1)?.expression).toBe(
    '!(request.namespace == "shop" && ((request.kind.kind == "Deployment" && (has(object.metadata.name) ? object.metadata.name : "") == "web") || (has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(o, o.kind in ["Deployment", "ReplicaSet"] && (o.name == "web" || o.name.startsWith("web-"))))))',
  );
  expect(one?.annotations["quintet.dev/exempt"]).toBe(
    "Deployment shop/web: it is older than the rule (until 2027-03-31)",
  );
  const [part] = planned({
    exemptions: [{ ...exemption, namespace: "shop", path: "spec.template.spec.containers[1]" }],
  });
  expect(part?.policy.matchConditions).toHaveLength(1);
  expect(part?.policy.validations[0]?.expression).toContain(
    '(own == variables.wanted) || (request.namespace == "shop" && (string(it.path) + ".name").startsWith(variables.path + ".containers[1]"))',
  );
});

test("both manifests carry the rule's name", () => {
  expect(planned({}).flatMap(manifestsOf)).toMatchObject([
    { kind: "ValidatingAdmissionPolicy", metadata: { name: rule.name } },
    { kind: "ValidatingAdmissionPolicyBinding", metadata: { name: rule.name }, spec: { policyName: rule.name } },
  ]);
});
