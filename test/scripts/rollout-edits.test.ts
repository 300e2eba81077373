import { withStep } from "../../scripts/rollout-edits.ts";

const file = `config:
  quintet:environment: dev
  quintet:rollouts: # who takes over
    bookstore/catalog:
      from: v1
      to: v2 # the fast one
      step: 0
    bookstore/payment: { from: v1, to: v2 }
`;

test("one number changes, and nothing else", () => {
  expect(withStep(file, "bookstore/catalog", 3)).toBe(file.replace("step: 0", "step: 3"));
});

test("a step that was left out is put in", () => {
  expect(withStep(file, "bookstore/payment", 1)).toBe(
    file.replace("to: v2 }", "to: v2, step: 1 }").replace("rollouts: #", "rollouts:\n    #"), // the library moves it
  );
});

test("a rollout that is not there is refused", () => {
  const refusal = "There is no rollout of bookstore/order under quintet:rollouts.";
  expect(() => withStep(file, "bookstore/order", 1)).toThrow(refusal);
  expect(() => withStep("config: {}\n", "bookstore/order", 1)).toThrow(refusal);
});
