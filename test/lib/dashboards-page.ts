/** docs/dashboards.md, as it follows from the dashboards. */
import { join } from "node:path";
import { partsOf } from "../../components/monitoring/dashboards.ts";
import type { Insight, Panel } from "../../components/monitoring/insight.ts";
import { root } from "./stacks.ts";

/** The page's file. */
export const dashboardsPageFile = join(root, "docs", "dashboards.md");

/** The picture of a dashboard, from docs/. */
export const pictureFile = (of: string): string => `dashboards/${of}.svg`;

const head = `# Dashboards

<!-- Made of components/monitoring by \`npm run golden\`; the pictures by \`npm run dashboards\`. -->

One for all of the platform and one for each part of it, as typed code (\`components/monitoring/dashboards.ts\`) that Grafana is
given where it runs (\`quintet:monitoring.grafana\`). The end-to-end tests ask Prometheus for every panel on the live platform,
and none may be empty.

Grafana's server is in no registry of the embedded cluster's, so there the same panels become pictures:

\`\`\`sh
npm run dashboards                                  # of the last half hour, into the folder dashboards
npm run dashboards -- --minutes 360 --out evening   # of the last six hours
\`\`\`

The pictures below were drawn that way, in an end-to-end test of an embedded cluster, while it lost pods and nodes. They are not
Grafana's. Five nodes share one machine there, so the figures of processors, memory and disks (\`node_*\`) are that
machine's, five times over.
`;

/** The whole page. */
export function dashboardsPage(insights: readonly Insight[]): string {
  const sections = partsOf(insights).map(({ of, panels }) =>
    [`## ${of}`, `![The dashboard of ${of}](${pictureFile(of)})`, panels.map(lineOf).join("\n")].join("\n\n"),
  );
  return `${[head.trimEnd(), ...sections].join("\n\n")}\n`;
}

const lineOf = ({ title, queries }: Panel): string =>
  `- ${title}: ${queries.map(({ expr }) => `\`${expr.replace(/\s+/g, " ")}\``).join(", ")}`;
