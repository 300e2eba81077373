/** Marks our rules by the cases of a suite. */
import type { Rule } from "../../../policies/lib/rule.ts";
import { judge, type Verdict } from "../../../policies/lib/judge.ts";
import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { Objects, objectsOfManifest } from "../../../policies/lib/object.ts";
import type { Case, Counterpart, Marks, Mistake, Suite } from "./suite.ts";

const settings = {
  // Each level is asked for as such: where both hold, restricted says for baseline what is forbidden by both.
  config: policyConfigSchema.parse({
    rules: { "pod-security-require-baseline": { parameters: { otherwise: "baseline" } } },
  }),
  today: "2026-01-01",
};

/**
 * Marks our rules by a suite's cases.
 *
 * @param checks all checks that the suite has, with and without cases
 */
export function mark(suite: Suite, checks: readonly string[], cases: readonly Case[], rules: readonly Rule[]): Marks {
  const broken: string[] = [];
  const mapped = cases.filter(({ check }) => check in suite.rules);
  const different = mapped.flatMap((one) => {
    const { check, name, manifests, refused } = one;
    const verdicts = judge(rules, new Objects(manifests.flatMap((manifest) => objectsOfManifest(manifest))), settings);
    const failed = verdicts.filter(({ message }) => message.startsWith("The rule itself fails"));
    broken.push(...failed.map(({ rule, message }) => `${check}: ${name}: ${rule}: ${message}`));
    const found = verdicts.some((verdict) => isAbout(verdict, one) && answers(verdict, suite.rules[check] ?? []));
    return found === refused ? [] : [{ check, name, refusedByThem: refused }];
  });
  const unmapped = suite.unmapped.map(({ why, outside = false, checks: patterns }) => ({
    why,
    outside,
    count: checks.filter((check) => patterns.some((pattern) => matches(pattern, check))).length,
  }));
  const figures = {
    checks: checks.length,
    mappedChecks: checks.filter((check) => check in suite.rules).length,
    cases: cases.length,
    mappedCases: mapped.length,
    refused: mapped.filter(({ refused }) => refused).length,
    agreed: mapped.length - different.length,
    outsideChecks: unmapped.filter(({ outside }) => outside).reduce((sum, { count }) => sum + count, 0),
    unmapped: Object.fromEntries(unmapped.map(({ why, count }) => [why, count])),
  };
  return { figures, different, broken };
}

const matches = (pattern: string | RegExp, check: string): boolean =>
  typeof pattern === "string" ? pattern === check : pattern.test(check);

const isAbout = ({ object }: Verdict, { of }: Case): boolean =>
  of === undefined ||
  (object.kind === of.kind && object.name === of.name && (object.namespace ?? of.namespace) === of.namespace);

const answers = ({ rule, path, message, undecided }: Verdict, ours: readonly Counterpart[]): boolean =>
  !undecided &&
  ours.some((one) => one.rule === rule && (one.at?.test(path) ?? true) && (one.says?.test(message) ?? true));

/** What of a map is not true of the suite: checks that it does not know, or that the suite does not have. */
export function gapsOf({ rules, unmapped }: Suite, checks: readonly string[]): string[] {
  const patterns = unmapped.flatMap((group) => group.checks);
  return [
    ...checks.flatMap((check) => {
      const places = Number(check in rules) + patterns.filter((pattern) => matches(pattern, check)).length;
      if (places === 1) return [];
      return [`${check} is in ${String(places)} places of the map: it is to be in one`];
    }),
    ...Object.keys(rules).flatMap((check) => (checks.includes(check) ? [] : [`${check} is no check of the suite`])),
    ...patterns.flatMap((pattern) =>
      checks.some((check) => matches(pattern, check)) ? [] : [`${String(pattern)} is no check of the suite`],
    ),
  ];
}

/** Differences that are not listed, and what is listed and is none: each in a sentence. */
export function surprisesIn({ differences }: Suite, different: readonly Mistake[]): string[] {
  const key = (check: string, name: string) => `${check}: ${name}`;
  const listed = new Set(differences.flatMap(({ check, cases }) => cases.map((name) => key(check, name))));
  const found = new Set(different.map(({ check, name }) => key(check, name)));
  return [
    ...different.flatMap(({ check, name, refusedByThem }) =>
      listed.has(key(check, name))
        ? []
        : [
            `${key(check, name)} is ${refusedByThem ? "refused by them and accepted" : "accepted by them and refused"} by us`,
          ],
    ),
    ...[...listed].flatMap((one) => (found.has(one) ? [] : [`${one} is listed as a difference and is none`])),
  ];
}
