/** The pack's rules, which are policies of the engine and nothing else. */
import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { disallowAwsAuth } from "./disallow-aws-auth.ts";
import { disallowOpenNetworks } from "./disallow-open-networks.ts";
import { disallowWildcardIam } from "./disallow-wildcard-iam.ts";
import { requireDeletionProtection } from "./require-deletion-protection.ts";
import { requireEncryption } from "./require-encryption.ts";
import { requireFlowLogs } from "./require-flow-logs.ts";
import { requireImdsv2 } from "./require-imdsv2.ts";
import { requireLogs } from "./require-logs.ts";
import { requirePrivateEndpoint } from "./require-private-endpoint.ts";

/** Every rule about AWS. */
export const aws: readonly (ResourceValidationPolicy | StackValidationPolicy)[] = [
  disallowAwsAuth,
  disallowOpenNetworks,
  disallowWildcardIam,
  requireDeletionProtection,
  requireEncryption,
  requireFlowLogs,
  requireImdsv2,
  requireLogs,
  requirePrivateEndpoint,
];
