import { parsePolicyConfig, type PolicyConfig } from "../../../policies/lib/config.ts";
import { expired, judge } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfManifest, objectsOfResource } from "../../../policies/lib/object.ts";
import { defineRule, noParameters, type Rule } from "../../../policies/lib/rule.ts";
import { at } from "../../../policies/lib/values.ts";
import { rules } from "../../../policies/packs.ts";
import { unknown } from "../../lib/unknown.ts";
import { defaultDeny, app, deployment, forms, metadata, saidOf } from "../workloads.ts";

/** A rule that refuses every object, by its name. */
const rule = (change: Partial<Rule> = {}): Rule => ({
  ...defineRule({
    name: "test-disallow-objects",
    severity: "low",
    level: "mandatory",
    title: "There is nothing.",
    why: "It is a test.",
    fix: "Remove it.",
    sees: "object",
    parameters: noParameters,
    *check({ value }) {
      yield {
        path: "metadata.name",
        problem: `it is called ${String(at(value, "metadata", "name"))}`,
        fix: "Remove {path}.",
      };
    },
  }),
  ...change,
});

const config = (own: object) => parsePolicyConfig(own, [rule()], "config.json");
const exempt = (change: object = {}) =>
  config({
    exemptions: [
      {
        rule: "test-disallow-objects",
        namespace: "shop",
        reason: "it is being replaced",
        expires: "2026-12-31",
        ...change,
      },
    ],
  });

test("a compliant workload breaks no rule, in any form", () => {
  for (const [, object] of forms) expect(saidOf(rules, [defaultDeny("shop"), object])).toEqual([]);
});

test.each(forms)("an empty %s is not taken for one that complies", (kind, object) => {
  const said = saidOf(rules, [{ ...object, spec: undefined, template: undefined }]);
  expect(said).toContainEqual(expect.stringContaining(`${kind} shop/web: There is no list of containers`));
});

test("lists are judged by their items, with the paths in the list", () => {
  const list = {
    apiVersion: "v1",
    kind: "List",
    items: [deployment(app({ image: "nginx" })), { kind: "List", items: [] }],
  };
  const said = saidOf(rules, [list]);
  expect(said).toContainEqual(expect.stringContaining("Correct items[0].spec.template.spec.containers[0].image."));
});

test("a kind of another group is no workload", () => {
  expect(saidOf(rules, [{ ...deployment({}), apiVersion: "acme.example/v1" }])).toEqual([]);
});

test("a component, which has no properties of its own, is no object", () => {
  expect(objectsOfResource("quintet:index:Backend", {})).toEqual([]);
});

test("what is not known yet is said, and is never a pass", () => {
  const known = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "shop", name: unknown } };
  const objects = new Objects(objectsOfManifest(known));
  const [verdict, ...more] = judge([rule()], objects, { config: config({}), today: "2026-11-21" });
  expect(more).toEqual([]);
  expect(verdict).toMatchObject({ level: "advisory", undecided: true, path: "metadata.name" });
  expect(verdict?.message).toContain("judged again in the update");
});

test("what the state keeps encrypted is said, too", () => {
  const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "…" };
  const said = saidOf([rule()], [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: secret } }], config({}));
  expect(said).toEqual(["ConfigMap (named by Pulumi): This cannot be judged here, since metadata.name is encrypted."]);
});

test("a rule that fails is a finding", () => {
  const broken = rule({
    check: () => {
      throw new TypeError("x is not a function");
    },
  });
  expect(saidOf([broken], [{ kind: "ConfigMap", metadata }], config({}))).toEqual([
    "ConfigMap shop/web: The rule itself fails: x is not a function. That is a defect of the rule: report it, with this object.",
  ]);
});

describe("the configuration", () => {
  const objects = [{ apiVersion: "v1", kind: "ConfigMap", metadata }];
  const said = (own: PolicyConfig, today?: string) => saidOf([rule()], objects, own, today);

  test("a level is the rule's own unless it says otherwise", () => {
    expect(said(config({}))).toHaveLength(1);
    expect(said(config({ rules: { "test-disallow-objects": { level: "disabled" } } }))).toEqual([]);
    const advisory = config({ rules: { "test-disallow-objects": { level: "advisory" } } });
    const verdicts = judge([rule()], new Objects(objectsOfManifest(objects[0])), {
      config: advisory,
      today: "2026-11-21",
    });
    expect(verdicts).toMatchObject([{ level: "advisory" }]);
  });

  test("an exemption holds for what it names, until its last day", () => {
    expect(said(exempt())).toEqual([]);
    expect(said(exempt({ kind: "ConfigMap", name: "web", path: "metadata" }))).toEqual([]);
    expect(said(exempt({ name: "w*" }))).toEqual([]);
    expect(said(exempt({ name: "b*" }))).toHaveLength(1);
    for (const other of [{ kind: "Secret" }, { name: "db" }, { namespace: "bank" }, { path: "spec" }]) {
      expect(said(exempt(other))).toHaveLength(1);
    }
    expect(said(exempt(), "2026-12-31")).toEqual([]);
    expect(said(exempt(), "2027-01-01")).toHaveLength(1);
  });

  test("an exemption that holds no more is a finding itself", () => {
    expect(expired({ config: exempt(), today: "2026-12-31" })).toEqual([]);
    expect(expired({ config: exempt(), today: "2027-01-01" }).map(([, problem]) => problem)).toEqual([
      "The exemption from test-disallow-objects (it is being replaced) has expired on 2026-12-31. Put right what it is for and remove it, or say anew why and until when.",
    ]);
  });

  test.each([
    [
      { rules: { "test-disallow-all": {} } },
      "config.json: rules.test-disallow-all: there is no rule test-disallow-all",
    ],
    [{ rules: { "test-disallow-objects": { level: "maybe" } } }, "rules.test-disallow-objects.level"],
    [{ rules: { "test-disallow-objects": { parameters: { most: 1 } } } }, "rules.test-disallow-objects.parameters"],
    [{ levels: {} }, 'has no key "levels"'],
    [
      { exemptions: [{ rule: "test-disallow-objects", namespace: "a", expires: "2027-01-01" }] },
      "exemptions[0].reason",
    ],
    [
      { exemptions: [{ rule: "test-disallow-objects", namespace: "a", reason: "because", expires: "2027-01-01" }] },
      "must say why",
    ],
    [
      { exemptions: [{ rule: "test-disallow-objects", namespace: "a", reason: "it has to be so", expires: "soon" }] },
      "a day like",
    ],
    [
      { exemptions: [{ rule: "test-disallow-objects", reason: "it has to be so", expires: "2027-01-01" }] },
      "for every object",
    ],
    [
      { exemptions: [{ rule: "x", namespace: "a", reason: "it has to be so", expires: "2027-01-01" }] },
      "there is no rule x",
    ],
  ])("refuses %j", (own, problem) => {
    expect(() => config(own)).toThrow(problem);
  });
});
