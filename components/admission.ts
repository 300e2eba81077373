/** The rules in the cluster: what no preview has seen is held to them as well. */
import { ValidatingAdmissionPolicy } from "@pulumi/kubernetes/admissionregistration/v1/validatingAdmissionPolicy.js";
import { ValidatingAdmissionPolicyBinding } from "@pulumi/kubernetes/admissionregistration/v1/validatingAdmissionPolicyBinding.js";
import * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig } from "../config.ts";
import written from "../policies/config.json" with { type: "json" };
import { type AdmittedRule, planAdmission } from "../policies/lib/cel/admission-plan.ts";
import { mergePolicyConfigs, policyConfigSchema } from "../policies/lib/config.ts";
import { systemNamespaces } from "../policies/lib/system-namespaces.ts";
import { rules } from "../policies/packs.ts";
import { ownerAnnotation } from "./owner.ts";
import { imagesPackConfig } from "./registries.ts";

/** Arguments of {@link Admission}. */
export interface AdmissionArgs {
  /** The stack that makes the policies, by its full name: there is one of each name in a cluster. */
  readonly owner: string;
  /** The rules, as the API server is given them. */
  readonly rules: readonly AdmittedRule[];
}

/** The rules about single objects in the cluster: a ValidatingAdmissionPolicy with its binding for each. */
export class Admission extends pulumi.ComponentResource {
  public constructor(name: string, args: AdmissionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Admission", name, {}, opts);
    const child = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    for (const rule of args.rules) {
      const metadata = { name: rule.name, annotations: { [ownerAnnotation]: args.owner, ...rule.annotations } };
      const { matchConstraints, matchConditions, variables, validations, ...policy } = rule.policy;
      const { metadata: made } = new ValidatingAdmissionPolicy(
        `${name}-${rule.name}-policy`,
        {
          metadata,
          spec: {
            ...policy,
            matchConstraints: { resourceRules: [...matchConstraints.resourceRules] },
            matchConditions: [...matchConditions],
            variables: [...variables],
            validations: [...validations],
          },
        },
        child,
      );
      const { validationActions, matchResources } = rule.binding;
      new ValidatingAdmissionPolicyBinding(
        `${name}-${rule.name}-binding`,
        { metadata, spec: { policyName: made.name, validationActions: [...validationActions], matchResources } },
        child,
      );
    }
    this.registerOutputs({});
  }
}

/** Gives the API server the rules as the stack has them set; nothing where none are wanted. */
export function createAdmission(
  { config, owner }: { readonly config: PlatformConfig; readonly owner: string },
  options: pulumi.ComponentResourceOptions,
): void {
  const { admission, registries } = config;
  if (admission.kind === "none") return;
  // In the cluster's own kubelets report their own pods, which no one can correct by then.
  const exempt = { ...systemNamespaces, ...admission.exempt };
  new Admission("admission", { owner, rules: planAdmission(rules, policiesOf(registries), exempt) }, options);
}

/** What is set of the rules: by policies/config.json, and by the registries of the stack. */
function policiesOf(registries: PlatformConfig["registries"]) {
  const images = Object.entries(imagesPackConfig(registries)).map(
    ([name, parameters]) => [name, { parameters }] as const,
  );
  const own = policyConfigSchema.parse({ rules: Object.fromEntries(images) });
  return mergePolicyConfigs(own, policyConfigSchema.parse(written));
}
