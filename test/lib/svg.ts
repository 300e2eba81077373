/** Checks of pictures. */

/** Expects XML in which every element is closed, and nothing left undefined. */
export function expectWhole(svg: string): void {
  const open: string[] = [];
  for (const [, end, name = "", , alone] of svg.matchAll(/<(\/?)([a-z]+)((?:\s[a-zA-Z:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    if (end === "/") expect(open.pop()).toBe(name);
    else if (alone !== "/") open.push(name);
  }
  expect(open).toEqual([]);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
}
