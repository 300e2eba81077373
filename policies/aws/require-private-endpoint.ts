/** Nodes and people inside reach the API server without leaving the VPC. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { awsType, isTrue } from "../lib/aws/values.ts";
import { at } from "../lib/values.ts";

/** Refuses an EKS cluster whose API server cannot be reached from inside its VPC. */
export const requirePrivateEndpoint: ResourceValidationPolicy = {
  name: "aws-require-private-endpoint",
  description:
    "The API server of every EKS cluster has a private endpoint. Nodes otherwise reach their API server through the internet, which is open for all.",
  severity: "high",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, reportViolation) => {
    if (awsType(type) !== "eks:Cluster" || isTrue(at(props, "vpcConfig", "endpointPrivateAccess"))) return;
    reportViolation(
      "The EKS cluster has no private endpoint, so its nodes reach the API server over the internet. Set vpcConfig.endpointPrivateAccess to true.",
    );
  },
};
