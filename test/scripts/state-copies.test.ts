import { type Copy, judgeState, mend, newestWhole } from "../../scripts/state-copies.ts";

const state = (resources: number, pending = 0) =>
  JSON.stringify({
    version: 3,
    checkpoint: {
      stack: "organization/quintet/dev",
      latest: {
        resources: Array.from({ length: resources }, (_, index) => ({
          urn: `urn:pulumi:dev::quintet::a::${String(index)}`,
        })),
        ...(pending > 0 ? { pending_operations: Array.from({ length: pending }, () => ({ type: "creating" })) } : {}),
      },
    },
  });

describe("a state", () => {
  test.each([
    { that: "is whole", text: state(3, 1), judged: { resources: 3, pending: 1 } },
    {
      that: "is new",
      text: '{"version":3,"checkpoint":{"stack":"organization/quintet/dev"}}',
      judged: { resources: 0, pending: 0 },
    },
    { that: "is not there", text: undefined, judged: { damage: "is not there" } },
    { that: "is empty", text: " \n", judged: { damage: "is empty" } },
    { that: "is cut off", text: state(3).slice(0, 60), judged: { damage: "is cut off or no JSON (60 bytes)" } },
    { that: "is garbage", text: "\0\0", judged: { damage: "is cut off or no JSON (2 bytes)" } },
    { that: "is something else", text: "{}", judged: { damage: "is JSON, but no state of the engine" } },
  ])("that $that", ({ text, judged }) => {
    expect(judgeState(text)).toEqual(judged);
  });

  test("cut off anywhere is never whole", () => {
    const text = state(2);
    for (let length = 0; length < text.length; length += 1)
      expect(judgeState(text.slice(0, length))).toHaveProperty("damage");
  });
});

const copy = (file: string, minute: number, more: Partial<Copy> = {}): Copy => ({
  ...{ file, at: new Date(Date.UTC(2026, 10, 22, 3, minute)), afterRun: true, judged: { resources: 7, pending: 0 } },
  ...more,
});
const damaged = { judged: { damage: "is empty" } };

test("the newest copy that is whole is chosen, in whatever order they come", () => {
  const copies = [copy("a", 1), copy("c", 3, damaged), copy("b", 2)];
  expect(newestWhole(copies)?.file).toBe("b");
  expect(newestWhole(copies.toReversed())?.file).toBe("b");
  expect(newestWhole([copy("c", 3, damaged)])).toBeUndefined();
});

describe("a damaged state", () => {
  const mended = (copies: Copy[], cutOff = false) => mend("dev.json", "is empty", copies, cutOff, "npm run state");
  test("is replaced by the end of the last run", () => {
    const { restore, says } = mended([copy("dev.json.bak", 1, { afterRun: false }), copy("history", 2)]);
    expect(restore?.file).toBe("history");
    expect(says).toBe(
      "The state dev.json is empty. The newest whole copy is history of 2026-11-22T03:02:00.000Z with 7 resources, and takes its place; the damaged one is kept aside.",
    );
  });

  test.each([
    {
      when: "a run has written since",
      copies: [copy("history", 1), copy("dev.json.bak", 2, { afterRun: false })],
      cutOff: false,
    },
    { when: "a run was cut off", copies: [copy("history", 1)], cutOff: true },
  ])("is left to a human when $when", ({ copies, cutOff }) => {
    const { restore, says } = mended(copies, cutOff);
    expect(restore).toBeUndefined();
    expect(says).toMatch(/it may lack what that run made last\. To go on from it: npm run state$/);
  });

  test("without a whole copy is never started anew", () => {
    const { restore, says } = mended([copy("history", 1, damaged)]);
    expect(restore).toBeUndefined();
    expect(says).toMatch(/No copy of it is whole\. Bring the file back/);
  });
});
