import { readFileSync } from "node:fs";
import { judging } from "../../../policies/lib/judge.ts";
import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { lookedAt, Objects, objectsOfResource } from "../../../policies/lib/object.ts";
import type { CelForm } from "../../../policies/lib/cel/form.ts";
import type { Rule } from "../../../policies/lib/rule.ts";
import { warmUp } from "../../../policies/lib/warm-up.ts";
import { rules } from "../../../policies/packs.ts";
import type { Recorded } from "../../lib/record.ts";
import { goldenFile, stacks } from "../../lib/stacks.ts";

describe("a warm-up", () => {
  /** Rules that tell of which kinds they were asked. */
  const watched = () => {
    const asked = new Map<string, Set<string>>();
    const watching = rules.map((rule): Rule => ({
      ...rule,
      check: function* (object, context) {
        const kinds = asked.get(rule.name) ?? new Set();
        asked.set(rule.name, kinds.add(object.kind));
        yield* rule.check(object, context);
      },
    }));
    return { asked, watching };
  };

  test("asks every rule about every example", () => {
    const { asked, watching } = watched();
    const count = warmUp(watching);
    expect(count).toBeGreaterThanOrEqual(12);
    expect([...asked.keys()].sort()).toEqual(rules.map(({ name }) => name).sort());
    for (const kinds of asked.values()) expect(kinds.size).toBe(count);
  });

  test("has an object for every rule that is about some kinds", () => {
    const { asked, watching } = watched();
    warmUp(watching);
    const kinds = [...asked.values()].flatMap((some) => [...some]);
    const about = rules.flatMap(({ name, cel, parameters }) => {
      const form: CelForm | undefined = cel?.(parameters.parse(undefined));
      return form?.about === undefined ? [] : [{ name, kinds: Object.keys(form.about.resources) }];
    });
    expect(about.length).toBeGreaterThan(10);
    const unmet = about.filter((one) => !one.kinds.some((kind) => kinds.includes(kind)));
    expect(unmet).toEqual([]);
  });
});

describe("kinds of which the head alone is looked at", () => {
  test.each(stacks)("no rule looks at anything else of those in stack %s", (stack) => {
    const golden = JSON.parse(readFileSync(goldenFile(stack), "utf8")) as Recorded[]; // of this form
    const objects = golden.flatMap(({ type, inputs, urn }) => objectsOfResource(type, inputs, { urn }));
    const closed = objects.map((object) => {
      const names = lookedAt(object.kind);
      if (names === undefined) return object;
      const value = new Proxy(object.value as object, {
        get: (target, key, receiver) => {
          if (typeof key === "string" && !names.includes(key)) throw new Error(`${object.kind}: a rule reads ${key}`);
          return Reflect.get(target, key, receiver) as unknown;
        },
        ownKeys: () => {
          throw new Error(`${object.kind}: a rule goes through all of it`);
        },
      });
      return { ...object, value };
    });
    expect(closed.filter(({ kind }) => lookedAt(kind) !== undefined).length).toBeGreaterThan(50);
    const ask = judging(rules, { config: policyConfigSchema.parse({}), today: "2026-11-21" });
    expect(ask(new Objects(closed)).filter(({ object }) => lookedAt(object.kind) !== undefined)).toEqual([]);
  });

  test("are those that say so, by whatever name", () => {
    expect(lookedAt("CustomResourceDefinition")).toEqual(["apiVersion", "kind", "metadata"]);
    for (const kind of ["Deployment", "constructor", ""]) expect(lookedAt(kind)).toBeUndefined();
  });
});
