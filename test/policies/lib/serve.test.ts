import { type Policies, type ResourceValidationPolicy, Secret, type StackValidationPolicy } from "@pulumi/policy";
import * as proxies from "@pulumi/policy/proxy.js";
import { secretsPreservingProxy } from "@pulumi/policy/secret.js";
import { disallowFixedReplicas } from "../../../policies/availability/disallow-fixed-replicas.ts";
import { defineRule, noParameters } from "../../../policies/lib/rule.ts";
import { policiesOf } from "../../../policies/lib/serve.ts";
import { at } from "../../../policies/lib/values.ts";
import { unknown } from "../../lib/unknown.ts";
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

/** A rule that refuses every pod without its node's network, which may not be known. */
const disallowPods = defineRule({
  name: "test-disallow-pods",
  severity: "high",
  level: "advisory",
  title: "There are no pods.",
  why: "It is a test.",
  fix: "Remove it.",
  sees: "object",
  parameters: noParameters,
  *check({ value }) {
    if (at(value, "spec", "hostNetwork") !== true) yield { path: "", problem: "it is a pod", fix: "Remove it." };
  },
});
const others = { ...disallowPods, name: "test-allow-pods", title: "There may be pods.", check: () => [] };
const ofPods = () => policiesOf([{ name: "pods", description: "Of this test.", rules: [others, disallowPods] }]);
const shownPod = {
  type: "kubernetes:core/v1:Pod",
  urn: "urn:pod",
  props: { apiVersion: "v1", kind: "Pod", metadata: { namespace: "shop", name: "web" } },
};

