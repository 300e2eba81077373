import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import {
  mergePolicyConfigs,
  parsePolicyConfig,
  type PolicyConfig,
  policyConfigSchema,
  readPolicyConfig,
} from "../../../policies/lib/config.ts";
import { defineRule } from "../../../policies/lib/rule.ts";

/** A rule with a parameter. */
const rule = (name: string) =>
  defineRule({
    name,
    severity: "low",
    level: "mandatory",
    title: "There is little.",
    why: "It is a test.",
    fix: "Remove some.",
    sees: "object",
    parameters: z.strictObject({ most: z.number().default(3) }).prefault({}),
    check: () => [],
  });
const known = [rule("test-most-pods"), rule("test-most-jobs")];

const exemption = {
  rule: "test-most-pods",
  namespace: "shop",
  reason: "it is being replaced",
  expires: "2026-12-31",
};

const parsed = (value: unknown) => parsePolicyConfig(value, known, "config.json");

/** What is thrown. */
function errorOf(act: () => unknown): Error | undefined {
  try {
    act();
  } catch (error) {
    return error as Error; // nothing else is thrown there
  }
  return undefined;
}

/** What is said of a configuration that is refused. */
const problemsIn = (value: unknown) => errorOf(() => parsed(value))?.message;

describe("a configuration", () => {
  test("may say nothing", () => {
    expect(parsed(undefined)).toEqual({ rules: {}, exemptions: [] });
    expect(parsed({})).toEqual({ rules: {}, exemptions: [] });
  });

  test("is taken as it is written, without the spaces around what it names", () => {
    const rules = { "test-most-pods": { level: "advisory", parameters: { most: 5 } }, "test-most-jobs": {} };
    expect(parsed({ rules, exemptions: [exemption] })).toEqual({ rules, exemptions: [exemption] });
    expect(parsed({ exemptions: [{ ...exemption, namespace: " shop " }] })).toEqual({
      rules: {},
      exemptions: [exemption],
    });
  });

  test.each(["mandatory", "advisory", "disabled"])("may set the level %s", (level) => {
    expect(parsed({ rules: { "test-most-pods": { level } } }).rules).toEqual({ "test-most-pods": { level } });
  });

  test.each([{ kind: "Pod" }, { namespace: "shop" }, { name: "web*" }, { kind: "Pod", name: "web", path: "spec" }])(
    "may exempt %j",
    (own) => {
      const { rule: name, reason, expires } = exemption;
      expect(parsed({ exemptions: [{ rule: name, reason, expires, ...own }] }).exemptions).toEqual([
        { rule: name, reason, expires, ...own },
      ]);
    },
  );

  test("is refused with every problem by its path", () => {
    const { rule: name, reason, expires } = exemption;
    expect(
      problemsIn({
        rules: { "test-most-pods": { level: "maybe" } },
        exemptions: [
          { rule: name, reason, expires },
          { ...exemption, expires: "soon" },
          { ...exemption, name: " " },
        ],
      }),
    ).toBe(
      [
        "The configuration of the policies is refused:",
        '  config.json: rules.test-most-pods.level: expected one of "mandatory"|"advisory"|"remediate"|"disabled"',
        "  config.json: exemptions[0]: is for every object there is: name a kind, a namespace or a name, or set the rule's level",
        "  config.json: exemptions[1].expires: must be a day like 2027-03-31",
        "  config.json: exemptions[2].name: must not be empty",
      ].join("\n"),
    );
  });

  test("is refused with all that contradicts the rules there are", () => {
    expect(
      problemsIn({
        rules: { "test-most-pots": {}, "test-most-jobs": { parameters: { most: "5", least: 1 } } },
        exemptions: [exemption, { ...exemption, rule: "test-most-pots" }],
      }),
    ).toBe(
      [
        "The configuration of the policies is refused:",
        "  config.json: rules.test-most-pots: there is no rule test-most-pots, docs/policies.md has them all",
        "  config.json: rules.test-most-jobs.parameters.most: expected number, received string",
        '  config.json: rules.test-most-jobs.parameters: Unrecognized key: "least"',
        "  config.json: exemptions[1].rule: there is no rule test-most-pots, docs/policies.md has them all",
      ].join("\n"),
    );
  });

  test("has the level remediate for rules that can put something right alone", () => {
    const config = { rules: { "test-most-jobs": { level: "remediate" } } };
    expect(problemsIn(config)).toBe(
      "The configuration of the policies is refused:\n  config.json: rules.test-most-jobs.level: this rule can put nothing right by itself, so choose mandatory, advisory or disabled",
    );
    const remedy = { text: "It adds jobs", kinds: [], repairs: () => [] };
    expect(parsePolicyConfig(config, [{ ...rule("test-most-jobs"), remedy }], "config.json").rules).toEqual(
      config.rules,
    );
  });

  test.each<[value: unknown, what: string]>([
    [null, "null"],
    ["text", "string"],
    [[], "array"],
  ])("is not %j", (value, what) => {
    expect(problemsIn(value)).toBe(
      `The configuration of the policies is refused:\n  config.json: expected object, received ${what}`,
    );
  });

  test.each(["rule", "kind", "namespace", "name", "path"])("has no empty %s in an exemption", (key) => {
    expect(problemsIn({ exemptions: [{ ...exemption, [key]: " " }] })).toContain(
      `config.json: exemptions[0].${key}: must not be empty`,
    );
  });

  test.each<[value: object, problem: string]>([
    [{ levels: {} }, 'config.json: has no key "levels", its keys are "rules", "exemptions"'],
    [
      { rules: { "test-most-pods": { most: 1 } } },
      'config.json: rules.test-most-pods: has no key "most", its keys are "level", "parameters"',
    ],
    [
      { exemptions: [{ ...exemption, until: "2027-01-01" }] },
      'config.json: exemptions[0]: has no key "until", its keys are "rule", "kind", "namespace", "name", "path", "reason", "expires"',
    ],
  ])("has no other keys than it can have: %j", (value, problem) => {
    expect(problemsIn(value)).toBe(`The configuration of the policies is refused:\n  ${problem}`);
  });
});

