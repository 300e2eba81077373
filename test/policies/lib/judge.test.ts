import { z } from "zod";
import { parsePolicyConfig, type PolicyConfig } from "../../../policies/lib/config.ts";
import { expired, judge, judging, sentenceOf } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfManifest, objectsOfResource } from "../../../policies/lib/object.ts";
import { defineRule, type Finding, noParameters, type Rule } from "../../../policies/lib/rule.ts";
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
  const objects = new Objects(objectsOfManifest({ kind: "ConfigMap", metadata }));
  expect(judge([broken], objects, { config: config({}), today: "2026-11-21" })).toMatchObject([
    { level: "mandatory", path: "", undecided: false },
  ]);
});

test("a verdict has all that is known of its rule and its object", () => {
  const [object] = objectsOfManifest({ apiVersion: "v1", kind: "ConfigMap", metadata });
  const objects = new Objects(object === undefined ? [] : [object]);
  expect(judge([rule({ severity: "critical" })], objects, { config: config({}), today: "2026-11-21" })).toStrictEqual([
    {
      rule: "test-disallow-objects",
      title: "There is nothing.",
      why: "It is a test.",
      severity: "critical",
      level: "mandatory",
      object,
      path: "metadata.name",
      message: "it is called web. Remove metadata.name.",
      undecided: false,
    },
  ]);
});

test("objects are judged one after the other, each by every rule and among all", () => {
  const among = rule({
    name: "test-count-objects",
    check: ({ name }, { objects }) => [
      { path: "", problem: `${name} is one of ${String(objects.all.length)}`, fix: "Leave it." },
    ],
  });
  const named = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });
  expect(saidOf([rule(), among], [named("a"), named("b")], config({}))).toEqual([
    "ConfigMap a: it is called a. Remove metadata.name.",
    "ConfigMap a: a is one of 2. Leave it.",
    "ConfigMap b: it is called b. Remove metadata.name.",
    "ConfigMap b: b is one of 2. Leave it.",
  ]);
});

test("a path in what is to be done is the whole one, as often as it is there", () => {
  const twice = rule({
    check: () => [{ path: "spec.a", problem: "it is odd", fix: "Remove {path}, or correct {path}." }],
  });
  const list = { apiVersion: "v1", kind: "List", items: [{ kind: "ConfigMap", metadata }] };
  expect(saidOf([twice], [list], config({}))).toEqual([
    "ConfigMap shop/web: it is odd. Remove items[0].spec.a, or correct items[0].spec.a.",
  ]);
});

test("what a rule finds before it fails, or before a value that is not known, is not lost", () => {
  const first: Finding = { path: "spec.a", problem: "it is odd", fix: "Correct {path}." };
  const failing = rule({
    *check() {
      yield first;
      throw "no error"; // eslint-disable-line @typescript-eslint/only-throw-error -- anything can be thrown
    },
  });
  const reading = rule({
    *check({ value }) {
      yield first;
      yield { path: "spec.b", problem: String(at(value, "spec", "b")), fix: "Correct {path}." };
    },
  });
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata, spec: { b: unknown } };
  expect(saidOf([failing], [object], config({}))).toEqual([
    "ConfigMap shop/web: it is odd. Correct spec.a.",
    "ConfigMap shop/web: The rule itself fails: no error. That is a defect of the rule: report it, with this object.",
  ]);
  expect(saidOf([reading], [object], config({}))).toEqual([
    "ConfigMap shop/web: it is odd. Correct spec.a.",
    "ConfigMap shop/web: This cannot be judged before the update, since spec.b is not known until then. It is judged again in the update, and refused if it breaks the rule.",
  ]);
});

