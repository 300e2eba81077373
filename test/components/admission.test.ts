import { Provider } from "@pulumi/kubernetes/provider.js";
import { createAdmission } from "../../components/admission.ts";
import { planAdmission } from "../../policies/lib/cel/admission-plan.ts";
import { systemNamespaces } from "../../policies/lib/system-namespaces.ts";
import { rules } from "../../policies/packs.ts";
import { stackPolicies } from "../../scripts/policy-config.ts";
import { record } from "../lib/record.ts";
import { stackConfig } from "../lib/stacks.ts";

const owner = "acme/quintet/dev";
const dev = stackConfig("dev");
const made = async (change: Partial<typeof dev>) => {
  const { resources } = await record(() => {
    createAdmission({ config: { ...dev, ...change }, owner }, { provider: new Provider("target", {}) });
  });
  return resources.filter(({ type }) => type.startsWith("kubernetes:"));
};
const registries = { ...dev.registries, allowed: ["ghcr.io/acme"], requireDigest: true };

test("every rule that is CEL is a policy with its binding, as the previews of the stack have them set", async () => {
  const exempt = { legacy: "it is taken down in the spring" };
  const resources = await made({ admission: { kind: "policies", exempt }, registries });
  const policies = stackPolicies({ "quintet:registries": { allowed: ["ghcr.io/acme"], requireDigest: true } });
  const plan = planAdmission(rules, policies, { ...systemNamespaces, ...exempt });
  expect(plan.map(({ name }) => name)).toEqual(rules.filter(({ cel }) => cel !== undefined).map(({ name }) => name));
  const apiVersion = "admissionregistration.k8s.io/v1";
  const expected = plan.flatMap(({ name, annotations, policy, binding }) => {
    const metadata = { name, annotations: { "quintet.dev/stack": owner, ...annotations } };
    const bound = { ...binding, policyName: "named-by-pulumi" };
    return [
      { apiVersion, kind: "ValidatingAdmissionPolicy", metadata, spec: policy },
      { apiVersion, kind: "ValidatingAdmissionPolicyBinding", metadata, spec: bound },
    ];
  });
  for (const object of expected) expect(resources.map(({ inputs }) => inputs)).toContainEqual(object);
  expect(resources).toHaveLength(expected.length);
});

test("nothing is made where none are wanted", async () => {
  expect(await made({ admission: { kind: "none" } })).toEqual([]);
});
