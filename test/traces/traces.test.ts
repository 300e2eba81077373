import { newestOf, servicesOf, traceOf, tracesIn } from "../../traces/reading.ts";
import { drawTrace } from "../../traces/svg.ts";
import { lengthOf, listText, stepsOf, tookText, waterfallText } from "../../traces/waterfall.ts";

/** A span as Jaeger's HTTP API writes it. */
const span = (spanID: string, processID: string, startTime: number, duration: number, more: object = {}) => ({
  traceID: "4bf92f35",
  spanID,
  operationName: `${processID}.shop.svc.cluster.local:80/*`,
  references: [],
  startTime,
  duration,
  tags: [{ key: "http.status_code", type: "string", value: "200" }],
  processID,
  ...more,
});
const childOf = (spanID: string) => ({ references: [{ refType: "CHILD_OF", traceID: "4bf92f35", spanID }] });
const start = 1_795_000_000_000_000;
const answer = JSON.stringify({
  data: [
    {
      traceID: "4bf92f35",
      spans: [
        span("c", "payment", start + 5_000, 4_000, {
          ...childOf("b"),
          tags: [{ key: "http.status_code", type: "string", value: "503" }],
        }),
        span("b", "order", start + 1_000, 12_000, childOf("a")),
        span("a", "gateway", start, 16_000),
        span("d", "catalog", start + 2_000, 1_000, childOf("b")),
        span("e", "order", start + 20_000, 0, childOf("never-brought")),
      ],
      processes: Object.fromEntries(
        ["gateway", "order", "payment", "catalog"].map((name) => [name, { serviceName: `${name}.shop` }]),
      ),
    },
  ],
});
const [trace] = tracesIn(answer);
if (trace === undefined) throw new Error("the answer has one trace");

test("each step stands below the one that it is a part of, by time, and what has lost its own at the top", () => {
  expect(stepsOf(trace).map(({ span: { id }, depth }) => [id, depth])).toEqual([
    ["a", 0],
    ["b", 1],
    ["d", 2],
    ["c", 2],
    ["e", 0],
  ]);
  expect(lengthOf(trace)).toBe(20_000);
  expect(stepsOf(trace).map(({ from, to }) => [from, to])[1]).toEqual([0.05, 0.65]);
});

test("a step has failed by its own word, or by what it answers", () => {
  const failing = (tags: object[]) =>
    tracesIn(JSON.stringify({ data: [{ traceID: "1", spans: [span("a", "a", 1, 1, { tags })], processes: {} }] }))[0]
      ?.spans[0]?.failed;
  expect(trace.spans.filter(({ failed }) => failed).map(({ id }) => id)).toEqual(["c"]);
  expect(failing([{ key: "error", value: true }])).toBe(true);
  expect(failing([{ key: "error", value: "false" }])).toBe(false);
  expect(failing([{ key: "http.status_code", value: 500 }])).toBe(true);
  expect(failing([{ key: "http.status_code", value: "499" }])).toBe(false);
  expect(failing([])).toBe(false);
});

test("it reads as lines", () => {
  expect(waterfallText(trace).split("\n")).toEqual([
    "4bf92f35, 2026-11-18 11:06:40.000: 5 steps of 4 services in 20 ms, 1 failed",
    "",
    expect.stringMatching(/^step +what +when +took$/),
    expect.stringMatching(/^gateway\.shop +\S+ +█{26}·{6} +16 ms$/),
    expect.stringMatching(/^ {2}order\.shop +\S+ +··█{19}·{11} +12 ms$/),
    expect.stringMatching(/^ {4}catalog\.shop +\S+ +·{3}█+·+ +1\.0 ms$/),
    expect.stringMatching(/^ {4}payment\.shop +\S+ +·+█+·+ +4\.0 ms +failed$/),
    expect.stringMatching(/^order\.shop +\S+ +·{31}█ +0\.0 ms$/),
  ]);
  expect(listText([trace]).split("\n")[1]).toMatch(/^2026-11-18 11:06:40\.000 +4bf92f35 +gateway\S+ +20 ms +5 +4 +1$/);
  expect([tookText(999), tookText(12_345), tookText(1_250_000)]).toEqual(["1.0 ms", "12 ms", "1.25 s"]);
});

test("it is drawn with a row for each step, words and all, and nothing of a name is markup", () => {
  const drawn = drawTrace(trace);
  expect(drawn.match(/<rect class="(step|failed)"/g)).toHaveLength(5);
  expect(drawn.match(/<rect class="failed"/g)).toHaveLength(1);
  const odd = { id: "1", spans: trace.spans.map((one) => ({ ...one, service: "<b>&" })) };
  expect(drawTrace(odd)).not.toContain("<b>");
});

test("Jaeger is asked through the API server, for what is wanted", async () => {
  const asked: string[] = [];
  const get = (text: string) => (path: string) => {
    asked.push(path);
    return Promise.resolve(text);
  };
  expect(await servicesOf(get('{"data":["b","a"]}'))).toEqual(["a", "b"]);
  expect(await servicesOf(get('{"data":null}'))).toEqual([]);
  expect((await newestOf(get(answer), "gateway.shop", 5)).map(({ id }) => id)).toEqual(["4bf92f35"]);
  expect((await traceOf(get(answer), "4bf92f35"))?.spans).toHaveLength(5);
  const base = "/api/v1/namespaces/tracing/services/jaeger:16686/proxy/api";
  expect(asked).toEqual([
    `${base}/services`,
    `${base}/services`,
    `${base}/traces?service=gateway.shop&limit=5&lookback=custom`,
    `${base}/traces/4bf92f35`,
  ]);
});

test("what Jaeger knows no more is no error, and another error is one", async () => {
  const failing = (words: string) => () => Promise.reject(new Error(words));
  expect(await traceOf(failing("the server could not find the requested resource"), "1")).toBe(undefined);
  await expect(traceOf(failing("Unable to connect to the server"), "1")).rejects.toThrow("Unable to connect");
});
