import { readFileSync } from "node:fs";
import { join } from "node:path";
import { outside } from "../../components/mesh-calls.ts";
import { readMesh, sampleOf } from "../../topology/reading.ts";
import type { Pod } from "../../topology/proxies.ts";

/**
 * What Envoy 1.39.3 gave with the tags of Istio's bootstrap and the statistics of components/proxy-statistics.ts, after five
 * answers 200 and one 503 of a Service, one answer 200 of its version v2, and a connection to another over TCP.
 */
const envoy = readFileSync(join(import.meta.dirname, "envoy.txt"), "utf8");

const pod = (namespace: string, name: string, labels: Readonly<Record<string, string>> = {}, ready = "True"): Pod => ({
  metadata: { namespace, name, uid: `uid-of-${name}`, labels },
  status: { conditions: [{ type: "Ready", status: ready }] },
});
const web = pod("shop", "web-7d9f-x2x1q", { "service.istio.io/canonical-name": "web", app: "other" });

describe("what a proxy has counted", () => {
  const { flows, ...others } = sampleOf(web, envoy, { at: 5, gateway: false });

  test("is of its pod's workload", () => {
    expect(others).toEqual({
      at: 5,
      uid: "uid-of-web-7d9f-x2x1q",
      pod: "shop/web-7d9f-x2x1q",
      workload: "shop/web",
      gateway: false,
    });
  });

  test("is added up over the versions of a Service, each answer once", () => {
    expect(
      flows.map(({ from, to, counts: { requests, failures, bytes } }) => [from, to, requests, failures, bytes]),
    ).toEqual([
      ["shop/web", "shop/db", 0, 0, 1125 + 79],
      ["shop/web", "bookstore/catalog", 7, 1, 1125 + 6767 + 199 + 1180],
    ]);
    expect(flows[1]?.counts.buckets.at(-1)).toEqual([Infinity, 7]);
  });

  test("has the calls of clients where it is a gateway's", () => {
    const gateway = sampleOf(pod("istio-ingress", "gateway-1", { app: "gateway" }), envoy, { at: 5, gateway: true });
    const clients = gateway.flows.filter(({ from }) => from === outside);
    expect(clients).toMatchObject([
      { to: "istio-ingress/gateway", counts: { requests: 7, failures: 1, bytes: 567 + 7917 } },
    ]);
    expect(clients[0]?.counts.buckets.at(-1)).toEqual([Infinity, 7]);
  });

  test("is nothing of proxies that were never asked, and a host of the outside is called as it is", () => {
    expect(sampleOf(web, "", { at: 0, gateway: true }).flows).toEqual([]);
    const inbound = 'envoy_cluster_upstream_rq{response_code_class="2xx",cluster_name="inbound|1323||"} 7';
    expect(sampleOf(web, inbound, { at: 0, gateway: false }).flows).toEqual([]);
    const external = inbound.replace("inbound|1323||", "outbound|443||api.example");
    expect(sampleOf(web, external, { at: 0, gateway: false }).flows).toMatchObject([{ to: "api.example" }]);
    const spans = inbound.replace("inbound|1323||", "outbound|9411||jaeger.tracing.svc.cluster.local");
    expect(sampleOf(web, spans, { at: 0, gateway: false }).flows).toEqual([]);
  });
});

describe("a whole mesh", () => {
  const clock = { now: () => 7, time: () => "2026-11-21T12:00:00.000Z" };
  const gateway = pod("istio-ingress", "gateway-1", { istio: "ingress", "app.kubernetes.io/name": "gateway" });
  const db = [pod("shop", "db-0", { app: "db" }), pod("shop", "db-1", { app: "db" }, "False")];
  const service = (name: string, selector?: object) => ({
    metadata: { namespace: "shop", name },
    spec: selector === undefined ? {} : { selector },
  });
  const services = [
    service("postgres", { app: "db" }),
    service("everything", {}),
    service("of-others"),
    service("nobody", { app: "none" }),
    service("alone", { "service.istio.io/canonical-name": "web" }),
  ];
  const asked: string[] = [];
  const get = (answer: (path: string) => Promise<string>) => (path: string) => {
    asked.push(path);
    if (path === "/api/v1/services") return Promise.resolve(JSON.stringify({ items: services }));
    if (!path.includes("labelSelector")) return answer(path);
    return Promise.resolve(JSON.stringify({ items: path.includes("istio-ingress") ? [gateway] : [web, ...db] }));
  };

  test("is read from the proxies of all pods that are ready, with the Services of each workload", async () => {
    const { samples, ...others } = await readMesh(
      get(() => Promise.resolve(envoy)),
      clock,
    );
    expect(samples.map((one) => [one.pod, one.workload, one.gateway, one.at])).toEqual([
      ["istio-ingress/gateway-1", "istio-ingress/gateway", true, 7],
      ["shop/web-7d9f-x2x1q", "shop/web", false, 7],
      ["shop/db-0", "shop/db", false, 7],
    ]);
    expect(others).toEqual({
      time: "2026-11-21T12:00:00.000Z",
      failed: [],
      services: new Map([
        ["shop/postgres", "shop/db"],
        ["shop/alone", "shop/web"],
      ]),
    });
    expect(asked).toContain("/api/v1/namespaces/istio-ingress/pods?labelSelector=istio%3Dingress");
    expect(asked).toContain("/api/v1/namespaces/shop/pods/db-0:15090/proxy/stats/prometheus?usedonly&filter=stream_");
  });

  test("is read without the proxies that do not answer, and not at all when none does", async () => {
    const some = await readMesh(
      get((path) => (path.includes("db-0") ? Promise.reject(new Error("gone")) : Promise.resolve(envoy))),
      clock,
    );
    expect(some.failed).toEqual(["shop/db-0"]);
    expect(some.samples).toHaveLength(2);
    await expect(
      readMesh(
        get(() => Promise.reject(new Error("gone"))),
        clock,
      ),
    ).rejects.toThrow("gone");
  });
});
