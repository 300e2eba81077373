import { carryOut, type Hands } from "../../backup/reset.ts";
import type { Phase } from "../../backup/reset-plan.ts";

const phases: readonly Phase[] = [
  {
    title: "first",
    steps: [
      { kind: "run", node: "a", script: "one" },
      { kind: "copy", node: "a", to: "/db" },
      { kind: "run", node: "b", script: "one" },
    ],
  },
  {
    title: "second",
    steps: [
      { kind: "run", node: "a", script: "two" },
      { kind: "wait", node: "b", script: "there", what: "b to be there" },
    ],
  },
  { title: "third", steps: [{ kind: "run", node: "b", script: "three" }] },
];

const silent = { started: () => undefined, done: () => undefined };

function recorder(fails: (node: string, script: string) => boolean): {
  readonly done: string[];
  readonly hands: Hands;
} {
  const done: string[] = [];
  const hands: Hands = {
    run: (node, script) => {
      done.push(`${node} ${script}`);
      return fails(node, script) ? Promise.reject(new Error(`${script} broke`)) : Promise.resolve();
    },
    copy: (node, to) => {
      done.push(`${node} gets ${to}`);
      return Promise.resolve();
    },
  };
  return { done, hands };
}

test("every phase waits for all nodes of the one before", async () => {
  const { done, hands } = recorder(() => false);
  await carryOut(phases, hands, silent);
  expect(done.slice(0, 3).sort()).toEqual(["a gets /db", "a one", "b one"]);
  expect(done.indexOf("a one")).toBeLessThan(done.indexOf("a gets /db"));
  expect(done.slice(3, 5).sort()).toEqual(["a two", "b there"]);
  expect(done.slice(5)).toEqual(["b three"]);
});

test("a step that fails ends its phase on that node, and everything after it", async () => {
  const { done, hands } = recorder((node, script) => node === "a" && script === "one");
  await expect(carryOut(phases, hands, silent)).rejects.toThrow(/The step "first" has failed.*\na: one broke/s);
  expect(done.sort()).toEqual(["a one", "b one"]);
});

test("what is waited for is asked again", async () => {
  let asked = 0;
  const { hands } = recorder((_, script) => script === "there" && ++asked < 3);
  await carryOut(phases, hands, silent);
  expect(asked).toBe(3);
});

test("a wait ends at its deadline with what it waited for and the last answer", async () => {
  const { done, hands } = recorder((_, script) => script === "there");
  await expect(carryOut(phases, hands, silent, 400)).rejects.toThrow(
    /"second" has failed.*b: waited 0.4 s for b to be there. there broke/s,
  );
  expect(done).not.toContain("b three");
});
