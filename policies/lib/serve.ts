/**
 * The rules as policies of the engine. The SDK reads all of a resource anew for each policy, and all resources of the
 * stack for each policy of a whole stack, which cost ten times what the rules do; so it is asked one of each kind, and
 * they say by which rule they have found something (docs/decisions/0025).
 */
import { flushCompileCache } from "node:module";
import {
  PolicyPack,
  type Policies,
  type PolicyResource,
  type ReportViolation,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { policyConfigSchema } from "./config.ts";
import { configSchema, enginePolicies, type Pack, renewal } from "./pack.ts";
import { expired, judging, sentenceOf, type Settings, type Verdict } from "./judge.ts";
import { type KubernetesObject, lookedAt, Objects, objectsOfResource } from "./object.ts";
import { leaveUnread, onceSet } from "./questions.ts";
import { remedying, repaired } from "./remedy.ts";
import type { Rule } from "./rule.ts";
import { readStructsStraight } from "./struct.ts";
import { warmUp } from "./warm-up.ts";

/** What the program has written of each resource: the engine shows a whole stack as the providers have answered. */
type Written = Map<string, readonly KubernetesObject[]>;

const shared = { enforcementLevel: "mandatory", configSchema } as const;

/** Rules that see one object. */
function ofObjects(rules: readonly Rule[], written: Written): ResourceValidationPolicy {
  const verdictsWith = verdictsOf(rules);
  return {
    ...shared,
    name: enginePolicies.objects,
    description: "Every rule about one object holds; what is found names its rule.",
    validateResource: (args, report) => {
      const { type, props, urn } = args;
      const objects = objectsOfResource(type, plain(props), { urn });
      written.set(urn, objects);
      if (objects.length === 0) return;
      tell(verdictsWith(args.getConfig()).on(new Objects(objects)), report);
    },
  };
}

/** Rules that see the whole stack. */
function ofStacks(rules: readonly Rule[], written: Written): StackValidationPolicy {
  const verdictsWith = verdictsOf(rules);
  return {
    ...shared,
    name: enginePolicies.stacks,
    description: "Every rule about the objects of a stack together holds; what is found names its rule.",
    validateStack: (args, report) => {
      // What was not asked about in this run, like what only others' runs change, is judged as it is.
      const objects = args.resources.flatMap((resource) => {
        const { type, props, urn } = resource;
        const own = written.get(urn) ?? objectsOfResource(type, plain(props), { urn });
        return type.startsWith("aws:") ? own.map((object) => withUses(object, resource)) : own;
      });
      const { settings, on } = verdictsWith(args.getConfig());
      tell(on(new Objects(objects)), report);
      // Whether or not something still needs them.
      for (const [, message] of expired(settings)) reportAs(report, { ...renewal, message });
    },
  };
}

/** An object with what its properties come from, which is told of a whole stack alone. */
function withUses(object: KubernetesObject, { propertyDependencies }: PolicyResource): KubernetesObject {
  const uses = Object.entries(propertyDependencies).map(([name, all]) => [name, all.map(({ urn }) => urn)] as const);
  return { ...object, source: { ...object.source, uses: Object.fromEntries(uses) } };
}

/** What rules put right; what they leave is judged as they leave it. */
function ofRemedies(rules: readonly Rule[]): ResourceValidationPolicy {
  const repairsWith = settingsOf((settings) => remedying(rules, settings));
  return {
    ...shared,
    name: enginePolicies.remedies,
    enforcementLevel: "disabled", // unless the configuration says otherwise
    description: "What rules of the level remediate can put right is added before it is judged.",
    remediateResource: (args) => {
      const written = plain(args.props) as Record<string, unknown>; // the properties of a resource
      const [object, ...others] = objectsOfResource(args.type, written, { urn: args.urn });
      if (object === undefined || others.length > 0 || object.prefix !== "") return undefined;
      const repairs = repairsWith(args.getConfig())(object);
      return repairs.length === 0 ? undefined : { ...repaired(written, repairs) };
    },
  };
}

/** The policies of packs, which keep what they are asked about between each other. */
export function policiesOf(packs: readonly Pack[], written: Written = new Map()): Policies {
  const rules = packs.flatMap((pack) => pack.rules);
  const seeing = (what: Rule["sees"]) => rules.filter(({ sees }) => sees === what);
  return [ofObjects(seeing("object"), written), ofStacks(seeing("stack"), written), ofRemedies(rules)];
}

/** Serves packs to the engine as one, under one name: each that it starts costs a second at every preview and update. */
export function serve(name: string, packs: readonly Pack[]): void {
  const written: Written = new Map();
  const kinds = new Set(packs.flatMap(({ rules }) => rules.flatMap(({ remedy }) => remedy?.kinds ?? [])));
  readStructsStraight();
  const kindOf = (type: string) => type.slice(type.lastIndexOf(":") + 1);
  leaveUnread({
    isKnown: (urn) => written.has(urn),
    isRepaired: (type) => kinds.has(kindOf(type)),
    namesOf: (type) => lookedAt(kindOf(type)),
  });
  onceSet(() => {
    warmUp(packs.flatMap(({ rules }) => rules));
    flushCompileCache(); // the engine ends this process, which else would do that at its end
  });
  new PolicyPack(name, { enforcementLevel: "mandatory", policies: policiesOf(packs, written) });
}

/** What rules say under a configuration. */
const verdictsOf = (rules: readonly Rule[]) => settingsOf((settings) => ({ settings, on: judging(rules, settings) }));

/** What follows from a configuration, which is read once: the engine gives it hundreds of times. */
function settingsOf<T>(make: (settings: Settings) => T): (given: unknown) => T {
  let last: { readonly text: string; readonly made: T } | undefined;
  return (given) => {
    const text = JSON.stringify(given);
    if (last?.text === text) return last.made;
    const settings = { config: policyConfigSchema.parse(given), today: new Date().toISOString().slice(0, 10) };
    last = { text, made: make(settings) };
    return last.made;
  };
}

/**
 * The properties without the SDK's own proxies: one knows no other answer to an unknown value than to give up, and before
 * a remedy there is one more, which takes secrets for what they hold.
 */
function plain(props: Readonly<Record<string, unknown>>): unknown {
  const inner = props["__getSpecialProxyTarget"];
  return inner === undefined ? props : plain(inner as Readonly<Record<string, unknown>>); // properties again
}

/** The SDK takes this form, too, and its types do not say so: a policy, level and severity of the finding's own. */
type ReportInFull = (violation: {
  readonly name: string;
  readonly description: string;
  readonly message: string;
  readonly enforcementLevel: Verdict["level"];
  readonly severity: Verdict["severity"];
  readonly urn?: string;
}) => void;

function tell(verdicts: readonly Verdict[], report: ReportViolation): void {
  for (const verdict of verdicts) {
    const { rule: name, title, why, object, undecided } = verdict;
    const said = sentenceOf(verdict);
    const message = undecided ? said : `${title} ${why}\n${said}`;
    reportAs(report, { ...verdict, name, message, urn: object.source?.urn });
  }
}

/** What is found, as a policy of its own. */
interface Found extends Pick<Rule, "name" | "title" | "why" | "severity"> {
  readonly level: Verdict["level"];
  readonly message: string;
  readonly urn?: string | undefined;
}

function reportAs(report: ReportViolation, { name, title, why, level, severity, message, urn }: Found): void {
  const where = urn === undefined ? {} : { urn };
  const violation = { name, description: `${title} ${why}`, message, enforcementLevel: level, severity, ...where };
  (report as unknown as ReportInFull)(violation);
}
