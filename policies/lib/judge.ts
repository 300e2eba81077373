/** Asks rules about objects: the one place where levels, exemptions, unknown values and broken rules are dealt with. */
import type { Exemption, PolicyConfig } from "./config.ts";
import { type KubernetesObject, type Objects, titleOf } from "./object.ts";
import { renewal } from "./pack.ts";
import { decided, type Finding, type Outcome, type Rule, type Severity } from "./rule.ts";

/** What was found, with everything that says where. */
export interface Verdict {
  readonly rule: string;
  readonly title: string;
  readonly why: string;
  readonly level: Outcome;
  readonly severity: Severity;
  readonly object: KubernetesObject;
  /** The path in what was read: "items[2].spec.containers[0].image". */
  readonly path: string;
  /** What is wrong and what to do, in sentences; the object is not in it. */
  readonly message: string;
  /** Whether it is only said that a value is missing to judge by. */
  readonly undecided: boolean;
}

/** How rules are asked. */
export interface Settings {
  readonly config: PolicyConfig;
  /** The day, as in 2027-03-31. */
  readonly today: string;
}

/** A rule that is asked, with all that is set of it. */
interface Asked {
  readonly rule: Rule;
  readonly level: Outcome;
  readonly parameters: unknown;
  readonly exemptions: readonly Exemption[];
}

/** What rules say of objects, by object and then by rule. */
export const judge = (rules: readonly Rule[], objects: Objects, settings: Settings): Verdict[] =>
  judging(rules, settings)(objects);

/** {@link judge} for whoever asks again and again: what is set of the rules is read once. */
export function judging(rules: readonly Rule[], settings: Settings): (objects: Objects) => Verdict[] {
  const asked = rules.flatMap((rule) => askedWith(rule, settings.config));
  return (objects) =>
    objects.all.flatMap((object) =>
      asked.flatMap((one) =>
        findingsOf(one, object, objects).flatMap((finding) => told(one, object, finding, settings)),
      ),
    );
}

/** The exemptions that hold no more, each in a sentence. */
export function expired({ config, today }: Settings): readonly (readonly [exemption: Exemption, problem: string])[] {
  return config.exemptions
    .filter(({ expires }) => expires < today)
    .map((exemption) => [
      exemption,
      `The exemption from ${exemption.rule} (${exemption.reason}) has expired on ${exemption.expires}. ${renewal.fix}`,
    ]);
}

function askedWith(rule: Rule, { rules, exemptions }: PolicyConfig): Asked[] {
  const { level = rule.level, parameters } = rules[rule.name] ?? {};
  if (level === "disabled") return [];
  const own = exemptions.filter((exemption) => exemption.rule === rule.name);
  return [
    {
      rule,
      level: level === "remediate" ? "mandatory" : level,
      parameters: rule.parameters.parse(parameters),
      exemptions: own,
    },
  ];
}

/** What a rule that fails cannot say is not that all is well. */
function findingsOf({ rule, parameters }: Asked, object: KubernetesObject, objects: Objects): Finding[] {
  const found: Finding[] = [];
  try {
    for (const finding of decided(rule.check(object, { parameters, objects }))) found.push(finding);
  } catch (error) {
    const problem = `The rule itself fails: ${error instanceof Error ? error.message : String(error)}`;
    found.push({ path: "", problem, fix: "That is a defect of the rule: report it, with this object." });
  }
  return found;
}

function told({ rule, level, exemptions }: Asked, object: KubernetesObject, finding: Finding, { today }: Settings) {
  const exempt = exemptions.some((one) => one.expires >= today && covers(one, object, finding.path));
  if (exempt) return [];
  const path = object.prefix + finding.path;
  const { name, title, why, severity } = rule;
  const shared = { rule: name, title, why, severity, object, path };
  if ("problem" in finding) {
    const message = `${finding.problem}. ${finding.fix.replaceAll("{path}", path)}`;
    return [{ ...shared, level, message, undecided: false }];
  }
  const message =
    finding.unknown === "later"
      ? `This cannot be judged before the update, since ${path} is not known until then. It is judged again in the update, and refused if it breaks the rule.`
      : `This cannot be judged here, since ${path} is encrypted.`;
  return [{ ...shared, level: "advisory" as const, message, undecided: true }];
}

/** Whether an exemption is for what lies at a path of an object. */
export const covers = ({ kind, namespace, name, path }: Exemption, object: KubernetesObject, where: string): boolean =>
  (kind ?? object.kind) === object.kind &&
  (namespace ?? object.namespace) === object.namespace &&
  (name === undefined || isNamed(object, name)) &&
  where.startsWith(path ?? "");

const isNamed = (object: KubernetesObject, name: string): boolean =>
  name.endsWith("*") ? object.name.startsWith(name.slice(0, -1)) : object.name === name;

/** A verdict as a sentence that starts with its object. */
export const sentenceOf = ({ object, message }: Pick<Verdict, "object" | "message">): string =>
  `${titleOf(object)}: ${message}`;
