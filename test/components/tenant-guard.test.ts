import { Provider } from "@pulumi/kubernetes/provider.js";
import { TenantGuard } from "../../components/tenant-guard.ts";
import { record } from "../lib/record.ts";

test("what bounds tenants is written by those alone who may do the same to tenants.quintet.dev", async () => {
  const { resources } = await record(() => {
    const cluster = new Provider("target", {});
    new TenantGuard("tenant-guard", {}, { provider: cluster, deletedWith: cluster });
  });
  const operations = ["CREATE", "UPDATE", "DELETE"];
  const apiVersion = "admissionregistration.k8s.io/v1";
  const made = resources.filter(({ type }) => type.startsWith("kubernetes:"));
  expect(made.map(({ type, name, inputs }) => [type, name, inputs])).toEqual([
    [
      `kubernetes:${apiVersion}:ValidatingAdmissionPolicy`,
      "tenant-guard-policy",
      {
        apiVersion,
        kind: "ValidatingAdmissionPolicy",
        spec: {
          failurePolicy: "Fail",
          matchConstraints: {
            resourceRules: [
              { apiGroups: ["networking.k8s.io"], apiVersions: ["v1"], resources: ["networkpolicies"], operations },
              { apiGroups: [""], apiVersions: ["v1"], resources: ["resourcequotas", "limitranges"], operations },
            ],
          },
          validations: [
            {
              expression:
                "authorizer.group('quintet.dev').resource('tenants').namespace(request.namespace)" +
                ".check(request.operation.lowerAscii()).allowed()",
              message: "what bounds a tenant is written by the platform: change it in quintet:tenants",
              reason: "Forbidden",
            },
          ],
        },
      },
    ],
    [
      `kubernetes:${apiVersion}:ValidatingAdmissionPolicyBinding`,
      "tenant-guard-binding",
      {
        apiVersion,
        kind: "ValidatingAdmissionPolicyBinding",
        spec: {
          policyName: "named-by-pulumi",
          validationActions: ["Deny"],
          matchResources: {
            namespaceSelector: { matchExpressions: [{ key: "quintet.dev/tenant", operator: "Exists" }] },
          },
        },
      },
    ],
  ]);
  const target = "pulumi:providers:kubernetes::target";
  expect(made.map(({ provider, deletedWith }) => [provider, deletedWith])).toEqual([
    [target, target],
    [target, target],
  ]);
  expect(made[1]?.after).toEqual([`kubernetes:${apiVersion}:ValidatingAdmissionPolicy::tenant-guard-policy`]);
});