describe("a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "quintet-policies-"));
  const file = join(folder, "config.json");
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("is read as the configuration that it is", () => {
    writeFileSync(file, JSON.stringify({ exemptions: [exemption] }));
    expect(readPolicyConfig(file, known)).toEqual({ rules: {}, exemptions: [exemption] });
  });

  test("that says what is refused is named", () => {
    writeFileSync(file, JSON.stringify({ levels: {} }));
    expect(() => readPolicyConfig(file, known)).toThrow(
      `  ${file}: has no key "levels", its keys are "rules", "exemptions"`,
    );
  });

  test("that is no JSON, or is not there, is named with what is the matter", () => {
    writeFileSync(file, "rules:");
    expect(() => readPolicyConfig(file, known)).toThrow(
      `The configuration of the policies cannot be read from ${file}: Unexpected token`,
    );
    const none = join(folder, "none.json");
    const error = errorOf(() => readPolicyConfig(none, known));
    expect(error?.message).toContain(`The configuration of the policies cannot be read from ${none}: ENOENT`);
    expect(error?.cause).toMatchObject({ code: "ENOENT" });
  });
});

describe("one configuration over another", () => {
  const config = (own: object): PolicyConfig => policyConfigSchema.parse(own);

  test("has the rules of both, and of one rule the level and each parameter of the upper", () => {
    const base = config({
      rules: {
        a: { level: "advisory", parameters: { most: 1, least: 0 } },
        b: { level: "disabled" },
      },
    });
    const top = config({
      rules: { a: { parameters: { most: 2 } }, c: { level: "mandatory", parameters: { most: 3 } } },
    });
    expect(mergePolicyConfigs(base, top).rules).toEqual({
      a: { level: "advisory", parameters: { most: 2, least: 0 } },
      b: { level: "disabled", parameters: {} },
      c: { level: "mandatory", parameters: { most: 3 } },
    });
    const upper = config({ rules: { a: { level: "mandatory" } } });
    expect(mergePolicyConfigs(base, upper).rules["a"]?.level).toBe("mandatory");
  });

  test("has the exemptions of both", () => {
    const other = { ...exemption, rule: "test-most-jobs" };
    const merged = mergePolicyConfigs(config({ exemptions: [exemption] }), config({ exemptions: [other] }));
    expect(merged).toEqual({ rules: {}, exemptions: [exemption, other] });
  });
});
