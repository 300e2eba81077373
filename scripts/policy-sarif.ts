/** What rules have found, as SARIF 2.1.0 in the way that GitHub's code scanning reads it. */
import { createHash } from "node:crypto";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { titleOf } from "../policies/lib/object.ts";
import { renewal } from "../policies/lib/pack.ts";
import type { Rule, Severity } from "../policies/lib/rule.ts";
import type { Located } from "./policy-report.ts";

/** Beside the findings. */
export interface SarifOptions {
  /** All that were asked. */
  readonly rules: readonly Rule[];
  /** The checkout: files in it are named from there. */
  readonly root: string;
  /** What tells this run from others of the same commit, as a stack's name. */
  readonly category?: string;
}

const levels = { mandatory: "error", advisory: "warning" } as const;

/** In the middle of what code scanning shows as low (to 3.9), medium (to 6.9), high (to 8.9) and critical. */
const securitySeverities: Readonly<Record<Severity, string>> = {
  low: "2.0",
  medium: "5.5",
  high: "8.0",
  critical: "9.5",
};

/** The findings as a SARIF log of one run. */
export function asSarif(findings: readonly Located[], { rules, root, category }: SarifOptions): string {
  const described = [...rules, renewal].map(({ name, title, why, fix, level, severity }) => ({
    id: name,
    shortDescription: { text: title },
    fullDescription: { text: `${title} ${why}` },
    help: { text: `${why} ${fix}`, markdown: `**Why**: ${why}\n\n**Fix**: ${fix}` },
    defaultConfiguration: { level: levels[level] },
    properties: { tags: ["security"], "security-severity": securitySeverities[severity] },
  }));
  const indexes = new Map(described.map(({ id }, index) => [id, index]));
  const seen = new Map<string, number>();
  const results = findings.map((finding) => {
    const { rule, level, kind, namespace, name, path, message, line } = finding;
    const uri = uriOf(finding.file, root);
    const title = titleOf({ kind, namespace: namespace === "" ? undefined : namespace, name });
    const logical = [kind, namespace, name, path].filter((part) => part !== "").join("/");
    const fingerprint = fingerprintOf([rule, uri, kind, namespace, name, path]);
    const count = (seen.get(fingerprint) ?? 0) + 1;
    seen.set(fingerprint, count);
    return {
      ruleId: rule,
      ruleIndex: indexes.get(rule) ?? -1,
      level: levels[level],
      message: { text: `${title}: ${message}` },
      locations: [
        {
          physicalLocation: { artifactLocation: locationOf(uri), region: { startLine: line ?? 1 } },
          logicalLocations: [{ fullyQualifiedName: logical }],
        },
      ],
      // Under this name, which code scanning would otherwise fill with a sum of the lines around.
      partialFingerprints: { primaryLocationLineHash: `${fingerprint}:${String(count)}` },
    };
  });
  const driver = { name: "quintet", informationUri: "https://www.pulumi.com/docs/insights/policy/", rules: described };
  const details = category === undefined ? {} : { automationDetails: { id: `policies/${category}/` } };
  return JSON.stringify(
    {
      $schema: "https://json.schemastore.org/sarif-2.1.0.json",
      version: "2.1.0",
      runs: [{ tool: { driver }, ...details, results }],
    },
    null,
    2,
  );
}

/** The same for a finding wherever its lines have gone, and whatever its message says now. */
const fingerprintOf = (parts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);

/** A file in the checkout from there, with `/`; any other by its whole path. */
function uriOf(file: string, root: string): string {
  const from = relative(root, resolve(file));
  const outside = from === "" || from === ".." || from.startsWith(`..${sep}`) || isAbsolute(from);
  return outside ? pathToFileURL(resolve(file)).href : from.split(sep).map(encodeURIComponent).join("/");
}

const locationOf = (uri: string) => (uri.startsWith("file:") ? { uri } : { uri, uriBaseId: "%SRCROOT%" });
