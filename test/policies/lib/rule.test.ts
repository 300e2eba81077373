import { z } from "zod";
import { Objects, objectsOfManifest } from "../../../policies/lib/object.ts";
import {
  decided,
  defineRule,
  each,
  type Finding,
  levels,
  noParameters,
  type Rule,
  whyNotCel,
} from "../../../policies/lib/rule.ts";
import { UnknownValue } from "../../../policies/lib/unknown.ts";

const texts = {
  name: "test-disallow-objects",
  severity: "low",
  level: "mandatory",
  title: "There is nothing.",
  why: "It is a test.",
  fix: "Remove it.",
} as const;

/** A finding at a path. */
const at = (path: string): Finding => ({ path, problem: "is odd", fix: "Correct {path}." });

test("a rule is given the parameters of its own schema, and what stands beside the object", () => {
  const rule = defineRule({
    ...texts,
    sees: "object",
    parameters: z.strictObject({ most: z.number().default(3) }).prefault({}),
    *check({ name }, { parameters, objects }) {
      yield at(`${name} of ${String(objects.all.length)}, at most ${String(parameters.most)}`);
    },
  });
  expect(rule).toMatchObject({ ...texts, sees: "object" });
  expect(rule.parameters.parse(undefined)).toEqual({ most: 3 });
  const [web, ...more] = objectsOfManifest({ apiVersion: "v1", kind: "Pod", metadata: { name: "web" } });
  expect(more).toEqual([]);
  if (web === undefined) throw new Error("The manifest is no object.");
  const context = { parameters: { most: 2 }, objects: new Objects([web]) };
  expect([...rule.check(web, context)]).toEqual([at("web of 1, at most 2")]);
});

test("a level is one of three", () => {
  expect(levels).toEqual(["mandatory", "advisory", "remediate", "disabled"]);
});

test("a rule without parameters takes none", () => {
  expect(noParameters.parse(undefined)).toEqual({});
  expect(noParameters.parse({})).toEqual({});
  expect(noParameters.safeParse({ most: 1 }).success).toBe(false);
});

describe("why the API server is not given a rule", () => {
  const told = (own: Partial<Rule>) =>
    whyNotCel({ ...texts, sees: "object", parameters: noParameters, check: () => [], ...own });
  const cel = () => {
    throw new Error("Nobody asks for it here.");
  };

  test("is what the rule says itself", () => {
    expect(told({ notCel: "it asks a registry" })).toBe("it asks a registry");
    expect(told({ notCel: "it asks a registry", sees: "stack" })).toBe("it asks a registry");
  });

  test("is that it sees other objects", () => {
    expect(told({ sees: "stack" })).toBe("it sees other objects, and the API server shows a policy one");
  });

  test("is nothing for one that it is given", () => {
    expect(told({ cel })).toBeUndefined();
    expect(told({ cel, sees: "stack", notCel: "it asks a registry" })).toBeUndefined();
  });
});

describe("findings", () => {
  function* upTo(last: Error, ...paths: readonly string[]): Iterable<Finding> {
    yield* paths.map(at);
    throw last;
  }
  const notKnown = (path: string) => new UnknownValue(path, "later");

  test("end with the value that was not known", () => {
    expect([...decided([at("a"), at("b")])]).toEqual([at("a"), at("b")]);
    expect([...decided(upTo(notKnown("b"), "a"))]).toEqual([at("a"), { path: "b", unknown: "later" }]);
    expect([...decided(upTo(new UnknownValue("b", "encrypted")))]).toEqual([{ path: "b", unknown: "encrypted" }]);
  });

  test("do not hide a defect", () => {
    expect(() => [...decided(upTo(new TypeError("x is not a function"), "a"))]).toThrow("x is not a function");
  });

  test("of one item are not hidden by what is not known of another", () => {
    const items = ["a", "b", "c"];
    const check = (item: string, index: number) => {
      const path = `${item}[${String(index)}]`;
      return item === "b" ? upTo(notKnown(path), "before") : [at(path)];
    };
    expect([...each(items, check)]).toEqual([at("a[0]"), at("before"), { path: "b[1]", unknown: "later" }, at("c[2]")]);
    expect([...each([], check)]).toEqual([]);
  });
});
