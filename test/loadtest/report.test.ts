import { loadTestJson, loadTestText, rampJson, rampText, verdictsOf, verdictText } from "../../loadtest/report.ts";
import { figuresOf } from "../../loadtest/figures.ts";
import { endOf } from "../../loadtest/ramp.ts";
import { answers, target, tested } from "./fixture.ts";

const good = answers(50, (index) => ({ milliseconds: index + 1 }));
const bad = answers(50, (index) => ({
  milliseconds: 10,
  bytes: 1024,
  address: index % 2 === 0 ? "192.0.2.1" : "192.0.2.2",
  ...(index < 2 ? { status: 500 } : {}),
}));

test("one target", () => {
  expect(loadTestText(tested(good))).toBe(
    `ingress: https://enroll.example:30443/api at 192.0.2.1
50 requests/s (the lab's rate) for 1 s each

           ingress
requests        50
sent        50.0/s
success   100.00 %
p50        25.0 ms
p90        45.0 ms
p95        48.0 ms
p99        50.0 ms
max        50.0 ms
mean       25.5 ms
received   4.9 KiB
status     200: 50

errors: none`,
  );
});

test("two targets stand side by side, with the ratio, each address and the errors", () => {
  const lines = loadTestText(tested(good, bad)).split("\n");
  expect(lines).toContain("           ingress           direct");
  expect(lines).toContain("p99        50.0 ms          10.0 ms");
  expect(lines.slice(-4)).toEqual([
    "p99 of ingress over that of direct: 5.00",
    "direct at 192.0.2.1: 25 requests, 96.00 % succeeded, p99 10.0 ms",
    "direct at 192.0.2.2: 25 requests, 96.00 % succeeded, p99 10.0 ms",
    "direct: 2 of status 500 (between 0.0 s and 0.0 s)",
  ]);
});

test("another rate than the lab's says so", () => {
  expect(loadTestText({ ...tested(good), rate: 200 })).toMatch("200 requests/s (the lab's rate is 50) for 1 s each");
});

test("what is missed is said so", () => {
  const text = verdictText(verdictsOf(tested(good, bad)));
  expect(text.split("\n").map((line) => line.split(" ")[0])).toEqual([
    "met",
    "met",
    "met",
    "MISSED",
    "MISSED",
    "MISSED",
  ]);
});

test("the data has the figures of every target and second, the ratio, and no certificate", () => {
  const test = tested(good, bad);
  const [ingress] = test.measured;
  const data = loadTestJson({
    ...test,
    measured: [{ ...ingress, target: target({ ca: "PEM" }) }, ...test.measured.slice(1)],
  });
  expect(data).toMatchObject({
    requestsPerSecond: 50,
    labRequestsPerSecond: 50,
    p99Ratios: { direct: 5 },
    targets: [
      { name: "ingress", requests: 50, perSecond: [{ second: 0, requests: 50, failed: 0 }] },
      { name: "direct", good: 48, statuses: { "200": 48, "500": 2 } },
    ],
  });
  expect(JSON.stringify(data)).not.toMatch("PEM");
  expect(JSON.parse(JSON.stringify(data))).toEqual(data);
});

test("a ramp is a line for each step, and how it ended", () => {
  const steps = [
    figuresOf(answers(250), { rate: 50, seconds: 5 }),
    figuresOf(
      answers(500, (index) => (index < 50 ? { status: 429 } : {})),
      { rate: 100, seconds: 5 },
    ),
  ];
  const found = { started: "2026-11-21T18:00:00.000Z", target: target(), steps, ...endOf(steps) };
  expect(rampText(found)).toBe(
    `ingress: https://enroll.example:30443/api at 192.0.2.1

asked     sent   success      p50      p99      max
50/s    50.0/s  100.00 %  10.0 ms  10.0 ms  10.0 ms  held
100/s  100.0/s   90.00 %  10.0 ms  10.0 ms  10.0 ms  only 90.00 % succeeded (status 429)

50 requests/s were held: at 100 requests/s only 90.00 % succeeded (status 429).`,
  );
  expect(rampJson(found)).toMatchObject({ held: 50, steps: [{ asked: 50 }, { asked: 100, good: 450 }] });
});
