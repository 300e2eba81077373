import fc from "fast-check";
import { layOut } from "../../topology/layout.ts";

const ids = ["a", "b", "c", "d", "e", "f", "g"];
const anyArrows = fc.uniqueArray(fc.record({ from: fc.constantFrom(...ids), to: fc.constantFrom(...ids) }), {
  maxLength: 25,
  selector: ({ from, to }) => `${from}${to}`,
});

test("columns are as far to the right as the longest way to them", () => {
  const { places, columns, rows } = layOut(ids.slice(0, 4), [
    { from: "a", to: "b" },
    { from: "b", to: "c" },
    { from: "a", to: "c" },
  ]);
  expect(Object.fromEntries([...places].map(([id, { column }]) => [id, column]))).toEqual({ a: 0, b: 1, c: 2, d: 0 });
  expect([columns, rows]).toEqual([3, 2]);
});

test("lines that need not cross do not", () => {
  const { places } = layOut(ids.slice(0, 6), [
    { from: "a", to: "f" },
    { from: "b", to: "e" },
    { from: "c", to: "d" },
  ]);
  const row = (id: string) => places.get(id)?.row;
  expect(["f", "e", "d"].map(row)).toEqual(["a", "b", "c"].map(row));
});

test("every node has a place of its own, and every arrow goes from column to column", () => {
  fc.assert(
    fc.property(anyArrows, (arrows) => {
      const { places, routes, columns, rows } = layOut(ids, arrows);
      expect([...places.keys()].sort()).toEqual(ids);
      expect(new Set([...places.values()].map(({ column, row }) => `${String(column)} ${String(row)}`)).size).toBe(7);
      for (const { column, row } of places.values()) {
        expect(column).toBeGreaterThanOrEqual(0);
        expect(column).toBeLessThan(columns);
        expect(Math.abs(row)).toBeLessThanOrEqual((rows - 1) / 2);
      }
      arrows.forEach(({ from, to }, index) => {
        const { places: through, back } = routes[index] ?? { places: [], back: false };
        if (from === to) {
          expect(through).toEqual([]);
          return;
        }
        const [left, right] = back ? [to, from] : [from, to];
        expect([through[0], through.at(-1)]).toEqual([places.get(left), places.get(right)]);
        expect(through.map(({ column }) => column)).toEqual(through.map((_, step) => (through[0]?.column ?? 0) + step));
      });
    }),
  );
});

test("no arrow goes back where there is no circle", () => {
  fc.assert(
    fc.property(anyArrows, (arrows) => {
      const forward = arrows.filter(({ from, to }) => from < to);
      expect(layOut(ids, forward).routes.some(({ back }) => back)).toBe(false);
    }),
  );
});

test("one arrow of a circle goes back", () => {
  const { routes } = layOut(
    ["a", "b"],
    [
      { from: "a", to: "b" },
      { from: "b", to: "a" },
    ],
  );
  expect(routes.map(({ back }) => back)).toEqual([false, true]);
});
