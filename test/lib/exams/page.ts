/** The part of docs/policies.md about the exams by other tools' cases. */
import { tableOf } from "../markdown.ts";
import { committedFigures, suites } from "./index.ts";
import type { Figures, Suite } from "./suite.ts";

const head = `## By the cases of others

Other tools that judge manifests have test cases of their own. The end-to-end tests read them out of the tools' Go modules,
which \`tools/\` pins, and ask our rules the same. **Coverage** is how many of their checks, and of their cases, some rule
of ours answers too; many checks are about nodes and clouds, which no manifest speaks of. **Accuracy** is how many of those
cases it answers as their own test expects: something is found, or nothing is. Namespaces are held to the levels baseline
and restricted both, and advice counts as a finding. Which rule answers which check, and why none does, is in
\`test/lib/exams\`. A test fails when a case is answered otherwise that is not listed below, or when a listed one no longer
is. No rule is changed for a single case.`;

const share = (part: number, whole: number) => `${String(part)} of ${String(whole)} (${percent(part, whole)})`;
const percent = (part: number, whole: number) => `${String(Math.round((100 * part) / whole))} %`;

/** The whole part. */
export function examsSection(): string {
  const figures = committedFigures();
  const asked = suites.flatMap((suite) => {
    const own = figures[suite.name];
    return own === undefined ? [] : [{ suite, own }];
  });
  const rows = asked.map(({ suite: { name, version }, own }) => [
    `${name} ${version}`,
    share(own.mappedChecks, own.checks),
    share(own.mappedChecks, own.checks - own.outsideChecks),
    share(own.mappedCases, own.cases),
    share(own.agreed, own.mappedCases),
    String(own.refused),
  ]);
  const table = tableOf([
    ["suite", "coverage of checks", "of those about a stack", "coverage of cases", "accuracy", "cases to refuse"],
    ...rows,
  ]);
  return [head, table, ...asked.map(({ suite, own }) => partOf(suite, own))].join("\n\n");
}

function partOf({ name, read, differences }: Suite, { unmapped }: Figures): string {
  const groups = Object.entries(unmapped).toSorted(([, one], [, other]) => other - one);
  return [
    `### ${name}`,
    read,
    "Answered otherwise, on purpose:",
    differences
      .map(({ check, cases, why }) => `- ${check}, ${cases.map((one) => `\`${one}\``).join(", ")}: ${why}.`)
      .join("\n"),
    ...(groups.length === 0
      ? ["Every check has a rule of ours."]
      : [
          "Checks without a rule of ours, by the reason:",
          groups.map(([why, count]) => `- ${String(count)}: ${why}.`).join("\n"),
        ]),
  ].join("\n\n");
}
