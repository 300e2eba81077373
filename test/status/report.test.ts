import { readHealth, type Reading } from "../../status/reading.ts";
import { isWell, reportOf, reportText } from "../../status/report.ts";

const now = 1_000_000;
const hour = 3600;
const well: Reading = {
  now,
  nodes: { known: [{ name: "n1", version: "v1.36.3", ill: [] }] },
  workloads: { known: [{ name: "backend/backend", wanted: 3, available: 3 }] },
  certificates: {
    known: [{ name: "a/b", ready: true, says: "up to date", renews: now + hour, ends: now + 24 * hour }],
  },
  alerts: { known: [] },
  figures: {
    known: {
      targets: 51,
      targetsDown: 0,
      lastBackup: now - 60,
      lastUpload: now - 50,
      drillOk: 1,
      lastDrill: now - 600,
      errorShare: 0,
      slowShare: 0,
    },
  },
};
const reasonsOf = (more: Partial<Reading>) => reportOf({ ...well, ...more }).flatMap(({ reasons }) => reasons);

test("a platform that is well has seven green lines", () => {
  const lines = reportOf(well);
  expect(isWell(lines)).toBe(true);
  expect(reportText(lines, (state, text) => `${state} ${text}`).split("\n")).toEqual([
    "well ✔ nodes         1, v1.36.3",
    "well ✔ workloads     1, all as many as wanted",
    "well ✔ certificates  1, the next one ends in 24 h",
    "well ✔ targets       51 are scraped",
    "well ✔ backups       the newest was taken 60.0 s ago, and brought away 50.0 s ago; drilled 10 min ago",
    "well ✔ objectives    within the last hour 0.00 % of the requests failed and 0.00 % were slow",
    "well ✔ alerts        none fires",
  ]);
});

const known = well.figures as { known: object };
test.each<[string, Partial<Reading>, string]>([
  [
    "a node is not Ready",
    { nodes: { known: [{ name: "n1", version: "v1", ill: ["is not Ready: Kubelet stopped posting"] }] } },
    "n1 is not Ready: Kubelet stopped posting — kubectl describe node n1",
  ],
  [
    "replicas are missing",
    { workloads: { known: [{ name: "shop/web", wanted: 3, available: 1 }] } },
    "shop/web: 1 of 3 are there — kubectl get pods -n shop",
  ],
  [
    "a certificate is not ready",
    { certificates: { known: [{ name: "a/b", ready: false, says: "no such issuer" }] } },
    "a/b is not ready: no such issuer",
  ],
  [
    "a certificate is not renewed",
    { certificates: { known: [{ name: "a/b", ready: true, says: "", renews: now - hour, ends: now + hour }] } },
    "a/b has not been renewed, and ends in 60 min — docs/alerts.md",
  ],
  [
    "a target is down",
    { figures: { known: { ...known.known, targetsDown: 2 } } },
    "2 are down — docs/alerts.md, TargetDown",
  ],
  ["a drill was red", { figures: { known: { ...known.known, drillOk: 0 } } }, "the last drill was red — npm run drill"],
  [
    "nobody drills any more",
    { figures: { known: { ...known.known, lastDrill: now - 48 * hour } } },
    "the last drill was 2 d ago — npm run drill",
  ],
  [
    "too many requests fail",
    { figures: { known: { ...known.known, errorShare: 0.02 } } },
    "more fail than the 0.10 % that is promised — docs/alerts.md, BackendErrorBudgetFast",
  ],
  [
    "an alert fires",
    { alerts: { known: [{ name: "EtcdNoLeader", severity: "critical", summary: "No leader." }] } },
    "critical EtcdNoLeader: No leader. — docs/alerts.md",
  ],
  [
    "a part cannot be read",
    { alerts: { why: "the server could not find the requested resource" } },
    "the server could not find the requested resource",
  ],
])("%s: one red line says so", (_, more, reason) => {
  expect(reasonsOf(more)).toEqual([reason]);
  expect(isWell(reportOf({ ...well, ...more }))).toBe(false);
});

/** What an API server answers, by the end of the path. */
const api: Readonly<Record<string, object | readonly object[]>> = {
  "/api/v1/nodes": {
    items: [
      {
        metadata: { name: "n1" },
        spec: { unschedulable: true },
        status: {
          nodeInfo: { kubeletVersion: "v1.36.3" },
          conditions: [
            { type: "Ready", status: "True", message: "posting" },
            { type: "DiskPressure", status: "True", message: "no space" },
          ],
        },
      },
    ],
  },
  "/apis/apps/v1/deployments": {
    items: [{ metadata: { name: "d", namespace: "n" }, spec: { replicas: 2 }, status: { availableReplicas: 1 } }],
  },
  "/apis/apps/v1/statefulsets": { items: [] },
  "/apis/apps/v1/daemonsets": {
    items: [
      {
        metadata: { name: "s", namespace: "n" },
        spec: {},
        status: { numberAvailable: 4, desiredNumberScheduled: 5 },
      },
    ],
  },
};

test("what the API server says is read, and what it refuses is told", async () => {
  const get = (path: string): Promise<string> => {
    const found = api[path];
    return found === undefined
      ? Promise.reject(new Error(`no ${path.split("?")[0] ?? ""}`))
      : Promise.resolve(JSON.stringify(found));
  };
  const reading = await readHealth(get, now);
  expect(reading.nodes).toEqual({
    known: [
      {
        name: "n1",
        version: "v1.36.3",
        ill: ["has DiskPressure: no space", "is cordoned, so that no pod comes to it"],
      },
    ],
  });
  expect(reading.workloads).toEqual({
    known: [
      { name: "n/d", wanted: 2, available: 1 },
      { name: "n/s", wanted: 5, available: 4 },
    ],
  });
  expect(reading.certificates).toEqual({ why: "no /apis/cert-manager.io/v1/certificates" });
  expect(reading.alerts).toEqual({
    why: "no /api/v1/namespaces/monitoring/services/alertmanager:9093/proxy/api/v2/alerts",
  });
});
