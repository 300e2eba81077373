import { dashboardsOf, panelsOf } from "../../../components/monitoring/dashboards.ts";
import { planGrafana } from "../../../components/monitoring/grafana-plan.ts";
import { devInsights } from "../../lib/alerts-page.ts";

const insights = devInsights();
const dashboards = dashboardsOf(insights);

test("every part has a dashboard, and all of it has one", () => {
  const parts = insights.map(({ of }) => `quintet-${of}`);
  expect(dashboards.map(({ name }) => name)).toEqual(["quintet-overview", ...parts]);
  for (const { dashboard } of dashboards) {
    expect(dashboard.panels?.length).toBeGreaterThan(0);
    expect(dashboard.editable).toBe(false);
  }
});

test("a panel asks the one source by its expressions, two beside each other", () => {
  const [overview] = dashboards;
  expect(overview?.dashboard.panels?.[1]).toMatchObject({
    type: "stat",
    title: "Targets that are down",
    datasource: { type: "prometheus", uid: "prometheus" },
    gridPos: { x: 12, y: 0, w: 12, h: 8 },
    targets: [{ refId: "A", expr: "count(up == 0) or vector(0)", legendFormat: "targets" }],
  });
});

test("every panel has a title of its own on its dashboard, and a query", () => {
  const titles = panelsOf(insights).map(({ on, panel }) => `${on}: ${panel.title}`);
  expect(new Set(titles).size).toBe(titles.length);
  expect(panelsOf(insights).filter(({ panel }) => panel.queries.length === 0)).toEqual([]);
});

test("nobody comes in without a password, and the password stands in no manifest", () => {
  const { deployment, dashboards: files } = planGrafana({
    image: "g:1",
    resources: { cpu: "250m", memory: "256Mi" },
    insights,
    seen: { traces: false },
  });
  const [container] = deployment.spec.template.spec.containers;
  const env = new Map(container?.env.map(({ name, value }) => [name, value]));
  expect(env.get("GF_AUTH_ANONYMOUS_ENABLED")).toBe("false");
  expect(env.get("GF_SECURITY_ADMIN_PASSWORD__FILE")).toBe("/etc/grafana-secret/password");
  expect([...env.keys()]).not.toContain("GF_SECURITY_ADMIN_PASSWORD");
  expect(Object.keys(files.data)).toHaveLength(dashboards.length);
});

test("all dashboards fit into one ConfigMap", () => {
  const { dashboards: files } = planGrafana({
    image: "g:1",
    resources: { cpu: "1", memory: "1Gi" },
    insights,
    seen: { traces: false },
  });
  expect(JSON.stringify(files.data).length).toBeLessThan(900_000); // etcd's limit is 1.5 MB, the API's for ConfigMaps 1 MiB
});
