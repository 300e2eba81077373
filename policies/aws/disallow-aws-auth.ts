/** Who enters a cluster is said in AWS, where a mistake can be put right from outside. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { judgeAll } from "../lib/aws/judge-all.ts";
import { awsType, isTrue } from "../lib/aws/values.ts";
import { at, list } from "../lib/values.ts";

/** Refuses the ConfigMap aws-auth, and an EKS cluster that would read it or let its maker in unsaid. */
export const disallowAwsAuth: ResourceValidationPolicy = {
  name: "aws-disallow-aws-auth",
  description:
    "Access to EKS is by access entries, never by the ConfigMap aws-auth. A mistake in that map locks everybody out, and no record says who has changed it.",
  severity: "high",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, reportViolation) => {
    judgeAll([...configMapsOf(type, props)], (map) => {
      if (at(map, "metadata", "name") !== "aws-auth" || at(map, "metadata", "namespace") !== "kube-system") return;
      reportViolation(
        "The ConfigMap kube-system/aws-auth decides who enters the cluster, and a mistake in it locks everybody out. Use aws.eks.AccessEntry.",
      );
    });
    if (awsType(type) !== "eks:Cluster") return;
    if (at(props, "accessConfig", "authenticationMode") !== "API") {
      reportViolation(
        "The EKS cluster still reads the ConfigMap aws-auth. Set accessConfig.authenticationMode to API, and who may enter as aws.eks.AccessEntry.",
      );
    }
    const unsaid = at(props, "accessConfig", "bootstrapClusterCreatorAdminPermissions");
    if (unsaid === undefined || isTrue(unsaid)) {
      reportViolation(
        "Whoever makes the EKS cluster stays its administrator without an entry that says so. Set accessConfig.bootstrapClusterCreatorAdminPermissions to false.",
      );
    }
  },
};

function* configMapsOf(type: string, props: unknown): Iterable<unknown> {
  if (["kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:ConfigMapPatch"].includes(type)) yield props;
  if (type === "kubernetes:core/v1:ConfigMapList") yield* list(at(props, "items"));
}
