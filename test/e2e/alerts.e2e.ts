/**
 * promtool's verdict on what Prometheus is given: its configuration, every rule, and the unit tests of every alert; and
 * Loki's on the rules over events.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { logAlerts } from "../../components/logging/notify-rules.ts";
import { panelsOf } from "../../components/monitoring/dashboards.ts";
import type { Insight } from "../../components/monitoring/insight.ts";
import { prometheusConfig, rulesFile, ruleTests } from "../../components/monitoring/prometheus-files.ts";
import { run } from "../../embedded/run.ts";
import { ensureTools, toolPath } from "../../toolchain/index.ts";
import { allInsights } from "../lib/alerts-page.ts";
import { refusedPromql, takenPromql } from "../lib/promql.ts";
import { withLoki } from "./loki.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-alerts-"));
const insights = allInsights();
const write = (name: string, content: object) => {
  writeFileSync(join(folder, name), JSON.stringify(content));
};
const promtool = async (...args: string[]) => run(toolPath("promtool"), args, { timeout: 60_000 });

/** The rules of one part, and their tests, which would else be compared word by word with what people are told. */
function writeTests(insight: Insight) {
  const groups = rulesFile([insight], "").groups.map(({ name, rules }) => ({
    name,
    rules: rules.map((rule) => ({ ...rule, annotations: {} })),
  }));
  write(`rules-${insight.of}.json`, { groups });
  write(`tests-${insight.of}.json`, ruleTests(insight, `rules-${insight.of}.json`));
}

before(async () => {
  await ensureTools(["promtool"]);
  mkdirSync(folder, { recursive: true });
  write("prometheus.json", prometheusConfig(insights, { interval: "30s", external: {} }));
  write("rules.json", rulesFile(insights, "docs/alerts.md"));
  for (const insight of insights) writeTests(insight);
});

after(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("promtool takes the configuration and every rule", async () => {
  await promtool("check", "config", "--syntax-only", join(folder, "prometheus.json"));
  const said = await promtool("check", "rules", join(folder, "rules.json"));
  const rules = insights.reduce((sum, { alerts, recordings = [] }) => sum + alerts.length + recordings.length, 0);
  assert.match(said, new RegExp(`SUCCESS: ${String(rules)} rules found`));
});

test("promtool takes the expressions that a stack may write, and none of those that it may not", async () => {
  const own = (expr: string) => {
    const says = { severity: "warning", summary: "a", description: "b", runbook: "https://wiki.example/a" } as const;
    write("own.json", rulesFile([], "", { Own: { expr, for: "5m", ...says } }));
    return promtool("check", "rules", join(folder, "own.json"));
  };
  for (const [expr] of takenPromql) assert.match(await own(expr), /SUCCESS: 1 rules found/, expr);
  for (const [expr] of refusedPromql) await assert.rejects(own(expr), expr);
});

test("promtool can read what every panel asks for", async () => {
  const panels = panelsOf(insights).flatMap(({ panel }) => panel.queries);
  const rules = panels.map(({ expr }, index) => ({ record: `panel:${String(index)}`, expr }));
  write("panels.json", { groups: [{ name: "panels", rules }] });
  assert.match(await promtool("check", "rules", join(folder, "panels.json")), /SUCCESS/);
});

test("every alert fires where it has to, and is silent where it has to", async () => {
  const said = await promtool("test", "rules", ...insights.map(({ of }) => join(folder, `tests-${of}.json`)));
  assert.match(said, /SUCCESS/);
  const cases = insights.flatMap(({ alerts }) => alerts.flatMap((alert) => alert.cases));
  console.log(`${String(insights.flatMap(({ alerts }) => alerts).length)} alerts, ${String(cases.length)} cases.`);
});

test("every alert over events fires where it has to, and is silent where it has to", async () => {
  const cases = logAlerts.flatMap(({ name, expr, cases: own }) => own.map((one) => ({ name, expr, ...one })));
  await withLoki(async ({ push, query }) => {
    for (const [index, { name, expr, when, said, fires }] of cases.entries()) {
      const owner = `case-${String(index)}`;
      await push(owner, said);
      assert.deepEqual(await query(owner, expr), fires, `${name}: ${when}`);
    }
    await assert.rejects(query("case-0", "sum by ("), /400/);
  });
  console.log(`${String(logAlerts.length)} alerts over events, ${String(cases.length)} cases.`);
});

test("promtool says no where a rule does not do what its test says", async () => {
  const [first] = insights.flatMap(({ alerts }) => alerts);
  assert.ok(first !== undefined);
  const wrong = { ...first, expr: "vector(0) > 1" };
  writeTests({ of: "wrong", scrapes: [], panels: [], alerts: [wrong] });
  await assert.rejects(promtool("test", "rules", join(folder, "tests-wrong.json")), new RegExp(first.name));
});
