import type { ResourceValidationPolicy } from "@pulumi/policy";
import { createPlatform } from "../../../platform.ts";
import { disallowAwsAuth } from "../../../policies/aws/disallow-aws-auth.ts";
import { disallowOpenNetworks } from "../../../policies/aws/disallow-open-networks.ts";
import { disallowWildcardIam } from "../../../policies/aws/disallow-wildcard-iam.ts";
import { requireDeletionProtection } from "../../../policies/aws/require-deletion-protection.ts";
import { requireEncryption } from "../../../policies/aws/require-encryption.ts";
import { requireFlowLogs } from "../../../policies/aws/require-flow-logs.ts";
import { requireImdsv2 } from "../../../policies/aws/require-imdsv2.ts";
import { requireLogs } from "../../../policies/aws/require-logs.ts";
import { requirePrivateEndpoint } from "../../../policies/aws/require-private-endpoint.ts";
import { judge, judgeStack } from "../../lib/judge.ts";
import { record, type Recorded } from "../../lib/record.ts";
import { stackConfig } from "../../lib/stacks.ts";

let resources: readonly Recorded[];

beforeAll(async () => {
  ({ resources } = await record(() => createPlatform(stackConfig("prod"))));
});

test.each<ResourceValidationPolicy>([
  disallowAwsAuth,
  disallowOpenNetworks,
  disallowWildcardIam,
  requireDeletionProtection,
  requireEncryption,
  requireImdsv2,
  requireLogs,
  requirePrivateEndpoint,
])("stack prod is what $name wants", async (rule) => {
  const verdicts = await Promise.all(
    resources.map(async ({ type, name, inputs }) => ({ name, ...(await judge(rule, type, inputs)) })),
  );
  expect(verdicts.length).toBeGreaterThan(50);
  expect(verdicts.filter(({ violations, undecided }) => violations.length > 0 || undecided !== undefined)).toEqual([]);
});

test("stack prod logs the traffic of its VPC", async () => {
  const named = (type: string, name: string) => `${type}::${name}`;
  const all = resources.map(({ type, name, inputs, after }) => ({
    type,
    name,
    urn: named(type, name),
    props: inputs,
    uses: { vpcId: after },
  }));
  expect(all.some(({ type }) => type === "aws:ec2/vpc:Vpc")).toBe(true);
  expect(await judgeStack(requireFlowLogs, all)).toEqual([]);
});
