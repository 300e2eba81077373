/** Rewrites test/stacks/<stack>.expected.json, the committed list of what every stack makes, and what the docs show of them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { createPlatform } from "../platform.ts";
import { alertsPage, alertsPageFile, allInsights, devInsights } from "../test/lib/alerts-page.ts";
import { dashboardsPage, dashboardsPageFile } from "../test/lib/dashboards-page.ts";
import { faultsPage, faultsPageFile } from "../test/lib/faults-page.ts";
import { policiesPage, policiesPageFile, policiesReadme, policiesReadmeFile } from "../test/lib/policies-page.ts";
import { record } from "../test/lib/record.ts";
import { connectivityPage, goldenFile, root, stackConfig, stacks, withPicture } from "../test/lib/stacks.ts";
import { bookstore } from "../test/topology/fixture.ts";
import { drawTopology } from "../topology/svg.ts";

for (const stack of stacks) {
  const { resources } = await record(() => createPlatform(stackConfig(stack)));
  const file = goldenFile(stack);
  writeFileSync(file, await format(JSON.stringify(resources), { filepath: file, printWidth: 120 }));
  console.log(`${file}: ${String(resources.length)} resources`);
}

const page = readFileSync(connectivityPage, "utf8");
writeFileSync(connectivityPage, withPicture(page, stackConfig("dev")));
writeFileSync(policiesPageFile, policiesPage());
writeFileSync(policiesReadmeFile, policiesReadme());
writeFileSync(alertsPageFile, alertsPage(allInsights()));
writeFileSync(dashboardsPageFile, dashboardsPage(devInsights()));
writeFileSync(faultsPageFile, faultsPage());
writeFileSync(join(root, "docs", "topology.svg"), drawTopology(bookstore));
