/** What a rule is: plain data and one pure function. Who runs it is none of its business: judge.ts does, for everybody. */
import { z } from "zod";
import type { CelForm } from "./cel/form.ts";
import type { KubernetesObject, Objects } from "./object.ts";
import { type Reason, UnknownValue } from "./unknown.ts";

/**
 * What a finding of a rule means: the change is refused, or it is only said; or what the rule can put right is, and all
 * else is refused; or the rule is not asked at all.
 */
export const levels = ["mandatory", "advisory", "remediate", "disabled"] as const;

/** What a finding of a rule means. */
export type Level = (typeof levels)[number];

/** What becomes of a finding. */
export type Outcome = Exclude<Level, "remediate" | "disabled">;

/** How bad it is to break a rule, in the engine's words. */
export type Severity = "low" | "medium" | "high" | "critical";

/** Something that a rule found wrong in an object. */
export interface Problem {
  /** Where, in the object: "spec.template.spec.containers[0].image". */
  readonly path: string;
  /** What is wrong, as a sentence without its full stop. */
  readonly problem: string;
  /** What to do about it, as whole sentences; `{path}` stands for the whole path. */
  readonly fix: string;
}

/** Something that a rule could not judge. */
export interface Undecided {
  readonly path: string;
  readonly unknown: Reason;
}

/** What a rule says of an object. */
export type Finding = Problem | Undecided;

/** Something that is added to an object, where nothing is written yet. */
export interface Repair {
  readonly path: string;
  readonly value: unknown;
}

/** What a rule can put right by itself: nobody has to think about it, and nothing that is written is changed. */
export interface Remedy {
  /** What it adds to whom, as a sentence. */
  readonly text: string;
  /** The kinds of objects that it looks at: nothing is put right in others. */
  readonly kinds: readonly string[];
  readonly repairs: (object: KubernetesObject) => Iterable<Repair>;
}

/** What a rule is told beside the object. */
export interface Context<Parameters> {
  readonly parameters: Parameters;
  /** Everything that is judged with the object, itself among it. For a rule that sees "object" there is nothing else. */
  readonly objects: Objects;
}

/** What a rule says about itself. */
export interface RuleText {
  /** Its pack, its file: "qos-require-limits". */
  readonly name: string;
  readonly severity: Severity;
  /** What a finding means unless the configuration says otherwise. */
  readonly level: Outcome;
  /** What holds where nothing is found, as a sentence. */
  readonly title: string;
  /** What happens otherwise, as a sentence. */
  readonly why: string;
  /** How it is put right, as a sentence. */
  readonly fix: string;
  /**
   * What it has to see: an object by itself, which is judged before it is changed, or with all of its stack. The engine
   * shows a whole stack at the end of the preview, and again once it is updated.
   */
  readonly sees: "object" | "stack";
  /** Why the API server is not given it as CEL, where that is not plain from what it sees: the rest of a sentence. */
  readonly notCel?: string;
  /** What it can put right, for the level "remediate". */
  readonly remedy?: Remedy;
}

/** A rule. */
export interface Rule extends RuleText {
  /** What may be set, with a default for all of it. */
  readonly parameters: z.ZodType;
  /** What is wrong with an object: pure, and asked for objects of every kind. */
  readonly check: (object: KubernetesObject, context: Context<unknown>) => Iterable<Finding>;
  /** The rule as CEL, for the parameters that are set: what `check` asks, and what the API server is given. */
  readonly cel?: (parameters: unknown) => CelForm;
}

const others = "it sees other objects, and the API server shows a policy one";

/** Why the API server is not given a rule as CEL; `undefined` when it is. */
export const whyNotCel = ({ cel, notCel }: Rule): string | undefined =>
  cel !== undefined ? undefined : (notCel ?? others);

/** A rule without parameters. */
export const noParameters = z.strictObject({}).prefault({});

/** A rule whose function knows the type of its own parameters. */
export function defineRule<Schema extends z.ZodType>(
  rule: RuleText & {
    readonly parameters: Schema;
    readonly check: (object: KubernetesObject, context: Context<z.infer<Schema>>) => Iterable<Finding>;
  },
): Rule {
  // Whoever runs a rule has parsed its parameters with its own schema.
  return { ...rule, check: (object, context) => rule.check(object, context as Context<z.infer<Schema>>) };
}

/** The findings of all items: what is not known of one hides nothing of the others. */
export function* each<T>(items: Iterable<T>, check: (item: T, index: number) => Iterable<Finding>): Iterable<Finding> {
  let index = 0;
  for (const item of items) yield* decided(check(item, index++));
}

/** Findings, and in the end the value that was not known, where there was one. */
export function* decided(findings: Iterable<Finding>): Iterable<Finding> {
  try {
    yield* findings;
  } catch (error) {
    if (!(error instanceof UnknownValue)) throw error;
    yield { path: error.path, unknown: error.reason };
  }
}
