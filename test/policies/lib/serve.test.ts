import type { Policies, StackValidationPolicy } from "@pulumi/policy";
import { disallowFixedReplicas } from "../../../policies/availability/disallow-fixed-replicas.ts";
import { policiesOf } from "../../../policies/lib/serve.ts";
import { autoscaler, workload } from "../manifests.ts";

/** A resource as the engine shows it: what the program writes, and what the provider has answered to it. */
interface Shown {
  readonly type: string;
  readonly urn: string;
  readonly props: object;
}

const hpa = { type: "kubernetes:autoscaling/v2:HorizontalPodAutoscaler", urn: "urn:hpa", props: autoscaler() };
const deployment = (replicas?: number): Shown => ({
  type: "kubernetes:apps/v1:Deployment",
  urn: "urn:web",
  props: workload("Deployment", { replicas }),
});
const said =
  "Deployment shop/web: it says 3 replicas, and HorizontalPodAutoscaler web scales it. Remove spec.replicas.";

/** What a policy reports: the SDK takes more than its types say. */
interface Told {
  readonly name: string;
  readonly message: string;
  readonly enforcementLevel: string;
  readonly severity: string;
  readonly urn: string;
}

const toldBy = (violation: unknown) => violation as Told; // the form that tell() writes

const { name, level: enforcementLevel, severity, title, why } = disallowFixedReplicas;
const finding = { name, enforcementLevel, severity, urn: "urn:web", description: `${title} ${why}` };
const found = [{ ...finding, message: `${title} ${why}\n${said}` }];

const served = () =>
  policiesOf([{ name: "availability", description: "Of this test.", rules: [disallowFixedReplicas] }]);

/** What the policies say of single resources, in the order in which the SDK asks them. */
function ask(policies: Policies, resources: readonly Shown[]): string[] {
  const messages: string[] = [];
  for (const shown of resources)
    for (const policy of policies) {
      if (!("validateResource" in policy) || typeof policy.validateResource !== "function") continue;
      const args = { ...shown, getConfig: () => ({}) } as unknown as Parameters<typeof policy.validateResource>[0];
      void policy.validateResource(args, (violation) => messages.push(toldBy(violation).message));
    }
  return messages;
}

/** What they say of a whole stack. */
function askStack(policies: Policies, resources: readonly Shown[], config: object = {}): Told[] {
  const told: Told[] = [];
  const ofStacks = policies.filter((policy): policy is StackValidationPolicy => "validateStack" in policy);
  for (const { validateStack } of ofStacks) {
    const args = { resources, getConfig: () => config } as unknown as Parameters<typeof validateStack>[0];
    void validateStack(args, (violation) => told.push(toldBy(violation)));
  }
  return told;
}

test("what the program leaves out is judged so, whatever the provider has put there", () => {
  const policies = served();
  expect(ask(policies, [deployment(), hpa])).toEqual([]);
  expect(askStack(policies, [deployment(3), hpa])).toEqual([]);
});

test("what the program writes is judged so, whatever the provider leaves of it", () => {
  const policies = served();
  ask(policies, [deployment(3), hpa]);
  expect(askStack(policies, [deployment(), hpa])).toEqual(found);
});

test("the last thing that was written counts: an update is asked about after its preview", () => {
  const policies = served();
  ask(policies, [deployment(3), hpa]);
  ask(policies, [deployment(), hpa]);
  expect(askStack(policies, [deployment(3), hpa])).toEqual([]);
});

test("what was not asked about in this run is judged as it is, and what is gone not at all", () => {
  const policies = served();
  expect(askStack(policies, [deployment(3), hpa])).toEqual(found);
  ask(policies, [deployment(3), hpa]);
  expect(askStack(policies, [hpa])).toEqual([]);
});

test("a level that is set is the finding's, and a rule that is disabled says nothing", () => {
  const withLevel = (level: string) => askStack(served(), [deployment(3), hpa], { rules: { [name]: { level } } });
  expect(withLevel("advisory")).toEqual([{ ...found[0], enforcementLevel: "advisory" }]);
  expect(withLevel("disabled")).toEqual([]);
});

test("an exemption that has expired is found under a name of its own, whether or not something needs it", () => {
  const exemption = { rule: name, kind: "Deployment", reason: "it is being replaced", expires: "2020-01-31" };
  expect(askStack(served(), [], { exemptions: [exemption] })).toEqual([
    {
      name: "exemptions-require-renewal",
      description:
        "Every exemption from a rule still holds. What was to be left alone until a day is otherwise left alone for ever.",
      message: `The exemption from ${name} (it is being replaced) has expired on 2020-01-31. Put right what it is for and remove it, or say anew why and until when.`,
      enforcementLevel: "mandatory",
      severity: "medium",
    },
  ]);
});
