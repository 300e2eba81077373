import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { judge as judgeAll } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfResource } from "../../../policies/lib/object.ts";
import { repaired } from "../../../policies/lib/remedy.ts";
import type { Rule } from "../../../policies/lib/rule.ts";
import { disallowAwsAuth } from "../../../policies/aws/disallow-aws-auth.ts";
import { disallowOpenNetworks } from "../../../policies/aws/disallow-open-networks.ts";
import { disallowWildcardIam } from "../../../policies/aws/disallow-wildcard-iam.ts";
import { requireDeletionProtection } from "../../../policies/aws/require-deletion-protection.ts";
import { requireEncryption } from "../../../policies/aws/require-encryption.ts";
import { requireImdsv2 } from "../../../policies/aws/require-imdsv2.ts";
import { requireLogs } from "../../../policies/aws/require-logs.ts";
import { requirePrivateEndpoint } from "../../../policies/aws/require-private-endpoint.ts";
import { judge } from "../../lib/judge.ts";
import { unknown } from "../../lib/unknown.ts";
import { aws, type Break, broken, compliant, judgeBroken } from "./cases.ts";

const cluster = aws("eks", "Cluster");
const template = aws("ec2", "LaunchTemplate");
const key = aws("kms", "Key");

const rules: readonly Rule[] = [
  disallowAwsAuth,
  disallowOpenNetworks,
  disallowWildcardIam,
  requireDeletionProtection,
  requireEncryption,
  requireImdsv2,
  requireLogs,
  requirePrivateEndpoint,
];

describe.each(rules)("$name", (rule) => {
  test.each(Object.entries(compliant))("lets a compliant %s be", async (type, props) => {
    expect(await judge(rule, type, props)).toEqual({ violations: [] });
  });
});

const cases: readonly (readonly [Rule, string, Break, string])[] = [
  [requirePrivateEndpoint, cluster, ["vpcConfig.endpointPrivateAccess", false], "vpcConfig.endpointPrivateAccess"],
  [requirePrivateEndpoint, cluster, ["vpcConfig.endpointPrivateAccess", undefined], "no private endpoint"],
  [requireDeletionProtection, cluster, ["deletionProtection", undefined], "deletionProtection"],
  [requireLogs, cluster, ["enabledClusterLogTypes", ["api", "audit"]], "authenticator, controllerManager, scheduler"],
  [requireLogs, cluster, ["enabledClusterLogTypes", undefined], "does not write api, audit"],
  [requireImdsv2, template, ["metadataOptions.httpTokens", "optional"], "metadataOptions.httpTokens to required"],
  [requireImdsv2, template, ["metadataOptions.httpPutResponseHopLimit", 2], "httpPutResponseHopLimit to 1"],
  [requireImdsv2, template, ["metadataOptions", undefined], "without a session"],
  [requireImdsv2, aws("ec2", "Instance"), ["metadataOptions.httpTokens", undefined], "without a session"],
  [requireImdsv2, aws("ec2", "LaunchConfiguration"), ["imageId", "ami-1"], "Use an aws.ec2.LaunchTemplate"],
  [requireEncryption, cluster, ["encryptionConfig", undefined], "does not encrypt Secrets"],
  [requireEncryption, cluster, ["encryptionConfig.provider.keyArn", ""], "does not encrypt Secrets"],
  [requireEncryption, template, ["blockDeviceMappings", undefined], "names no disk"],
  [
    requireEncryption,
    template,
    ["blockDeviceMappings.0.ebs.encrypted", "false"],
    "blockDeviceMappings[0].ebs.encrypted",
  ],
  [requireEncryption, aws("ec2", "Instance"), ["rootBlockDevice.encrypted", false], "rootBlockDevice.encrypted"],
  [requireEncryption, aws("ebs", "Volume"), ["encrypted", undefined], "it is not encrypted. Set encrypted to true"],
  [requireEncryption, aws("cloudwatch", "LogGroup"), ["kmsKeyId", undefined], "kmsKeyId"],
  [requireEncryption, key, ["enableKeyRotation", undefined], "enableKeyRotation"],
  [disallowAwsAuth, cluster, ["accessConfig.authenticationMode", "API_AND_CONFIG_MAP"], "authenticationMode to API"],
  [disallowAwsAuth, cluster, ["accessConfig.bootstrapClusterCreatorAdminPermissions", undefined], "whoever makes"],
  [disallowAwsAuth, "kubernetes:core/v1:ConfigMap", ["metadata.name", "aws-auth"], "kube-system/aws-auth"],
];

