/** Nodes and people inside reach the API server without leaving the VPC. */
import { awsType, isTrue, notCel } from "../lib/aws/values.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { at } from "../lib/values.ts";

/** Refuses an EKS cluster whose API server cannot be reached from inside its VPC. */
export const requirePrivateEndpoint = defineRule({
  name: "aws-require-private-endpoint",
  severity: "high",
  level: "mandatory",
  title: "The API server of every EKS cluster has a private endpoint.",
  why: "Nodes otherwise reach their API server through the internet, which is open for all.",
  fix: "Set vpcConfig.endpointPrivateAccess to true.",
  sees: "object",
  notCel,
  parameters: noParameters,
  *check(object) {
    if (awsType(object) !== "eks:Cluster" || isTrue(at(object.value, "vpcConfig", "endpointPrivateAccess"))) return;
    yield {
      path: "vpcConfig.endpointPrivateAccess",
      problem: "it has no private endpoint, so its nodes reach the API server over the internet",
      fix: "Set {path} to true.",
    };
  },
});
