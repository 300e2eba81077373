/** Other tools' own test cases as exams of our rules: what a suite says, and how our rules are marked by it. */
import type { Rule } from "../../../policies/lib/rule.ts";
import { judge } from "../../../policies/lib/judge.ts";
import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { Objects, objectsOfManifest } from "../../../policies/lib/object.ts";

/** One case of another tool: manifests, and what one of its checks says of them by its own test. */
export interface Case {
  readonly check: string;
  /** What the case is called, once for each check. */
  readonly name: string;
  readonly manifests: readonly unknown[];
  readonly refused: boolean;
}

/** A rule of ours that asks what a check asks. */
export interface Counterpart {
  readonly rule: string;
  /** The paths of those of its findings that are about the same. @default all of them */
  readonly at?: RegExp;
}

/** Why checks have no rule of ours. */
export interface Unmapped {
  /** The rest of a sentence: "no rule of ours, since …". */
  readonly why: string;
  /** Their names, each whole. */
  readonly checks: readonly (string | RegExp)[];
}

/** Cases that ours answer otherwise on purpose. */
export interface Difference {
  readonly check: string;
  readonly cases: readonly string[];
  /** What we say, and why it is meant. */
  readonly why: string;
}

/** What another tool's checks are in our rules. */
export interface Suite {
  readonly name: string;
  /** The Go module that its tests are in. */
  readonly module: string;
  /** The folder of tools/ that pins it. */
  readonly pinnedBy: string;
  readonly version: string;
  /** What of its tests is read, in a sentence. */
  readonly read: string;
  /** Its checks that ours answer too, by their names. */
  readonly rules: Readonly<Record<string, readonly Counterpart[]>>;
  readonly unmapped: readonly Unmapped[];
  readonly differences: readonly Difference[];
}

/** A suite's figures, which docs/policies.md shows. */
export interface Figures {
  readonly checks: number;
  readonly mappedChecks: number;
  readonly cases: number;
  readonly mappedCases: number;
  /** Of the mapped cases: those that it refuses. */
  readonly refused: number;
  /** Of the mapped cases: those of which ours say the same. */
  readonly agreed: number;
  /** How many checks have no rule of ours, by the reason. */
  readonly unmapped: Readonly<Record<string, number>>;
}

/** What came out of an exam. */
export interface Marks {
  readonly figures: Figures;
  /** Cases that ours answer otherwise: "check: case", with what each says. */
  readonly different: readonly Mistake[];
  /** Findings of rules that failed on some case. */
  readonly broken: readonly string[];
}

/** A case that ours answer otherwise. */
export interface Mistake {
  readonly check: string;
  readonly name: string;
  readonly refusedByThem: boolean;
}

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
  const different = mapped.flatMap(({ check, name, manifests, refused }) => {
    const ours = suite.rules[check] ?? [];
    const verdicts = judge(rules, new Objects(manifests.flatMap((one) => objectsOfManifest(one))), settings);
    broken.push(
      ...verdicts
        .filter(({ message }) => message.startsWith("The rule itself fails"))
        .map(({ rule, message }) => `${check}: ${name}: ${rule}: ${message}`),
    );
    const found = verdicts.some(
      ({ rule, path, undecided }) =>
        !undecided && ours.some((one) => one.rule === rule && (one.at === undefined || one.at.test(path))),
    );
    return found === refused ? [] : [{ check, name, refusedByThem: refused }];
  });
  const figures = {
    checks: checks.length,
    mappedChecks: checks.filter((check) => check in suite.rules).length,
    cases: cases.length,
    mappedCases: mapped.length,
    refused: mapped.filter(({ refused }) => refused).length,
    agreed: mapped.length - different.length,
    unmapped: Object.fromEntries(
      suite.unmapped.map((group) => [
        group.why,
        checks.filter((check) => group.checks.some((pattern) => matches(pattern, check))).length,
      ]),
    ),
  };
  return { figures, different, broken };
}

const matches = (pattern: string | RegExp, check: string): boolean =>
  typeof pattern === "string" ? pattern === check : pattern.test(check);

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
