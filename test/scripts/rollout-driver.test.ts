import fc from "fast-check";
import { rolloutsSchema, stepsOf } from "../../components/rollout-schema.ts";
import {
  burns,
  driveRollout,
  type Measure,
  nextDecision,
  type Observation,
  patience,
  type RolloutEvent,
  type RolloutRules,
  startRollout,
  windowOf,
} from "../../scripts/rollout-driver.ts";

function rulesOf(more: object = {}): RolloutRules {
  const [rules] = Object.values(rolloutsSchema.parse({ "a/b": { from: "v1", to: "v2", ...more } }));
  if (rules === undefined) throw new Error("It is there.");
  return rules;
}

const rules = rulesOf({ strategy: { kind: "canary", steps: [10, 50, 100] } });
const seen = (requests: number, failures = 0, p99Milliseconds = 20): Observation => ({
  requests,
  failures,
  p99Milliseconds,
});
const looked = (elapsed: number, of: Observation | undefined): RolloutEvent => ({ kind: "looked", elapsed, seen: of });
const applied = (ok: boolean): RolloutEvent => ({ kind: "applied", ok });

test.each([
  [0, 1, "the first requests go to v2, step 1 of 3: 10 percent"],
  [2, 2, "it goes on where it stopped, step 2 of 3: 50 percent"],
])("from step %d it starts by applying step %d", (step, first, why) => {
  expect(startRollout({ ...rules, step })).toEqual({
    state: { step: first },
    action: { kind: "apply", step: first, why },
  });
});

const back = (why: string) => ({ state: { step: 2, rollingBack: why }, action: { kind: "apply", step: 0, why } });
const watch = (why: string) => ({ state: { step: 2 }, action: { kind: "watch", why } });

test.each<[what: string, event: RolloutEvent, expected: object]>([
  ["the step is applied", applied(true), watch("step 2 of 3: 50 percent")],
  ["the `up` fails", applied(false), back("the `up` of step 2 failed")],
  ["the objective holds, the window is not over", looked(59_999, seen(5000)), watch("the objective holds")],
  [
    "the objective held for the window",
    looked(60_000, seen(1000, 1)),
    { state: { step: 3 }, action: { kind: "apply", step: 3, why: "the objective held, step 3 of 3: 100 percent" } },
  ],
  [
    "too few requests in the window",
    looked(60_000, seen(999)),
    watch("999 of the 1000 requests that it takes to judge"),
  ],
  [
    "no request at all",
    looked(60_000, { requests: 0, failures: 0 }),
    watch("0 of the 1000 requests that it takes to judge"),
  ],
  ["nothing could be read", looked(60_000, undefined), watch("0 of the 1000 requests that it takes to judge")],
  [
    "too few requests for too long",
    looked(600_000, seen(999)),
    back("after 10 windows there were 999 of the 1000 requests that it takes to judge"),
  ],
  [
    "failures that no later success makes good",
    looked(1, seen(2, 2)),
    back("v2 failed 2 of 2 requests, 0.00 percent succeeded of the 99.9 that must"),
  ],
  [
    "too many failures at the window's end",
    looked(60_000, seen(10_000, 11)),
    back("v2 failed 11 of 10000 requests, 99.89 percent succeeded of the 99.9 that must"),
  ],
  ["a p99 above the objective", looked(60_000, seen(1000, 0, 301)), back("the p99 of v2 was 301 ms, above 300 ms")],
  [
    "a p99 of too few requests",
    looked(10_000, seen(999, 0, 301)),
    watch("999 of the 1000 requests that it takes to judge"),
  ],
])("at step 2: %s", (_what, event, expected) => {
  expect(nextDecision(rules, { step: 2 }, event)).toEqual(expected);
});

test("the last step that holds ends it", () => {
  expect(nextDecision(rules, { step: 3 }, looked(60_000, seen(1000))).action).toEqual({
    kind: "end",
    outcome: "promoted",
    why: "v2 has kept its objective with all requests",
  });
});

test.each([
  [true, "rolled-back", "it burns"],
  [false, "stuck", "it burns, and going back failed: run it again, or set the step to 0 and run `npm run up`"],
])("going back that went well %s ends as %s", (ok, outcome, why) => {
  const { action } = nextDecision(rules, { step: 2, rollingBack: "it burns" }, applied(ok));
  expect(action).toEqual({ kind: "end", outcome, why });
});

const observation = fc.oneof(
  fc
    .record({
      requests: fc.integer({ min: 0, max: 3000 }),
      part: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })),
      p99Milliseconds: fc.integer({ min: 1, max: 600 }),
    })
    .map(({ part, ...rest }) => ({ ...rest, failures: Math.floor(rest.requests * part) })),
  fc.record({
    requests: fc.integer({ min: 1000, max: 3000 }),
    failures: fc.constant(0),
    p99Milliseconds: fc.constant(20),
  }),
  fc.constant(undefined),
);

