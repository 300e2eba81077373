import { itemsOf } from "../../../policies/lib/items.ts";
import { guarded } from "../../../policies/lib/unknown.ts";
import { unknown } from "../../lib/unknown.ts";

test("each item has its path, and is read when it is asked for", () => {
  const items = itemsOf(guarded(["a", unknown, { b: 1 }]), "spec.list");
  expect(items.map(({ path }) => path)).toEqual(["spec.list[0]", "spec.list[1]", "spec.list[2]"]);
  expect(items[0]?.read()).toBe("a");
  expect(() => items[1]?.read()).toThrow("[1] is not known before the update");
  expect(items[2]?.read()).toEqual({ b: 1 });
});

test.each([[undefined], [null], ["text"], [{ length: 1, 0: "a" }], [[]]])("%j has none", (list) => {
  expect(itemsOf(list, "spec.list")).toEqual([]);
});
