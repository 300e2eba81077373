/** What NetworkPolicies mean, and which are valid, by our own reading, by cyclonus and by the API server's code. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { evaluator, type Labels, type Protocol } from "../../../components/network-policy.ts";
import { problemsOf } from "../../../policies/lib/network-policy/problems.ts";
import { networkOf } from "../../../policies/lib/network-policy/network-policies.ts";
import { Objects, objectsOfManifest } from "../../../policies/lib/object.ts";
import { anyNetworkPolicies } from "../../lib/network-policies.ts";
import { linesOf, ownTable } from "./oracle.ts";

/** What there is after a step of a case of cyclonus, with what it says of calls between its ends: tools/cyclonus. */
interface Scenario {
  readonly case: number;
  readonly description: string;
  readonly namespaces: Readonly<Record<string, Labels>>;
  readonly policies: readonly object[] | null;
  readonly ends: readonly {
    readonly address: string;
    readonly pod: {
      readonly namespace: string;
      readonly labels: Labels;
      readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: Protocol }[];
    };
  }[];
  readonly calls: readonly {
    readonly from: number;
    readonly to: number;
    readonly port: number;
    readonly protocol: Protocol;
    readonly out: boolean;
    readonly in: boolean;
  }[];
}

/** A scenario as the manifests that somebody would check. */
function manifestsOf({ namespaces, policies, ends }: Scenario): object[] {
  return [
    ...Object.entries(namespaces).map(([name, labels]) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels },
    })),
    // Some of cyclonus' own say neither.
    ...(policies ?? []).map((policy) => ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", ...policy })),
    ...ends.map(({ address, pod: { namespace, labels, ports } }) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { namespace, name: address, labels },
      spec: {
        containers: ports.map(({ name, port, protocol }) => ({
          name,
          ports: [{ name, containerPort: port, protocol }],
        })),
      },
    })),
  ];
}

test("every call of the scenarios of cyclonus is let through, or not, as cyclonus says", async () => {
  const scenarios = await linesOf<Scenario>("cyclonus", "scenarios");
  let [calls, open] = [0, 0];
  const wrong = scenarios.flatMap((scenario) => {
    const objects = new Objects(manifestsOf(scenario).flatMap((one) => objectsOfManifest(one)));
    const { namespaces, policies, pods } = networkOf(objects);
    assert.equal(policies.length, scenario.policies?.length ?? 0, scenario.description);
    const ends = pods.map((pod, index) => ({ address: scenario.ends[index]?.address ?? "", pod }));
    const { letsOut, letsIn } = evaluator({ namespaces, policies });
    return scenario.calls.filter(({ from, to, port, protocol, out, in: into }) => {
      const [caller, called] = [ends[from], ends[to]];
      assert.ok(caller !== undefined && called !== undefined, scenario.description);
      const call = { from: caller, to: called, port, protocol };
      calls += 1;
      if (out && into) open += 1;
      return letsOut(call) !== out || letsIn(call) !== into;
    });
  });
  const cases = new Set(scenarios.map((scenario) => scenario.case)).size;
  const figures = `${String(scenarios.length)} steps, ${String(calls)} calls, ${String(open)} open`;
  console.log(`cyclonus: ${String(cases)} cases, ${figures}, differences: ${String(wrong.length)}`);
  assert.equal(cases, 230);
  assert.ok(open > calls / 100 && open < calls, "calls are not all open, nor all closed");
  assert.deepEqual(wrong.slice(0, 3), []);
});

const isValid = (policy: object, strictCidrs = true) => Array.from(problemsOf(policy, { strictCidrs })).length === 0;

test("all cases of Kubernetes' own test are as valid as it expects", async () => {
  const cases = await ownTable<{ readonly policy: object; readonly strict: boolean; readonly valid: boolean }>({
    module: "k8s.io/kubernetes",
    package: "pkg/apis/networking/validation",
    asked: "ValidateNetworkPolicy",
    test: "TestValidateNetworkPolicy",
    standIn: `
import (
	v1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/kubernetes/pkg/apis/networking"
	networkingv1 "k8s.io/kubernetes/pkg/apis/networking/v1"
	"k8s.io/kubernetes/pkg/features"
)

func ValidateNetworkPolicy(np *networking.NetworkPolicy, opts NetworkPolicyValidationOptions) field.ErrorList {
	problems := validateNetworkPolicy(np, opts)
	var policy v1.NetworkPolicy
	if err := networkingv1.Convert_networking_NetworkPolicy_To_v1_NetworkPolicy(np, &policy, nil); err != nil {
		panic(err)
	}
	strict := utilfeature.DefaultFeatureGate.Enabled(features.StrictIPCIDRValidation)
	record(map[string]any{"policy": policy, "strict": strict, "valid": len(problems) == 0})
	return problems
}
`,
  });
  const different = cases.filter(({ policy, strict, valid }) => isValid(policy, strict) !== valid);
  const count = (valid: boolean) => cases.filter((one) => one.valid === valid).length;
  const figures = `${String(count(true))} valid, ${String(count(false))} invalid`;
  console.log(
    `validity, Kubernetes' own table: ${String(cases.length - different.length)} of ${String(cases.length)}, ${figures}`,
  );
  assert.deepEqual([count(true), count(false)], [18, 31]);
  assert.deepEqual(different, []);
});

test("10,000 random policies are as valid as the API server's own code says", async () => {
  const policies = fc.sample(anyNetworkPolicies, { numRuns: 10_000, seed: 20_261_122 });
  const answers = await linesOf<{ readonly valid: boolean; readonly problems: readonly string[] }>(
    "policy-oracle",
    "network-policy",
    policies,
  );
  assert.equal(answers.length, policies.length);
  const different = policies.flatMap((policy, index) => {
    const theirs = answers[index];
    const ours = Array.from(problemsOf(policy, { strictCidrs: true }));
    return (ours.length === 0) === theirs?.valid ? [] : [JSON.stringify({ policy, ours, theirs })];
  });
  const valid = answers.filter((answer) => answer.valid).length;
  const figures = `${String(policies.length)}, ${String(valid)} of them valid`;
  console.log(`validity, random policies: ${figures}, differences: ${String(different.length)}`);
  assert.ok(valid > policies.length / 10 && valid < (policies.length * 9) / 10, "some are valid, and some are not");
  assert.deepEqual(different.slice(0, 3), []);
});