/** What a rule says, what it only tells among it. */
async function told(rule: Rule, type: string, change: Break): Promise<string[]> {
  const { violations, undecided } = await judgeBroken(rule, type, change);
  return [...violations, ...(undecided === undefined ? [] : [undecided])];
}

test.each(cases.map(([rule, ...rest]) => [rule.name, ...rest, rule] as const))(
  "%s tells of %s with %j",
  async (...row) => {
    const [, type, change, message, rule] = row;
    expect(await told(rule, type, change)).toEqual(expect.arrayContaining([expect.stringContaining(message)]));
  },
);

test("each broken field is one violation, but where it holds two", async () => {
  for (const [rule, type, change] of cases) {
    const violations = await told(rule, type, change);
    const both = change[0] === "metadataOptions" ? 2 : 1;
    expect([change, violations.length]).toEqual([change, both]);
  }
});

const [instance, bare] = [aws("ec2", "Instance"), aws("ec2", "LaunchConfiguration")];

// What is said of a whole object has no path.
const words: readonly (readonly [Rule, string, Break, path: string, message: string])[] = [
  [
    requirePrivateEndpoint,
    cluster,
    ["vpcConfig.endpointPrivateAccess", false],
    "vpcConfig.endpointPrivateAccess",
    "it has no private endpoint, so its nodes reach the API server over the internet. Set vpcConfig.endpointPrivateAccess to true.",
  ],
  [
    requireDeletionProtection,
    cluster,
    ["deletionProtection", undefined],
    "deletionProtection",
    "it has no deletion protection, so one call deletes it. Set deletionProtection to true, unless it is to go.",
  ],
  [
    requireLogs,
    cluster,
    ["enabledClusterLogTypes", ["api", "audit"]],
    "enabledClusterLogTypes",
    "it does not write authenticator, controllerManager, scheduler, so nobody can find out later what happened there. Add to enabledClusterLogTypes.",
  ],
  [
    requireImdsv2,
    bare,
    ["imageId", "ami-1"],
    "",
    "a launch configuration cannot say all that a node needs. Use an aws.ec2.LaunchTemplate.",
  ],
  [
    requireImdsv2,
    template,
    ["metadataOptions.httpPutResponseHopLimit", 2],
    "metadataOptions.httpPutResponseHopLimit",
    "its metadata reach further than itself, so pods get the node's role. Set metadataOptions.httpPutResponseHopLimit to 1.",
  ],
  [
    requireEncryption,
    cluster,
    ["encryptionConfig", undefined],
    "encryptionConfig",
    "it does not encrypt Secrets with a key of yours. Set encryptionConfig.resources to secrets and encryptionConfig.provider.keyArn.",
  ],
  [
    requireEncryption,
    template,
    ["blockDeviceMappings", undefined],
    "blockDeviceMappings",
    "it names no disk, so nodes get the image's own, which may be unencrypted. Set blockDeviceMappings with ebs.encrypted.",
  ],
  [
    requireEncryption,
    template,
    ["blockDeviceMappings.0.ebs.encrypted", "false"],
    "blockDeviceMappings[0].ebs.encrypted",
    "a disk of it is not encrypted. Set blockDeviceMappings[0].ebs.encrypted to true.",
  ],
  [
    requireEncryption,
    instance,
    ["rootBlockDevice.encrypted", false],
    "rootBlockDevice.encrypted",
    "its root disk is not encrypted. Set rootBlockDevice.encrypted to true.",
  ],
  [
    requireEncryption,
    aws("cloudwatch", "LogGroup"),
    ["kmsKeyId", undefined],
    "kmsKeyId",
    "it is not encrypted with a key of yours. Set kmsKeyId.",
  ],
  [
    disallowAwsAuth,
    cluster,
    ["accessConfig.authenticationMode", "API_AND_CONFIG_MAP"],
    "accessConfig.authenticationMode",
    "it still reads the ConfigMap aws-auth. Set accessConfig.authenticationMode to API, and who may enter as aws.eks.AccessEntry.",
  ],
  [
    disallowAwsAuth,
    cluster,
    ["accessConfig.bootstrapClusterCreatorAdminPermissions", undefined],
    "accessConfig.bootstrapClusterCreatorAdminPermissions",
    "whoever makes it stays its administrator without an entry that says so. Set accessConfig.bootstrapClusterCreatorAdminPermissions to false.",
  ],
  [
    disallowAwsAuth,
    "kubernetes:core/v1:ConfigMap",
    ["metadata.name", "aws-auth"],
    "",
    "it decides who enters the cluster, and a mistake in it locks everybody out. Use aws.eks.AccessEntry.",
  ],
];

