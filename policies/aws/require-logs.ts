/** What happened at the API server can be read afterwards. */
import { awsType, notCel } from "../lib/aws/values.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { at, list } from "../lib/values.ts";

/** Every log of an EKS control plane (docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html). */
const controlPlaneLogs = ["api", "audit", "authenticator", "controllerManager", "scheduler"] as const;

/** Refuses an EKS cluster that does not write all of its control plane's logs. */
export const requireLogs = defineRule({
  name: "aws-require-logs",
  severity: "medium",
  level: "mandatory",
  title: "Every EKS cluster writes all logs of its control plane.",
  why: "Nobody can say afterwards who has asked the API server for what.",
  fix: "Name all five logs in enabledClusterLogTypes.",
  sees: "object",
  notCel,
  parameters: noParameters,
  *check(object) {
    if (awsType(object) !== "eks:Cluster") return;
    const enabled = list(at(object.value, "enabledClusterLogTypes"));
    const missing = controlPlaneLogs.filter((log) => !enabled.includes(log));
    if (missing.length === 0) return;
    yield {
      path: "enabledClusterLogTypes",
      problem: `it does not write ${missing.join(", ")}, so nobody can find out later what happened there`,
      fix: "Add to {path}.",
    };
  },
});
