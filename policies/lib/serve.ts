/** The rules as policies of the engine. */
import {
  PolicyPack,
  type Policies,
  type ReportViolation,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { type PolicyConfig, policyConfigSchema } from "./config.ts";
import { configSchema, type EngineSettings, expiryPolicy, type Pack } from "./pack.ts";
import { expired, judge, sentenceOf, type Verdict } from "./judge.ts";
import { type KubernetesObject, Objects, objectsOfResource } from "./object.ts";
import type { Rule } from "./rule.ts";

/** What the program has written of each resource: the engine shows a whole stack as the providers have answered. */
type Written = Map<string, readonly KubernetesObject[]>;

/** Keeps what each resource is to be, before anything has answered to it; it finds nothing itself. */
const keeping = (written: Written): ResourceValidationPolicy => ({
  name: "inputs-are-kept",
  description: "What the program writes is kept for the rules that see the whole stack. Nothing is found by this one.",
  enforcementLevel: "advisory",
  validateResource: ({ type, props, urn }) => {
    written.set(urn, objectsOfResource(type, plain(props), { urn }));
  },
});

/** A rule as a policy of the engine; one of a whole stack judges what is kept as written, where that is. */
export function policyOf(rule: Rule, written: Written = new Map()): ResourceValidationPolicy | StackValidationPolicy {
  const { name, severity, level, title, why } = rule;
  const shared = { name, description: `${title} ${why}`, severity, enforcementLevel: level, configSchema };
  const verdicts = (objects: readonly KubernetesObject[], settings: Partial<EngineSettings>) =>
    judge([rule], new Objects(objects), { config: ownConfig(name, settings), today: today() });
  if (rule.sees === "object") {
    return {
      ...shared,
      validateResource: (args, report) => {
        const { type, props, urn } = args;
        const objects = objectsOfResource(type, plain(props), { urn });
        if (objects.length > 0) tell(verdicts(objects, args.getConfig<EngineSettings>()), report);
      },
    };
  }
  return {
    ...shared,
    validateStack: (args, report) => {
      // What was not asked about in this run, like what only others' runs change, is judged as it is.
      const objects = args.resources.flatMap(
        ({ type, props, urn }) => written.get(urn) ?? objectsOfResource(type, plain(props), { urn }),
      );
      tell(verdicts(objects, args.getConfig<EngineSettings>()), report);
    },
  };
}

/** The policies of packs, which keep what they are asked about between each other. */
export function policiesOf(packs: readonly Pack[]): Policies {
  const written: Written = new Map();
  return [keeping(written), ...packs.flatMap(({ rules }) => rules.map((rule) => policyOf(rule, written))), renewal];
}

/** Tells of exemptions that hold no more, whether or not something still needs them. */
const renewal: StackValidationPolicy = {
  name: expiryPolicy,
  description: "Every exemption still holds. What was to end is otherwise with us for ever.",
  severity: "medium",
  enforcementLevel: "mandatory",
  configSchema,
  validateStack: (args, report) => {
    const config = ownConfig(expiryPolicy, args.getConfig<EngineSettings>());
    for (const [, problem] of expired({ config, today: today() })) report(problem);
  },
};

/** Serves packs to the engine as one, under one name: each that it starts costs a second at every preview and update. */
export function serve(name: string, packs: readonly Pack[]): void {
  new PolicyPack(name, { enforcementLevel: "mandatory", policies: policiesOf(packs) });
}

/** The engine has taken the level, and hands over what is left. */
const ownConfig = (name: string, { parameters, exemptions }: Partial<EngineSettings>): PolicyConfig =>
  policyConfigSchema.parse({
    rules: { [name]: parameters === undefined ? {} : { parameters } },
    exemptions: exemptions ?? [],
  });

/** The properties without the SDK's own proxy, which knows no other answer to an unknown value than to give up. */
const plain = (props: Readonly<Record<string, unknown>>): unknown => props["__getSpecialProxyTarget"] ?? props;

/** The SDK takes this form, too, and its types do not say so: a level of the finding's own. */
type ReportAtLevel = (violation: {
  readonly message: string;
  readonly urn?: string;
  readonly enforcementLevel: string;
}) => void;

function tell(verdicts: readonly Verdict[], report: ReportViolation): void {
  for (const verdict of verdicts) {
    const { source } = verdict.object;
    const [message, urn] = [sentenceOf(verdict), source?.urn];
    if (verdict.undecided) {
      (report as unknown as ReportAtLevel)({
        message,
        enforcementLevel: "advisory",
        ...(urn === undefined ? {} : { urn }),
      });
    } else report(message, urn);
  }
}

const today = () => new Date().toISOString().slice(0, 10);
