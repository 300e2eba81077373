/**
 * The rules as policies of the engine. The SDK reads all of a resource anew for each policy, and all resources of the
 * stack for each policy of a whole stack, which cost ten times what the rules do; so it is asked one of each kind, and
 * they say by which rule they have found something (docs/decisions/0025).
 */
import {
  PolicyPack,
  type Policies,
  type ReportViolation,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { policyConfigSchema } from "./config.ts";
import { configSchema, enginePolicies, type Pack } from "./pack.ts";
import { expired, judge, sentenceOf, type Verdict } from "./judge.ts";
import { type KubernetesObject, Objects, objectsOfResource } from "./object.ts";
import type { Rule } from "./rule.ts";

/** What the program has written of each resource: the engine shows a whole stack as the providers have answered. */
type Written = Map<string, readonly KubernetesObject[]>;

const shared = { enforcementLevel: "mandatory", configSchema } as const;

/** Rules that see one object. */
function ofObjects(rules: readonly Rule[], written: Written): ResourceValidationPolicy {
  return {
    ...shared,
    name: enginePolicies.objects,
    description: "Every rule about one object holds; what is found names its rule.",
    validateResource: (args, report) => {
      const { type, props, urn } = args;
      const objects = objectsOfResource(type, plain(props), { urn });
      written.set(urn, objects);
      if (objects.length > 0) tell(rules, verdictsOn(rules, objects, args.getConfig()), report);
    },
  };
}

/** Rules that see the whole stack. */
function ofStacks(rules: readonly Rule[], written: Written): StackValidationPolicy {
  return {
    ...shared,
    name: enginePolicies.stacks,
    description: "Every rule about the objects of a stack together holds; what is found names its rule.",
    validateStack: (args, report) => {
      // What was not asked about in this run, like what only others' runs change, is judged as it is.
      const objects = args.resources.flatMap(
        ({ type, props, urn }) => written.get(urn) ?? objectsOfResource(type, plain(props), { urn }),
      );
      tell(rules, verdictsOn(rules, objects, args.getConfig()), report);
    },
  };
}

/** Tells of exemptions that hold no more, whether or not something still needs them. */
const renewal: StackValidationPolicy = {
  ...shared,
  name: enginePolicies.expiry,
  description: "Every exemption still holds. What was to end is otherwise with us for ever.",
  severity: "medium",
  validateStack: (args, report) => {
    const config = policyConfigSchema.parse(args.getConfig());
    for (const [, problem] of expired({ config, today: today() })) report(problem);
  },
};

/** The policies of packs, which keep what they are asked about between each other. */
export function policiesOf(packs: readonly Pack[]): Policies {
  const rules = packs.flatMap((pack) => pack.rules);
  const written: Written = new Map();
  const seeing = (what: Rule["sees"]) => rules.filter(({ sees }) => sees === what);
  return [ofObjects(seeing("object"), written), ofStacks(seeing("stack"), written), renewal];
}

/** Serves packs to the engine as one, under one name: each that it starts costs a second at every preview and update. */
export function serve(name: string, packs: readonly Pack[]): void {
  new PolicyPack(name, { enforcementLevel: "mandatory", policies: policiesOf(packs) });
}

const verdictsOn = (rules: readonly Rule[], objects: readonly KubernetesObject[], config: unknown) =>
  judge(rules, new Objects(objects), { config: policyConfigSchema.parse(config), today: today() });

/** The properties without the SDK's own proxy, which knows no other answer to an unknown value than to give up. */
const plain = (props: Readonly<Record<string, unknown>>): unknown => props["__getSpecialProxyTarget"] ?? props;

/** The SDK takes this form, too, and its types do not say so: a policy, level and severity of the finding's own. */
type ReportInFull = (violation: {
  readonly name: string;
  readonly description: string;
  readonly message: string;
  readonly enforcementLevel: Verdict["level"];
  readonly severity: Verdict["severity"];
  readonly urn?: string;
}) => void;

function tell(rules: readonly Rule[], verdicts: readonly Verdict[], report: ReportViolation): void {
  for (const verdict of verdicts) {
    const { rule: name, level: enforcementLevel, severity } = verdict;
    const rule = rules.find((one) => one.name === name);
    const description = rule === undefined ? "" : `${rule.title} ${rule.why}`;
    const message = verdict.undecided ? sentenceOf(verdict) : `${description}\n${sentenceOf(verdict)}`;
    const urn = verdict.object.source?.urn;
    const where = urn === undefined ? {} : { urn };
    (report as unknown as ReportInFull)({ name, description, message, enforcementLevel, severity, ...where });
  }
}

const today = () => new Date().toISOString().slice(0, 10);
