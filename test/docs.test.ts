import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { partsOf } from "../components/monitoring/dashboards.ts";
import { xml } from "../svg.ts";
import { alertsPage, alertsPageFile, allInsights, devInsights } from "./lib/alerts-page.ts";
import { dashboardsPage, dashboardsPageFile, pictureFile } from "./lib/dashboards-page.ts";
import { policiesPage, policiesPageFile, policiesReadme, policiesReadmeFile } from "./lib/policies-page.ts";
import { connectivityPage, root, stackConfig, withPicture } from "./lib/stacks.ts";

const components = join(root, "components");

test("components/README.md lists every component with its file", () => {
  const table = [...readFileSync(join(components, "README.md"), "utf8").matchAll(/^\| `(\w+)` +\| `([\w./-]+)`/gm)];
  const classes = readdirSync(components, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => {
      const source = readFileSync(join(components, file), "utf8");
      return [...source.matchAll(/class (\w+) extends pulumi\.ComponentResource/g)].map(([, name]) => [name, file]);
    });
  expect(table.map(([, name, file]) => [name, file]).sort()).toEqual(classes.sort());
});

test("every component's type is quintet:index: and its class, for life", () => {
  const tokens = readdirSync(components, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => {
      const source = readFileSync(join(components, file), "utf8");
      return [...source.matchAll(/class (\w+) extends pulumi\.ComponentResource[^]*?super\("([^"]+)"/g)];
    });
  expect(tokens.length).toBeGreaterThan(0);
  for (const [, name, token] of tokens) expect(token).toBe(`quintet:index:${name ?? ""}`);
});

test("decisions are numbered once each, and what sources say about them exists", () => {
  const files = readdirSync(join(root, "docs", "decisions"));
  const numbers = files.map((file) => /^(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1] ?? `${file} is not NNNN-title.md`);
  expect(numbers).toEqual([...new Set(numbers)]);
  for (const source of ["Pulumi.yaml", "policies/qos/index.mjs", "components/backend.ts"]) {
    for (const [, file] of readFileSync(join(root, source), "utf8").matchAll(/docs\/decisions\/([\w-]+\.md)/g)) {
      expect(files).toContain(file);
    }
  }
});

test("docs/connectivity.md shows the graph of the dev stack, and what its mesh lets in unknown", () => {
  const page = readFileSync(connectivityPage, "utf8");
  expect(page).toContain("```mermaid");
  expect(page).toMatch(/\| `anyone` +\| clients call the platform/);
  expect(withPicture(page, stackConfig("dev"))).toBe(page);
});

test("docs/policies.md says what the rules say of themselves", () => {
  expect(readFileSync(policiesPageFile, "utf8")).toBe(policiesPage());
});

test("policies/README.md has the table of every rule", () => {
  const page = readFileSync(policiesReadmeFile, "utf8");
  const folder = join(root, "policies");
  const rules = readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap(
    (file) => /^[a-z-]+\/((?:require|disallow)-[a-z0-9-]+)\.ts$/.exec(file)?.[1] ?? [],
  );
  expect([...page.matchAll(/^\| \[?`([a-z0-9-]+)`/gm)].map(([, rule]) => rule).sort()).toEqual(rules.sort());
  expect(policiesReadme()).toBe(page);
});

test("docs/alerts.md says what the alerts say of themselves", () => {
  expect(readFileSync(alertsPageFile, "utf8")).toBe(alertsPage(allInsights()));
});

test("docs/dashboards.md has every panel, and a picture of every dashboard with them", () => {
  expect(readFileSync(dashboardsPageFile, "utf8")).toBe(dashboardsPage(devInsights()));
  for (const { of, panels } of partsOf(devInsights())) {
    const picture = readFileSync(join(root, "docs", pictureFile(of)), "utf8");
    for (const { title } of panels) expect(picture).toContain(`>${xml(title)}</text>`);
  }
});