/** The driver in a world where each look takes its time and sees what is next, and each `up` goes as is next. */
async function driven(given: RolloutRules, looks: readonly (Observation | undefined)[], ups: readonly boolean[]) {
  const did: ({ step: number; ok: boolean } | { look: Observation | undefined })[] = [];
  let [time, looking, upping] = [0, 0, 0];
  const measure: Measure = {
    restart: () => Promise.resolve(),
    look: () => {
      const look = looks[looking++ % looks.length];
      did.push({ look });
      return look === undefined ? Promise.reject(new Error("no way")) : Promise.resolve(look);
    },
  };
  const end = await driveRollout(given, {
    apply: (step) => {
      const ok = ups[upping++ % ups.length] ?? true;
      did.push({ step, ok });
      return Promise.resolve(ok);
    },
    measure,
    wait: (milliseconds) => {
      time += milliseconds;
      return Promise.resolve();
    },
    now: () => time,
    say: () => undefined,
  });
  return { end, did, steps: did.flatMap((one) => ("step" in one ? [one.step] : [])) };
}

const worlds = [
  fc.array(observation, { minLength: 1, maxLength: 40 }),
  fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
] as const;

test("it always ends, goes back at most once and then ends, and takes no step but the next one", async () => {
  await fc.assert(
    fc.asyncProperty(...worlds, async (looks, ups) => {
      const { end, did, steps } = await driven(rules, looks, ups);
      expect(did.length).toBeLessThan(4 * (6 * patience + 2));
      const backs = steps.filter((step) => step === 0).length;
      expect(backs).toBe(end.outcome === "promoted" ? 0 : 1);
      if (backs === 1) expect(did.at(-1)).toMatchObject({ step: 0, ok: end.outcome === "rolled-back" });
      const up = steps.filter((step) => step > 0);
      expect(up).toEqual(up.map((_, index) => index + 1));
      if (end.outcome === "promoted") expect(up).toHaveLength(stepsOf(rules.strategy).length);
    }),
  );
});

test("a step is only taken after one that was seen to hold, with enough requests", async () => {
  await fc.assert(
    fc.asyncProperty(...worlds, async (looks, ups) => {
      const { did } = await driven(rules, looks, ups);
      did.forEach((one, index) => {
        if (!("step" in one) || one.step < 2) return;
        const before = did[index - 1];
        const look = before !== undefined && "look" in before ? before.look : undefined;
        const { requests = 0, failures = 0, p99Milliseconds = Infinity } = look ?? {};
        expect(requests).toBeGreaterThanOrEqual(1000);
        expect(failures).toBeLessThanOrEqual(requests / 1000);
        expect(p99Milliseconds).toBeLessThanOrEqual(300);
      });
    }),
  );
});

test("what burns with few requests burns with any number that follow without a failure, up to those it takes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 999 }), (requests, failures) => {
      fc.pre(failures <= requests);
      expect(burns(rules, seen(requests, failures)) === undefined).toBe(
        burns(rules, seen(1000, failures)) === undefined,
      );
    }),
  );
});

test("a healthy version gets there in as many windows as there are steps", async () => {
  const { end, steps, did } = await driven(rules, [seen(2000)], [true]);
  expect([end.outcome, steps]).toEqual(["promoted", [1, 2, 3]]);
  expect(did.filter((one) => "look" in one)).toHaveLength(3 * 6);
});

test("it tells how it goes", async () => {
  const lines: string[] = [];
  let time = 0;
  const blueGreen = rulesOf({ strategy: { kind: "blue-green" } });
  let restarts = 0;
  const end = await driveRollout(blueGreen, {
    apply: () => Promise.resolve(true),
    measure: {
      restart: () => (restarts++ === 0 ? Promise.reject(new Error("no route")) : Promise.resolve()),
      look: () => Promise.resolve(seen(time < 25_000 ? 10 : 20, time < 25_000 ? 0 : 9, 250)),
    },
    wait: (milliseconds) => Promise.resolve(void (time += milliseconds)),
    now: () => time,
    say: (line) => lines.push(line),
  });
  expect(end).toEqual({
    kind: "end",
    outcome: "rolled-back",
    why: "v2 failed 9 of 20 requests, 55.00 percent succeeded of the 99.9 that must",
  });
  expect(lines).toEqual([
    "The first requests go to v2, step 1 of 1: 100 percent.",
    "  nothing can be read: no route",
    "  10 s: 10 requests, 0 failed, p99 250 ms: 10 of the 1000 requests that it takes to judge",
    "  20 s: 20 requests, 9 failed, p99 250 ms",
    "Going back: v2 failed 9 of 20 requests, 55.00 percent succeeded of the 99.9 that must.",
  ]);
  expect(windowOf(blueGreen)).toBe(60_000);
});
