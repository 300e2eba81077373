import type { Panel } from "../../components/monitoring/insight.ts";
import { nameOf, readPanel } from "../../status/dashboards.ts";

const panel: Panel = {
  title: "Requests",
  unit: "reqps",
  queries: [
    { expr: "sum by (pod) (rate(a[5m]))", legend: "{{pod}}" },
    { expr: "b", legend: "all" },
  ],
};
const stretch = { start: 100, end: 160, step: 30 };

const answer = (result: readonly object[]) =>
  JSON.stringify({ status: "success", data: { resultType: "matrix", result } });

test("asks for every query in the stretch, and names the lines by their legends", async () => {
  const asked: string[] = [];
  const drawn = await readPanel(
    (path) => {
      asked.push(path);
      const values = [
        [100, "1"],
        [130, "NaN"],
        [160, "2.5"],
      ];
      return Promise.resolve(
        answer(path.includes("rate") ? [{ metric: { pod: "backend-0" }, values }] : [{ metric: {}, values: [] }]),
      );
    },
    panel,
    stretch,
  );
  expect(asked).toEqual([
    "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query_range?query=sum+by+%28pod%29+%28rate%28a%5B5m%5D%29%29&start=100&end=160&step=30",
    "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query_range?query=b&start=100&end=160&step=30",
  ]);
  expect(drawn).toEqual({
    title: "Requests",
    unit: "reqps",
    shows: "lines",
    series: [
      {
        name: "backend-0",
        points: [
          [100, 1],
          [160, 2.5],
        ],
      },
    ],
  });
});

test("an answer that is none of Prometheus' is an error, not an empty panel", async () => {
  await expect(readPanel(() => Promise.resolve('{"status":"error"}'), panel, stretch)).rejects.toThrow(/success/);
});

test.each([
  ["{{namespace}}/{{ pod }}", "shop/web"],
  ["all", "all"],
  ["{{missing}} errors", "errors"],
])("the legend %s is %s", (legend, name) => {
  expect(nameOf(legend, { namespace: "shop", pod: "web" })).toBe(name);
});