test.each(words.map(([rule, ...rest]) => [rule.name, ...rest, rule] as const))(
  "%s says of %s with %j where it is wrong, and what to do",
  (...row) => {
    const [, type, change, path, message, rule] = row;
    const objects = new Objects(objectsOfResource(type, broken(type, change)));
    const found = judgeAll([rule], objects, { config: policyConfigSchema.parse({}), today: "2026-11-23" });
    expect(found.map((one) => [one.path, one.message])).toEqual([[path, message]]);
  },
);

const [map, secret] = ["kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:Secret"];
const awsAuth = { name: "aws-auth", namespace: "kube-system" };

test.each<[string, Rule, string, object]>([
  ["a ConfigMap aws-auth elsewhere", disallowAwsAuth, map, { metadata: { ...awsAuth, namespace: "shop" } }],
  ["a Secret aws-auth", disallowAwsAuth, secret, { metadata: awsAuth }],
  ["a list of others", disallowAwsAuth, `${secret}List`, { items: [{ metadata: awsAuth }] }],
  ["a machine without metadata", requireImdsv2, template, { metadataOptions: { httpEndpoint: "disabled" } }],
  ["a disk not of EBS", requireEncryption, template, { blockDeviceMappings: [{ virtualName: "ephemeral0" }] }],
  ["a pair of keys, which cannot rotate", requireEncryption, key, { customerMasterKeySpec: "RSA_2048" }],
])("%s may be", async (_, rule, type, props) => {
  expect(await judge(rule, type, props)).toEqual({ violations: [] });
});

test("a single key rotates, whether it says that it is one or not", async () => {
  const props = { customerMasterKeySpec: "SYMMETRIC_DEFAULT" };
  expect((await judge(requireEncryption, key, props)).violations).toEqual([
    "kms:Key urn: it never rotates, so whoever learns it once reads everything. Set enableKeyRotation to true.",
  ]);
  expect(await judge(requireEncryption, key, { ...props, enableKeyRotation: true })).toEqual({ violations: [] });
});

test("aws-auth is found in a patch and in a list", async () => {
  const metadata = awsAuth;
  for (const [type, props] of [
    ["kubernetes:core/v1:ConfigMapPatch", { metadata }],
    ["kubernetes:core/v1:ConfigMapList", { items: [{ metadata: { name: "other" } }, { metadata }] }],
  ] as const) {
    expect((await judge(disallowAwsAuth, type, props)).violations).toHaveLength(1);
  }
});

test("what is not known yet is left open, and hides nothing that is known", async () => {
  const open = broken(template, ["metadataOptions", { httpTokens: unknown, httpPutResponseHopLimit: 2 }]);
  const verdict = await judge(requireImdsv2, template, open);
  expect(verdict.undecided).toBeDefined();
  expect(verdict.violations).toEqual([expect.stringContaining("httpPutResponseHopLimit")]);
  const group = await judge(requireEncryption, aws("cloudwatch", "LogGroup"), { kmsKeyId: unknown });
  expect(group).toMatchObject({ violations: [] });
});

describe("what a remedy adds to a machine", () => {
  const added = (type: string, props: object) =>
    objectsOfResource(type, props).flatMap((object) => [...(requireImdsv2.remedy?.repairs(object) ?? [])]);
  const [tokens, hops] = [
    { path: "metadataOptions.httpTokens", value: "required" },
    { path: "metadataOptions.httpPutResponseHopLimit", value: 1 },
  ];

  test.each<[string, string, object, object[]]>([
    ["all of it", template, {}, [tokens, hops]],
    ["what an instance does not say", aws("ec2", "Instance"), { metadataOptions: { httpTokens: "required" } }, [hops]],
    ["nothing that is written", template, { metadataOptions: { httpTokens: "optional" } }, [hops]],
    ["nothing where there is no such service", template, { metadataOptions: { httpEndpoint: "disabled" } }, []],
    ["nothing to what is no machine", cluster, {}, []],
  ])("is %s", (_, type, props, expected) => {
    expect(added(type, props)).toEqual(expected);
  });

  test("makes it comply", async () => {
    const [object] = objectsOfResource(template, {});
    const props = repaired({}, object === undefined ? [] : [...(requireImdsv2.remedy?.repairs(object) ?? [])]);
    expect(await judge(requireImdsv2, template, props)).toEqual({ violations: [] });
    expect(requireImdsv2.remedy?.kinds).toEqual(["LaunchTemplate", "Instance"]);
    expect(requireImdsv2.remedy?.text).toContain("a hop limit of 1");
  });
});
