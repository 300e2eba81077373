/** Keeps what bounds tenants out of their own hands. */
import { ValidatingAdmissionPolicy } from "@pulumi/kubernetes/admissionregistration/v1/validatingAdmissionPolicy.js";
import { ValidatingAdmissionPolicyBinding } from "@pulumi/kubernetes/admissionregistration/v1/validatingAdmissionPolicyBinding.js";
import * as pulumi from "@pulumi/pulumi";
import { tenantLabel } from "./tenant-plan.ts";

/** What bounds a tenant, by API group. */
const bounds = [
  { apiGroups: ["networking.k8s.io"], apiVersions: ["v1"], resources: ["networkpolicies"] },
  { apiGroups: [""], apiVersions: ["v1"], resources: ["resourcequotas", "limitranges"] },
];

/**
 * Whether whoever asks may do the same to `tenants.quintet.dev`, a resource that nothing serves: cluster-admin and the
 * controllers that empty a dying namespace may do everything to every resource, and Kubernetes' roles edit and admin,
 * which may write NetworkPolicies, may do nothing to this one nor give it to anybody.
 */
const mayBound =
  "authorizer.group('quintet.dev').resource('tenants').namespace(request.namespace)" +
  ".check(request.operation.lowerAscii()).allowed()";

/**
 * Keeps what bounds tenants out of their own hands: NetworkPolicies, quotas and limits in their namespaces are written
 * by those who may write `tenants.quintet.dev`, whatever else a role allows.
 */
export class TenantGuard extends pulumi.ComponentResource {
  public constructor(name: string, args: Record<string, never> = {}, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:TenantGuard", name, args, opts);
    const child = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const policy = new ValidatingAdmissionPolicy(
      `${name}-policy`,
      {
        spec: {
          failurePolicy: "Fail",
          matchConstraints: {
            resourceRules: bounds.map((bound) => ({ ...bound, operations: ["CREATE", "UPDATE", "DELETE"] })),
          },
          validations: [
            {
              expression: mayBound,
              message: "what bounds a tenant is written by the platform: change it in quintet:tenants",
              reason: "Forbidden",
            },
          ],
        },
      },
      child,
    );
    new ValidatingAdmissionPolicyBinding(
      `${name}-binding`,
      {
        spec: {
          policyName: policy.metadata.name,
          validationActions: ["Deny"],
          matchResources: {
            namespaceSelector: { matchExpressions: [{ key: tenantLabel, operator: "Exists" }] },
          },
        },
      },
      child,
    );
    this.registerOutputs({});
  }
}
