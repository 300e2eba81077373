import { expect, test } from "@jest/globals";
import { parse } from "yaml";
import { readPromql } from "../../../components/monitoring/promql.ts";
import { rulesProblems } from "../../../components/monitoring/rules-schema.ts";
import { monitoringSchema } from "../../../components/monitoring/schema.ts";
import { alertsPage, allInsights } from "../../lib/alerts-page.ts";
import { refusedPromql, takenPromql } from "../../lib/promql.ts";

test.each(takenPromql)("%s is read", (text, series) => {
  expect(readPromql(text)).toEqual({ series });
});

test.each(refusedPromql)("%s is refused", (text, why) => {
  expect(readPromql(text).problem).toMatch(why);
});

test("what Prometheus reads and could not make alerts of is refused, too", () => {
  expect(readPromql("time()").problem).toMatch(/^gives a scalar/);
  expect(readPromql("foo[5m]").problem).toMatch(/^gives a matrix/);
});

test("every rule of the platform's own is one that a stack could write", () => {
  for (const { expr } of allInsights().flatMap(({ alerts }) => alerts)) {
    expect({ expr, problem: readPromql(expr).problem }).toEqual({ expr, problem: undefined });
  }
});

test("the rule that the page of alerts shows is one", () => {
  const [, text = ""] = /```yaml\n(.*?)```/s.exec(alertsPage(allInsights())) ?? [];
  const shown = monitoringSchema.parse((parse(text) as Record<string, unknown>)["quintet:monitoring"]);
  expect(shown.kind === "prometheus" && Object.keys(shown.rules)).toEqual(["ShopPodsWait"]);
  expect(shown.kind === "prometheus" && rulesProblems(shown.rules, allInsights())).toEqual([]);
});
