/** Every panel of every dashboard asks for something that this platform has had within the last half hour. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { panelsOf } from "../../../components/monitoring/dashboards.ts";
import { figures, liveInsights } from "./context.ts";
import { query } from "./prometheus.ts";

/** Seen only once a snapshot has been taken and drilled: test/e2e/platform/restore.ts. */
const later = "etcd-backup";

test("no panel of any dashboard is empty", async () => {
  const panels = panelsOf(liveInsights()).filter(({ on }) => on !== later);
  const empty: string[] = [];
  for (const { on, panel } of panels) {
    for (const { expr } of panel.queries) {
      const seen = await query(`count_over_time((${expr})[30m:1m])`);
      if (seen.length === 0) empty.push(`${on}, ${panel.title}: ${expr}`);
    }
  }
  assert.deepEqual(empty, []);
  const queries = panels.reduce((sum, { panel }) => sum + panel.queries.length, 0);
  figures.push(`panels of dashboards with data: ${String(panels.length)}, of ${String(queries)} queries`);
});
