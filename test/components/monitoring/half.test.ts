import { graphProblems } from "../../../components/connectivity-graph.ts";
import { monitoringHalf } from "../../../components/monitoring/half.ts";
import { monitoringSchema, type PrometheusConfig } from "../../../components/monitoring/schema.ts";
import { devInsights } from "../../lib/alerts-page.ts";
import { facts } from "../../lib/stacks.ts";

const halfOf = (more: object = {}, seen = { logs: true, traces: true }) => {
  const config = monitoringSchema.parse({ kind: "prometheus", ...more }) as PrometheusConfig;
  return monitoringHalf(config, devInsights(), facts, { closed: "every-pod" }, seen);
};
const edgesOf = (more?: object) => (halfOf(more).edges ?? []).map(({ from, to, port }) => `${from} ${to} ${port}`);

test("every scrape is an edge from Prometheus, once", () => {
  const called = devInsights().flatMap(({ scrapes }) => scrapes.map(({ edge }) => `${edge.to} ${edge.port}`));
  const wanted = new Set(called.filter((edge) => !edge.startsWith("monitoring/prometheus")));
  const edges = edgesOf();
  for (const edge of wanted) expect(edges.filter((one) => one === `monitoring/prometheus ${edge}`)).toHaveLength(1);
  expect(new Set(edges).size).toBe(edges.length);
});

test("a single Prometheus does not call itself, and two call each other", () => {
  const own = "monitoring/prometheus monitoring/prometheus web";
  expect(edgesOf()).not.toContain(own);
  expect(edgesOf({ replicas: 2, alertmanager: { replicas: 2 } })).toContain(own);
});

test("several Alertmanagers tell each other, over TCP and UDP, and a single one nobody", () => {
  const among = (edges: string[]) =>
    edges.filter((edge) => edge.startsWith("monitoring/alertmanager monitoring/alertmanager"));
  expect(among(edgesOf())).toEqual([]);
  expect(among(edgesOf({ alertmanager: { replicas: 2 } }))).toHaveLength(2);
});

test("a receiver by its address is let out to alone; one by its name, anywhere outside the cluster on its port", () => {
  const peerOf = (url: string) =>
    halfOf({ alertmanager: { receiver: { kind: "webhook", url } } }).peers?.["alert-receiver"];
  expect(peerOf("http://203.0.113.7:8080/hook")).toEqual({
    cidrs: ["203.0.113.7/32"],
    ports: { webhook: { port: 8080 } },
    amongPods: true,
  });
  expect(peerOf("https://alerts.example/hook")).toMatchObject({
    cidrs: ["0.0.0.0/0"],
    except: [facts.podCidr, facts.serviceCidr, "169.254.169.254/32"],
    ports: { webhook: { port: 443 } },
  });
  expect(halfOf().peers).not.toHaveProperty("alert-receiver");
});

test("a mail server is let out to at its port, and a chat, whose URL is a secret, anywhere outside", () => {
  const addresses = { from: "a@acme.example", to: ["ops@acme.example"] };
  const halfWith = (receiver: object) => halfOf({ alertmanager: { receiver } });
  expect(halfWith({ kind: "email", server: "192.0.2.25:587", ...addresses }).peers?.["alert-receiver"]).toEqual({
    cidrs: ["192.0.2.25/32"],
    ports: { smtp: { port: 587 } },
    amongPods: true,
  });
  expect(halfWith({ kind: "slack" }).peers?.["alert-receiver"]).toMatchObject({
    cidrs: ["0.0.0.0/0"],
    ports: { chat: { port: 443 } },
  });
  expect(edgesOf({ alertmanager: { receiver: { kind: "slack" } } })).toContain(
    "monitoring/alertmanager alert-receiver chat",
  );
});

test("Prometheus is let out to where it brings what it measures, and resolves it, and else to neither", () => {
  const remoteWrite = { url: "https://metrics.example/api/v1/write" };
  expect(halfOf({ remoteWrite }).peers?.["remote-write"]).toMatchObject({ ports: { write: { port: 443 } } });
  expect(edgesOf({ remoteWrite }).filter((edge) => !edgesOf().includes(edge))).toEqual([
    "monitoring/prometheus remote-write write",
    "monitoring/prometheus kube-system/coredns dns",
    "monitoring/prometheus kube-system/coredns dns-tcp",
  ]);
});

test("Grafana asks Loki and Jaeger where they are, and is not there to ask where it is not wanted", () => {
  const asked = (grafana: object, seen?: { logs: boolean; traces: boolean }) =>
    (halfOf({ grafana }, seen).edges ?? []).flatMap(({ from, to, port }) =>
      from === "monitoring/grafana" && !to.startsWith("kube-system/") ? [`${to} ${port}`] : [],
    );
  const figures = "monitoring/prometheus web";
  expect(asked({ kind: "grafana" })).toEqual([figures, "logging/loki http", "tracing/jaeger query"]);
  expect(asked({ kind: "grafana" }, { logs: false, traces: false })).toEqual([figures]);
  expect(asked({ kind: "none" })).toEqual([]);
});

test("nobody asks the control plane where it keeps its figures to itself", () => {
  const config = monitoringSchema.parse({ kind: "prometheus" }) as PrometheusConfig;
  const seen = { logs: false, traces: false };
  const without = devInsights().filter(({ of }) => of !== "control-plane");
  const { peers, edges = [] } = monitoringHalf(config, without, facts, { closed: "every-pod" }, seen);
  expect(peers).not.toHaveProperty("control-plane");
  expect(edges.some(({ to }) => to === "control-plane")).toBe(false);
});

test("it is sound with the rest only, since it calls what others have", () => {
  const own = graphProblems(facts, [halfOf()]).map(([, problem]) => problem);
  expect(own.every((problem) => problem.startsWith("there is no "))).toBe(true);
});