/** What the policies say of single resources, in the order in which the SDK asks them. */
function ask(policies: Policies, resources: readonly Shown[]): Told[] {
  const told: Told[] = [];
  for (const shown of resources)
    for (const policy of policies) {
      if (!("validateResource" in policy) || typeof policy.validateResource !== "function") continue;
      const args = { ...shown, getConfig: () => ({}) } as unknown as Parameters<typeof policy.validateResource>[0];
      void policy.validateResource(args, (violation) => told.push(toldBy(violation)));
    }
  return told;
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

afterEach(() => {
  jest.useRealTimers();
});

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

test("an exemption holds until the end of its last day", () => {
  const exemption = { rule: name, kind: "Deployment", reason: "it is being replaced", expires: "2026-12-31" };
  const toldAt = (now: string) => {
    jest.useFakeTimers({ now: new Date(now) });
    return askStack(served(), [deployment(3), hpa], { exemptions: [exemption] }).map((told) => told.name);
  };
  expect(toldAt("2026-12-31T23:59:59Z")).toEqual([]);
  expect(toldAt("2027-01-01T00:00:00Z")).toEqual([name, "exemptions-require-renewal"]);
});

test("a configuration is read anew when it is another one", () => {
  const policies = served();
  const resources = [deployment(3), hpa];
  const advisory = { rules: { [name]: { level: "advisory" } } };
  expect(askStack(policies, resources)).toEqual(found);
  expect(askStack(policies, resources, advisory)).toEqual([{ ...found[0], enforcementLevel: "advisory" }]);
  expect(askStack(policies, resources, advisory)).toEqual([{ ...found[0], enforcementLevel: "advisory" }]);
  expect(askStack(policies, resources)).toEqual(found);
});

test("the properties are read behind the SDK's own proxy of them", () => {
  const { props, ...shown } = deployment(3);
  const guardedBySdk = { ...shown, props: { __getSpecialProxyTarget: props, spec: undefined } };
  expect(askStack(served(), [guardedBySdk, hpa])).toEqual(found);
  const policies = served();
  ask(policies, [guardedBySdk]);
  expect(askStack(policies, [deployment(), hpa])).toEqual(found);
});

test("rules that see one object are asked of each resource, and not of the stack", () => {
  const other = { type: "random:index/id:Id", urn: "urn:other", props: {} };
  const policies = ofPods();
  expect(policies.map((policy) => policy.name)).toEqual(["rules-of-objects", "rules-of-stacks", "remedies-of-objects"]);
  expect(ask(policies, [shownPod, other])).toEqual([
    {
      name: "test-disallow-pods",
      description: "There are no pods. It is a test.",
      message: "There are no pods. It is a test.\nPod shop/web: it is a pod. Remove it.",
      enforcementLevel: "advisory",
      severity: "high",
      urn: "urn:pod",
    },
  ]);
  expect(askStack(policies, [shownPod])).toEqual([]);
});

describe("what a rule puts right", () => {
  const remedy = {
    text: "It adds the node's network",
    kinds: ["Pod"],
    repairs: () => [{ path: "spec.hostNetwork", value: true }],
  };
  const policies = policiesOf([{ name: "pods", description: "Of this test.", rules: [{ ...disallowPods, remedy }] }]);
  type Remedying = ResourceValidationPolicy & Required<Pick<ResourceValidationPolicy, "remediateResource">>;
  const config = { rules: { [disallowPods.name]: { level: "remediate" } } };
  const remedied = (props: object, given: object = config, type = shownPod.type) => {
    const policy = policies.find((one): one is Remedying => "remediateResource" in one);
    if (policy === undefined) throw new Error("No policy puts anything right.");
    const args = { type, urn: "urn:pod", props, getConfig: () => given };
    return {
      policy,
      props: policy.remediateResource(args as unknown as Parameters<Remedying["remediateResource"]>[0]),
    };
  };

  test("is added to what the program writes", () => {
    const { policy, props } = remedied({ ...shownPod.props, spec: { nodeName: "a" } });
    expect(props).toEqual({ ...shownPod.props, spec: { nodeName: "a", hostNetwork: true } });
    expect(policy.enforcementLevel).toBe("disabled");
    expect(remedied({ __getSpecialProxyTarget: shownPod.props }).props).toMatchObject({ spec: { hostNetwork: true } });
  });

  test("keeps secrets, behind both proxies of the SDK", () => {
    // Exported, but left out of the SDK's types as internal.
    const { unknownCheckingProxy } = proxies as unknown as { unknownCheckingProxy: (props: object) => object };
    const spec = { hostname: new Secret("web"), containers: [{ name: new Secret("app") }] };
    const known = secretsPreservingProxy({ ...shownPod.props, spec }) as object;
    const props = unknownCheckingProxy(known);
    expect(remedied(props).props).toStrictEqual({ ...shownPod.props, spec: { ...spec, hostNetwork: true } });
  });

  const other = "random:index/id:Id";
  const withLevel = (level: string) => ({ rules: { [disallowPods.name]: { level } } });
  test.each<[string, object, object, string]>([
    ["where nothing is missing", { ...shownPod.props, spec: { hostNetwork: false } }, config, shownPod.type],
    ["where the level is another", shownPod.props, withLevel("mandatory"), shownPod.type],
    ["where no level is set", shownPod.props, {}, shownPod.type],
    ["of what is neither of Kubernetes nor of AWS", {}, config, other],
    [
      "of a list, whose items are judged as they are",
      { items: [shownPod.props] },
      config,
      "kubernetes:core/v1:PodList",
    ],
  ])("is nothing %s", (_, props, given, type) => {
    const before = structuredClone(props);
    expect(remedied(props, given, type).props ?? before).toEqual(before);
    expect(props).toEqual(before);
  });
});

test("what cannot be judged is told without the rule's own words", () => {
  const hidden = { ...shownPod, props: { ...shownPod.props, spec: { hostNetwork: unknown } } };
  const policies = ofPods();
  expect(ask(policies, [hidden]).map(({ message }) => message)).toEqual([
    "Pod shop/web: This cannot be judged before the update, since spec.hostNetwork is not known until then. It is judged again in the update, and refused if it breaks the rule.",
  ]);
});

test("a level that is set is the finding's, and a rule that is disabled says nothing", () => {
  const withLevel = (level: string) => askStack(served(), [deployment(3), hpa], { rules: { [name]: { level } } });
  expect(withLevel("advisory")).toEqual([{ ...found[0], enforcementLevel: "advisory" }]);
  expect(withLevel("disabled")).toEqual([]);
});

test("an exemption that has expired is found under a name of its own, whether or not something needs it", () => {
  const exemption = { rule: name, kind: "Deployment", reason: "it is being replaced", expires: "2020-01-31" };
  expect(askStack(served(), [], { exemptions: [exemption] })).toStrictEqual([
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
