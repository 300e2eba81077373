/** Who enters a cluster is said in AWS, where a mistake can be put right from outside. */
import { awsType, isTrue, notCel } from "../lib/aws/values.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { at } from "../lib/values.ts";

/** Refuses the ConfigMap aws-auth, and an EKS cluster that would read it or let its maker in unsaid. */
export const disallowAwsAuth = defineRule({
  name: "aws-disallow-aws-auth",
  severity: "high",
  level: "mandatory",
  title: "Access to EKS is by access entries, never by the ConfigMap aws-auth.",
  why: "A mistake in that map locks everybody out, and no record says who has changed it.",
  fix: "Set accessConfig.authenticationMode to API, bootstrapClusterCreatorAdminPermissions to false, and who may enter as aws.eks.AccessEntry.",
  sees: "object",
  notCel,
  parameters: noParameters,
  *check(object) {
    const { kind, value } = object;
    if (kind === "ConfigMap") {
      if (at(value, "metadata", "name") === "aws-auth" && at(value, "metadata", "namespace") === "kube-system")
        yield {
          path: "",
          problem: "it decides who enters the cluster, and a mistake in it locks everybody out",
          fix: "Use aws.eks.AccessEntry.",
        };
      return;
    }
    if (awsType(object) !== "eks:Cluster") return;
    if (at(value, "accessConfig", "authenticationMode") !== "API")
      yield {
        path: "accessConfig.authenticationMode",
        problem: "it still reads the ConfigMap aws-auth",
        fix: "Set {path} to API, and who may enter as aws.eks.AccessEntry.",
      };
    const unsaid = at(value, "accessConfig", "bootstrapClusterCreatorAdminPermissions");
    if (unsaid === undefined || isTrue(unsaid))
      yield {
        path: "accessConfig.bootstrapClusterCreatorAdminPermissions",
        problem: "whoever makes it stays its administrator without an entry that says so",
        fix: "Set {path} to false.",
      };
  },
});
