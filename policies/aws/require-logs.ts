/** What happened at the API server can be read afterwards. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { awsType } from "../lib/aws/values.ts";
import { at, list } from "../lib/values.ts";

/** Every log of an EKS control plane (docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html). */
const controlPlaneLogs = ["api", "audit", "authenticator", "controllerManager", "scheduler"] as const;

/** Refuses an EKS cluster that does not write all of its control plane's logs. */
export const requireLogs: ResourceValidationPolicy = {
  name: "aws-require-logs",
  description:
    "Every EKS cluster writes all logs of its control plane. Nobody can say afterwards who has asked the API server for what.",
  severity: "medium",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, reportViolation) => {
    if (awsType(type) !== "eks:Cluster") return;
    const enabled = list(at(props, "enabledClusterLogTypes"));
    const missing = controlPlaneLogs.filter((log) => !enabled.includes(log));
    if (missing.length === 0) return;
    reportViolation(
      `The EKS cluster does not write ${missing.join(", ")}, so nobody can find out later what happened there. Add to enabledClusterLogTypes.`,
    );
  },
};
