/** Accounts with what they may do. */
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import { ClusterRole } from "@pulumi/kubernetes/rbac/v1/clusterRole.js";
import { ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1/clusterRoleBinding.js";
import { Role } from "@pulumi/kubernetes/rbac/v1/role.js";
import { RoleBinding } from "@pulumi/kubernetes/rbac/v1/roleBinding.js";
import type * as pulumi from "@pulumi/pulumi";
import { placedIn } from "./namespace.ts";
import type { Rights } from "./rights.ts";

/** An account, and what it may do. */
export interface Grant {
  readonly serviceAccount: Readonly<{ metadata: { name: string }; automountServiceAccountToken: boolean }>;
  readonly rights: Rights;
  /** Where it lives. */
  readonly namespace: pulumi.Input<string>;
}

/**
 * Makes an account, and a role with its binding for the cluster and for its own namespace, where there are rights there.
 * Pods name what is returned by plain strings, so they are to come after it.
 *
 * @param wide options of what lives in no namespace
 * @param inside options of what lives in the account's
 */
export function grant(
  name: string,
  { serviceAccount, rights, namespace }: Grant,
  { wide, inside }: Readonly<Record<"wide" | "inside", pulumi.CustomResourceOptions>>,
): pulumi.Resource[] {
  const placed = placedIn(namespace);
  const { metadata } = serviceAccount;
  const subjects = [{ kind: "ServiceAccount", name: metadata.name, namespace }];
  const roleRef = (kind: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name: metadata.name });
  const made: pulumi.Resource[] = [new ServiceAccount(`${name}-service-account`, placed(serviceAccount), inside)];
  const rules = [...rights.cluster, ...(rights.paths ?? [])];
  if (rules.length > 0) {
    const binding = { metadata, roleRef: roleRef("ClusterRole"), subjects };
    made.push(
      new ClusterRole(`${name}-cluster-role`, { metadata, rules }, wide),
      new ClusterRoleBinding(`${name}-cluster-role-binding`, binding, wide),
    );
  }
  if (rights.namespace.length > 0) {
    made.push(
      new Role(`${name}-role`, placed({ metadata, rules: [...rights.namespace] }), inside),
      new RoleBinding(`${name}-role-binding`, placed({ metadata, roleRef: roleRef("Role"), subjects }), inside),
    );
  }
  return made;
}
