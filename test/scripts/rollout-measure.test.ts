import { countsIn, measureBy } from "../../scripts/rollout-measure.ts";

const target = { namespace: "bookstore", service: "catalog", version: "v2" };
const of = (version: string, host = "catalog.bookstore.svc.cluster.local") => `outbound|80|${version}|${host}`;

/** Statistics as a proxy with Istio's bootstrap gives them. */
function statistics(cluster: string, classes: Readonly<Record<string, number>>, times: readonly number[] = []): string {
  const bounds = [25, 50, 100, 250, 500, "+Inf"] as const;
  const answers = Object.entries(classes).map(
    ([of, count]) =>
      `envoy_cluster_upstream_rq{response_code_class="${of}",cluster_name="${cluster}"} ${String(count)}`,
  );
  const buckets = bounds.map(
    (most, index) =>
      `envoy_cluster_upstream_rq_time_bucket{cluster_name="${cluster}",le="${String(most)}"} ${String(times[index] ?? 0)}`,
  );
  return [
    "# TYPE envoy_cluster_upstream_rq counter",
    ...answers,
    `envoy_cluster_upstream_rq{response_code="200",cluster_name="${cluster}"} 12345`,
    `envoy_cluster_upstream_rq_completed{cluster_name="${cluster}"} 12345`,
    `envoy_cluster_upstream_rq_retry{cluster_name="${cluster}"} 7`,
    "# TYPE envoy_cluster_upstream_rq_time histogram",
    ...buckets,
    `envoy_cluster_upstream_rq_time_sum{cluster_name="${cluster}"} 99.5`,
    `envoy_cluster_upstream_rq_time_count{cluster_name="${cluster}"} ${String(times.at(-1) ?? 0)}`,
    "",
  ].join("\n");
}

test("only answers and times of the version are counted, each answer once", () => {
  const text = [
    statistics(of("v1"), { "2xx": 900, "5xx": 90 }, [1, 1, 1, 1, 1, 990]),
    statistics(of("v2"), { "2xx": 95, "4xx": 3, "5xx": 2 }, [50, 80, 98, 99, 100, 100]),
    statistics(of(""), { "5xx": 1000 }),
    statistics(of("v2", "catalog.other.svc.cluster.local"), { "5xx": 1000 }),
    statistics(of("v2", "old-catalog.bookstore.svc.cluster.local"), { "5xx": 1000 }),
    statistics("inbound|8080|v2|catalog.bookstore.svc.cluster.local", { "5xx": 1000 }),
  ].join("\n");
  expect(countsIn(text, target)).toEqual({
    requests: 100,
    failures: 2,
    buckets: [
      [25, 50],
      [50, 80],
      [100, 98],
      [250, 99],
      [500, 100],
      [Infinity, 100],
    ],
    bytes: 0,
  });
});

test("a proxy that never called has counted nothing", () => {
  expect(countsIn("", target)).toEqual({ requests: 0, failures: 0, buckets: [], bytes: 0 });
});

test("measures from its restart on, with proxies that come and go", async () => {
  const readings = [
    { old: { "2xx": 1000, "5xx": 500 }, going: { "2xx": 10 } },
    { old: { "2xx": 1090, "5xx": 501 }, going: { "2xx": 20 } },
    { old: { "2xx": 1100, "5xx": 501 }, coming: { "2xx": 30, "5xx": 1 } },
  ].map(
    (proxies) =>
      new Map(
        Object.entries(proxies).map(([name, classes]) => {
          const all = Object.values<number>(classes).reduce((sum, one) => sum + one, 0);
          return [name, statistics(of("v2"), classes, [all, all, all, all, all, all])];
        }),
      ),
  );
  const measure = measureBy(() => Promise.resolve(readings.shift() ?? new Map<string, string>()), target);
  await measure.restart();
  const first = await measure.look();
  expect(first).toMatchObject({ requests: 101, failures: 1 });
  expect(first.p99Milliseconds).toBeCloseTo(24.75);
  expect(await measure.look()).toMatchObject({ requests: 142, failures: 2 });
  expect(await measure.look()).toMatchObject({ requests: 142, failures: 2 });
});
