import { sourcesFile } from "../../../components/monitoring/grafana-sources.ts";

const of = (...seen: Parameters<typeof sourcesFile>) =>
  new Map(sourcesFile(...seen).datasources.map((one) => [one.name, one]));

test("there is a source for what there is, Prometheus first", () => {
  expect([...of({ traces: false }).keys()]).toEqual(["Prometheus"]);
  expect([...of({ logs: ["platform"], traces: false }).keys()]).toEqual(["Prometheus", "Loki"]);
  expect([...of({ logs: ["platform"], traces: true }).keys()]).toEqual(["Prometheus", "Loki", "Jaeger"]);
});

test("Loki is asked for the lines of every owner, by one header", () => {
  expect(of({ logs: ["platform", "shop"], traces: false }).get("Loki")).toMatchObject({
    url: "http://loki.logging.svc:3100",
    jsonData: { httpHeaderName1: "X-Scope-OrgID", derivedFields: [] },
    secureJsonData: { httpHeaderValue1: "platform|shop" },
  });
});

test("a line leads to its request, and a request to its lines, where both are kept", () => {
  const both = of({ logs: ["platform"], traces: true });
  expect(both.get("Loki")).toMatchObject({
    jsonData: { derivedFields: [{ matcherType: "label", matcherRegex: "trace_id", datasourceUid: "jaeger" }] },
  });
  expect(both.get("Jaeger")).toMatchObject({
    url: "http://jaeger.tracing.svc:16686",
    jsonData: { tracesToLogsV2: { datasourceUid: "loki", query: '{source="pods"} | trace_id="$${__trace.traceId}"' } },
  });
  expect(of({ traces: true }).get("Jaeger")).toMatchObject({ jsonData: { nodeGraph: { enabled: true } } });
  expect(of({ traces: true }).get("Jaeger")).not.toHaveProperty("jsonData.tracesToLogsV2");
});

test("no dollar stands alone, which Grafana would take for a variable", () => {
  const text = JSON.stringify(sourcesFile({ logs: ["platform"], traces: true }));
  expect(text.replaceAll("$$", "")).not.toContain("$");
});