test("a sentence starts with its object", () => {
  const [object] = objectsOfManifest({ kind: "Namespace", metadata: { name: "shop" } });
  expect(object && sentenceOf({ object, message: "It is odd." })).toBe("Namespace shop: It is odd.");
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

  test("a rule is asked with the parameters that are set, or with its own", () => {
    const limited = defineRule({
      ...rule(),
      parameters: z.strictObject({ most: z.number().default(3) }).prefault({}),
      check: (_, { parameters: { most } }) => [
        { path: "", problem: `at most ${String(most)} are taken`, fix: "Remove some." },
      ],
    });
    const saidWith = (own: object) => saidOf([limited], objects, parsePolicyConfig(own, [limited], "config.json"));
    expect(saidWith({})).toEqual(["ConfigMap shop/web: at most 3 are taken. Remove some."]);
    expect(saidWith({ rules: { "test-disallow-objects": { parameters: { most: 5 } } } })).toEqual([
      "ConfigMap shop/web: at most 5 are taken. Remove some.",
    ]);
  });

  test("a rule that is disabled is not asked, and the others are", () => {
    const unasked = rule({
      name: "test-never",
      check: () => {
        throw new Error("it was asked");
      },
    });
    const own = parsePolicyConfig({ rules: { "test-never": { level: "disabled" } } }, [unasked], "config.json");
    expect(saidOf([unasked, rule()], objects, own)).toHaveLength(1);
  });

  test("what is set holds for all objects that are asked about later", () => {
    const judged = judging([rule()], { config: exempt({ kind: "Secret" }), today: "2026-11-21" });
    const of = (kind: string) =>
      judged(new Objects(objectsOfManifest({ apiVersion: "v1", kind, metadata }))).map(sentenceOf);
    expect(of("ConfigMap")).toEqual(["ConfigMap shop/web: it is called web. Remove metadata.name."]);
    expect(of("Secret")).toEqual([]);
  });

  test("a level that is set does not make a finding of what cannot be judged", () => {
    const own = config({ rules: { "test-disallow-objects": { level: "mandatory" } } });
    const hidden = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "shop", name: unknown } };
    const verdicts = judge([rule()], new Objects(objectsOfManifest(hidden)), { config: own, today: "2026-11-21" });
    expect(verdicts).toMatchObject([{ rule: "test-disallow-objects", level: "advisory", undecided: true }]);
  });

  test("an exemption is from one rule, and no other", () => {
    const other = rule({ name: "test-disallow-others" });
    const from = (name: string) =>
      parsePolicyConfig(
        { exemptions: [{ rule: name, kind: "ConfigMap", reason: "it is being replaced", expires: "2026-12-31" }] },
        [rule(), other],
        "config.json",
      );
    const rulesFound = (own: PolicyConfig) =>
      judge([rule(), other], new Objects(objectsOfManifest(objects[0])), { config: own, today: "2026-11-21" }).map(
        (verdict) => verdict.rule,
      );
    expect(rulesFound(from("test-disallow-objects"))).toEqual(["test-disallow-others"]);
    expect(rulesFound(from("test-disallow-others"))).toEqual(["test-disallow-objects"]);
  });

  test.each<[name: string, exempted: boolean]>([
    ["web", true],
    ["web*", true],
    ["*", true],
    ["we", false],
    ["eb*", false],
    ["web-2", false],
    ["web-2*", false],
  ])("an exemption for the name %s: %j", (name, exempted) => {
    expect(said(exempt({ name }))).toHaveLength(exempted ? 0 : 1);
  });

  test.each<[path: string, exempted: boolean]>([
    ["metadata.name", true],
    ["meta", true],
    ["name", false],
    ["metadata.name.first", false],
  ])("an exemption for the path %s: %j", (path, exempted) => {
    expect(said(exempt({ path }))).toHaveLength(exempted ? 0 : 1);
  });

  test("what cannot be judged is exempt, too", () => {
    const hidden = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "shop", name: unknown } };
    expect(saidOf([rule()], [hidden], exempt())).toEqual([]);
    expect(saidOf([rule()], [hidden], exempt({ namespace: "bank" }))).toHaveLength(1);
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
