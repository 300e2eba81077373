import { type PolicyConfig, policyConfigSchema } from "../../../policies/lib/config.ts";
import { judge } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfManifest } from "../../../policies/lib/object.ts";
import { remedying, repaired } from "../../../policies/lib/remedy.ts";
import { defineRule, noParameters } from "../../../policies/lib/rule.ts";
import { at } from "../../../policies/lib/values.ts";
import { unknown } from "../../lib/unknown.ts";

const name = "test-require-team";
const team = { path: "metadata.labels.team", value: "shop" };
const rule = {
  ...defineRule({
    name,
    severity: "low",
    level: "advisory",
    title: "Everything has a team.",
    why: "It is a test.",
    fix: "Add one.",
    sees: "object",
    parameters: noParameters,
    *check({ value }) {
      if (at(value, "metadata", "labels", "team") === undefined)
        yield { path: team.path, problem: "it has no team", fix: "Set {path}." };
    },
  }),
  remedy: {
    text: "It adds a team",
    kinds: ["Pod"],
    *repairs({ value }: { readonly value: unknown }) {
      if (at(value, "metadata", "labels", "team") === undefined) yield team;
    },
  },
};
const pod = (labels?: unknown) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace: "shop", name: "web", ...(labels === undefined ? {} : { labels }) },
});
const failed = () => {
  throw new Error("It is no object.");
};
const objectIn = (manifest: object) => objectsOfManifest(manifest)[0] ?? failed();
const remediate = { rules: { [name]: { level: "remediate" } } };
const repairs = (manifest: object, given: object = remediate, today = "2026-12-31") => {
  const config: PolicyConfig = policyConfigSchema.parse(given);
  return remedying([rule, { ...rule, name: "test-other" }], { config, today })(objectIn(manifest));
};

describe("repairs", () => {
  test("are those of rules whose level says so", () => {
    expect(repairs(pod())).toEqual([team]);
    expect(repairs(pod({ team: "bank" }))).toEqual([]);
    for (const level of ["mandatory", "advisory", "disabled"])
      expect(repairs(pod(), { rules: { [name]: { level } } })).toEqual([]);
    expect(repairs(pod(), {})).toEqual([]);
    const { remedy, ...without } = rule;
    expect(remedy.text).toBe("It adds a team");
    const config = policyConfigSchema.parse(remediate);
    expect(remedying([without], { config, today: "2026-12-31" })(objectIn(pod()))).toEqual([]);
  });

  test("are none of what is exempt, until its last day", () => {
    const exemption = { rule: name, namespace: "shop", reason: "it is nobody's", expires: "2026-12-31" };
    const exempt = (change: object) => ({ ...remediate, exemptions: [{ ...exemption, ...change }] });
    expect(repairs(pod(), exempt({}))).toEqual([]);
    expect(repairs(pod(), exempt({ path: "metadata.labels" }))).toEqual([]);
    expect(repairs(pod(), exempt({ path: "spec" }))).toEqual([team]);
    expect(repairs(pod(), exempt({ namespace: "bank" }))).toEqual([team]);
    expect(repairs(pod(), exempt({ rule: "test-other" }))).toEqual([team]);
    expect(repairs(pod(), exempt({}), "2027-01-01")).toEqual([team]);
  });

  test("are none while something is not known, and a rule that fails says so", () => {
    expect(repairs(pod(unknown))).toEqual([]);
    const failing = { ...rule, remedy: { text: "", kinds: [], repairs: failed } };
    const config = policyConfigSchema.parse(remediate);
    expect(() => remedying([failing], { config, today: "2026-12-31" })(objectIn(pod()))).toThrow("It is no object.");
  });

  test("leave nothing to find", () => {
    const settings = { config: policyConfigSchema.parse(remediate), today: "2026-12-31" };
    const said = (manifest: object) => judge([rule], new Objects(objectsOfManifest(manifest)), settings);
    expect(said(pod())).toMatchObject([{ level: "mandatory" }]);
    expect(said(repaired(pod(), repairs(pod())))).toEqual([]);
  });
});

describe("a value with repairs", () => {
  class Secret {
    readonly value = { a: 1 };
  }
  const secret = new Secret();

  test.each<[string, object, string, object]>([
    ["has a key", { b: 1 }, "a", { b: 1, a: 0 }],
    ["has objects on the way", {}, "a.b.c", { a: { b: { c: 0 } } }],
    ["has it instead of null", { a: { b: null } }, "a.b", { a: { b: 0 } }],
    ["keeps what is written", { a: { b: false } }, "a.b", { a: { b: false } }],
    ["keeps what is no object", { a: "text" }, "a.b", { a: "text" }],
    ["has it in the item of a list", { a: [{}, { b: 1 }, {}] }, "a[1].c", { a: [{}, { b: 1, c: 0 }, {}] }],
    ["has no more items than before", { a: [{}] }, "a[1].c", { a: [{}] }],
    ["keeps what is encrypted", { a: secret, b: [secret] }, "a.b", { a: secret, b: [secret] }],
  ])("%s", (_, value, path, expected) => {
    const before = structuredClone(value);
    const after = repaired(value, [{ path, value: 0 }]);
    expect(after).toEqual(expected);
    if (!("a" in value) || value.a !== secret) expect(value).toEqual(before);
  });

  test("is the very secret that it was", () => {
    expect(repaired({ a: secret }, [{ path: "a.b", value: 0 }])).toEqual({ a: secret });
    expect((repaired({ a: secret }, [{ path: "b", value: 0 }]) as { a: Secret }).a).toBe(secret);
  });

  test("has all of them", () => {
    const both = [team, { path: "spec.hostUsers", value: false }];
    expect(repaired(pod(), both)).toEqual({ ...pod({ team: "shop" }), spec: { hostUsers: false } });
  });
});
