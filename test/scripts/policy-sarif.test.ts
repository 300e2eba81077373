import { toBeValidSarifLog } from "@microsoft/jest-sarif";
import { join } from "node:path";
import { stringify } from "yaml";
import { policyConfigSchema } from "../../policies/lib/config.ts";
import { judge } from "../../policies/lib/judge.ts";
import { Objects } from "../../policies/lib/object.ts";
import { rules } from "../../policies/packs.ts";
import { readText } from "../../scripts/policy-read.ts";
import { findingsOf, type Located } from "../../scripts/policy-report.ts";
import { asSarif } from "../../scripts/policy-sarif.ts";
import { root } from "../lib/stacks.ts";
import { app, defaultDeny, deployment } from "../policies/workloads.ts";

expect.extend({ toBeValidSarifLog });

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly locations: readonly {
    readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
  }[];
  readonly partialFingerprints: { readonly primaryLocationLineHash: string };
}
interface Log {
  readonly runs: readonly [
    {
      readonly automationDetails?: { readonly id: string };
      readonly tool: { readonly driver: { readonly rules: readonly Readonly<Record<string, unknown>>[] } };
      readonly results: readonly Result[];
    },
  ];
}

const broken = deployment(app({ image: "nginx" }), { replicas: 1 });
const exemption = { rule: "qos-require-limits", name: "web", reason: "it is being replaced", expires: "2026-01-01" };
const settings = { config: policyConfigSchema.parse({ exemptions: [exemption] }), today: "2026-11-21" };

function findingsIn(text: string, file = "test/web.yaml"): Located[] {
  const { objects } = readText(`${text}---\n${stringify(defaultDeny("shop"))}`, file);
  return findingsOf(judge(rules, new Objects(objects), settings), settings, "policies/config.json");
}
const logOf = (findings: readonly Located[], more: { readonly category?: string } = {}): Log =>
  JSON.parse(asSarif(findings, { rules, root, ...more })) as Log;
const fingerprints = (findings: readonly Located[]) =>
  logOf(findings).runs[0].results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);

const findings = findingsIn(stringify(broken));

test("keeps the schema of SARIF 2.1.0, with findings and without", () => {
  expect(findings.length).toBeGreaterThan(3);
  expect(logOf(findings)).toBeValidSarifLog();
  expect(logOf(findings, { category: "prod" })).toBeValidSarifLog();
  expect(logOf([])).toBeValidSarifLog();
  expect({ ...logOf(findings), version: "2.2" }).not.toBeValidSarifLog();
});

test("describes every rule, and the one about exemptions, with its level and severity", () => {
  const [run] = logOf(findings).runs;
  expect(run.tool.driver.rules.map(({ id }) => id)).toEqual([
    ...rules.map(({ name }) => name),
    "exemptions-require-renewal",
  ]);
  const described = run.tool.driver.rules.find(({ id }) => id === "images-require-fixed-version");
  const rule = rules.find(({ name }) => name === "images-require-fixed-version");
  expect(described).toEqual({
    id: rule?.name,
    shortDescription: { text: rule?.title },
    fullDescription: { text: `${rule?.title ?? ""} ${rule?.why ?? ""}` },
    help: {
      text: `${rule?.why ?? ""} ${rule?.fix ?? ""}`,
      markdown: `**Why**: ${rule?.why ?? ""}\n\n**Fix**: ${rule?.fix ?? ""}`,
    },
    defaultConfiguration: { level: "error" },
    properties: { tags: ["security"], "security-severity": "8.0" },
  });
  for (const { ruleId, ruleIndex } of run.results)
    expect(run.tool.driver.rules[ruleIndex]).toHaveProperty("id", ruleId);
  expect(run.results.map(({ ruleId }) => ruleId)).toContain("exemptions-require-renewal");
});

test.each([
  ["low", /^[0-3]\.\d$/],
  ["medium", /^[4-6]\.\d$/],
  ["high", /^[78]\.\d$/],
  ["critical", /^9\.[1-9]$/],
])("severity %s is what code scanning shows as such", (severity, expected) => {
  const shown = new Map(
    logOf([]).runs[0].tool.driver.rules.map(({ id, properties }) => [
      id,
      (properties as Record<string, unknown>)["security-severity"],
    ]),
  );
  const own = rules.filter((rule) => rule.severity === severity);
  expect(own).not.toEqual([]);
  for (const { name } of own) expect(shown.get(name)).toMatch(expected);
});

test("says where: the file from the checkout, the line, and the path in the object", () => {
  expect(logOf(findings).runs[0].results).toContainEqual(
    expect.objectContaining({
      ruleId: "images-require-fixed-version",
      level: "error",
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "test/web.yaml", uriBaseId: "%SRCROOT%" },
            region: { startLine: 12 },
          },
          logicalLocations: [{ fullyQualifiedName: "Deployment/shop/web/spec.template.spec.containers[0].image" }],
        },
      ],
    }),
  );
});

test.each([
  ["test/web.yaml", "test/web.yaml"],
  [join(root, "test", "web.yaml"), "test/web.yaml"],
  ["test/the web#1.yaml", "test/the%20web%231.yaml"],
  ["../web.yaml", /^file:\/\/\/.*\/web\.yaml$/],
  [root, /^file:\/\/\//],
])("file %s is %s", (file, expected) => {
  const log = logOf(findingsIn(stringify(broken), file));
  expect(log).toBeValidSarifLog();
  const uri = log.runs[0].results[0]?.locations[0]?.physicalLocation.artifactLocation.uri;
  if (typeof expected === "string") expect(uri).toBe(expected);
  else expect(uri).toMatch(expected);
});

describe("a finding is known again by its fingerprint", () => {
  test("where lines have come before it, and where it is worded anew", () => {
    expect(fingerprints(findingsIn(`# one more line\n${stringify(broken)}`))).toEqual(fingerprints(findings));
    expect(fingerprints(findings.map((one) => ({ ...one, message: "It is otherwise." })))).toEqual(
      fingerprints(findings),
    );
  });

  test("and each from all others, those of one place among them", () => {
    const twice = [...findings, ...findings];
    expect(new Set(fingerprints(twice)).size).toBe(twice.length);
    const other = findingsIn(stringify({ ...broken, metadata: { namespace: "shop", name: "api" } }));
    const own = (all: readonly Located[]) => all.filter(({ rule }) => rule !== "exemptions-require-renewal");
    for (const one of fingerprints(own(other))) expect(fingerprints(own(findings))).not.toContain(one);
  });
});

test("runs of one commit are told from each other by their category", () => {
  expect(logOf([], { category: "prod" }).runs[0].automationDetails).toEqual({ id: "policies/prod/" });
  expect(logOf([]).runs[0].automationDetails).toBeUndefined();
});
