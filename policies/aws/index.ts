/** The pack's rules. */
import type { Pack } from "../lib/pack.ts";
import { disallowAwsAuth } from "./disallow-aws-auth.ts";
import { disallowOpenNetworks } from "./disallow-open-networks.ts";
import { disallowWildcardIam } from "./disallow-wildcard-iam.ts";
import { requireDeletionProtection } from "./require-deletion-protection.ts";
import { requireEncryption } from "./require-encryption.ts";
import { requireFlowLogs } from "./require-flow-logs.ts";
import { requireImdsv2 } from "./require-imdsv2.ts";
import { requireLogs } from "./require-logs.ts";
import { requirePrivateEndpoint } from "./require-private-endpoint.ts";

export const aws: Pack = {
  name: "aws",
  description: "What is made in AWS, for clusters on EKS",
  rules: [
    disallowAwsAuth,
    disallowOpenNetworks,
    disallowWildcardIam,
    requireDeletionProtection,
    requireEncryption,
    requireFlowLogs,
    requireImdsv2,
    requireLogs,
    requirePrivateEndpoint,
  ],
};
