/** Workloads for the tests of rules: one that complies, in every form. */
import { workloadKinds } from "../../policies/lib/workload.ts";
import { policyConfigSchema, type PolicyConfig } from "../../policies/lib/config.ts";
import { judge, sentenceOf } from "../../policies/lib/judge.ts";
import { Objects, objectsOfManifest } from "../../policies/lib/object.ts";
import type { Rule } from "../../policies/lib/rule.ts";

export const amounts = { cpu: "100m", memory: "64Mi" };
export const resources = { requests: amounts, limits: amounts };
export const metadata = { namespace: "shop", name: "web" };

/** What a container says of its security that complies. */
export const safe = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/** What a pod says of it for all of its containers. */
export const safeForAll = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };

const container = { name: "app", image: "ghcr.io/acme/web:1.2.3", securityContext: safe };

/** A pod spec that complies, or with one thing changed. */
export const pod = (change: object = {}) => ({
  containers: [{ ...container, resources }],
  securityContext: safeForAll,
  automountServiceAccountToken: false,
  ...change,
});

/** One with a container of its own. */
export const app = (own: object) => pod({ containers: [{ ...container, ...own }] });

/** A policy that closes every pod of a namespace. */
export const defaultDeny = (namespace: string) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { namespace, name: "default" },
  spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
});

/** A Deployment of a pod. */
export const deployment = (spec: object, change: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata,
  spec: { replicas: 2, template: { spec }, ...change },
});

/** A pod in every form of a workload. */
export const formsOf = (spec: object): readonly (readonly [kind: string, object: object])[] =>
  workloadKinds.map((kind) => {
    const apiVersion = ["Pod", "PodTemplate", "ReplicationController"].includes(kind)
      ? "v1"
      : kind.endsWith("Job")
        ? "batch/v1"
        : "apps/v1";
    const nested: Readonly<Record<string, object>> = {
      Pod: { spec },
      PodTemplate: { template: { spec } },
      CronJob: { spec: { jobTemplate: { spec: { template: { spec } } } } },
    };
    const counted = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"].includes(kind);
    const replicas = counted ? { replicas: 1 } : {};
    return [kind, { apiVersion, kind, metadata, ...(nested[kind] ?? { spec: { ...replicas, template: { spec } } }) }];
  });

/** One that complies in every form. */
export const forms = formsOf(pod());

/** What rules say of manifests that are judged together: sentences. */
export function saidOf(
  rules: readonly Rule[],
  manifests: readonly object[],
  config: PolicyConfig = policyConfigSchema.parse({}),
  today = "2026-11-21",
): string[] {
  const objects = new Objects(manifests.flatMap((manifest) => objectsOfManifest(manifest)));
  return judge(rules, objects, { config, today }).map(sentenceOf);
}
