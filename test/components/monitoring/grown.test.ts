import { grown } from "../../../components/monitoring/grown.ts";

test("a series that has begun within the window counts as a whole, and others by what they have grown", () => {
  expect(grown('a{b="c"}', 5)).toBe(
    '(a{b="c"} unless a{b="c"} offset 5m and on () count(up offset 6m) or increase(a{b="c"}[5m]))',
  );
});
