/** What is stored is encrypted, with a key that rotates. */
import { awsType, isTrue, notCel } from "../lib/aws/values.ts";
import { defineRule, each, type Finding, noParameters } from "../lib/rule.ts";
import { at, list } from "../lib/values.ts";

type Check = (value: unknown) => Iterable<Finding>;

const one = (isWrong: boolean, path: string, problem: string, fix = "Set {path} to true."): Finding[] =>
  isWrong ? [{ path, problem, fix }] : [];

/** What has to hold of each type of resource that stores something. */
const checks: Readonly<Record<string, Check>> = {
  "eks:Cluster": (value) => {
    const config = at(value, "encryptionConfig");
    const isEncrypted = list(at(config, "resources")).includes("secrets") && isGiven(at(config, "provider", "keyArn"));
    const fix = "Set {path}.resources to secrets and {path}.provider.keyArn.";
    return one(!isEncrypted, "encryptionConfig", "it does not encrypt Secrets with a key of yours", fix);
  },
  *"ec2:LaunchTemplate"(value) {
    const disks = list(at(value, "blockDeviceMappings"));
    yield* one(
      disks.length === 0,
      "blockDeviceMappings",
      "it names no disk, so nodes get the image's own, which may be unencrypted",
      "Set {path} with ebs.encrypted.",
    );
    yield* each(disks, (disk, index) => {
      const isOpen = at(disk, "ebs") !== undefined && !isTrue(at(disk, "ebs", "encrypted"));
      return one(isOpen, `blockDeviceMappings[${String(index)}].ebs.encrypted`, "a disk of it is not encrypted");
    });
  },
  "ec2:Instance": (value) =>
    one(
      !isTrue(at(value, "rootBlockDevice", "encrypted")),
      "rootBlockDevice.encrypted",
      "its root disk is not encrypted",
    ),
  "ebs:Volume": (value) => one(!isTrue(at(value, "encrypted")), "encrypted", "it is not encrypted"),
  "cloudwatch:LogGroup": (value) =>
    one(!isGiven(at(value, "kmsKeyId")), "kmsKeyId", "it is not encrypted with a key of yours", "Set {path}."),
  "kms:Key": (value) => {
    const symmetric = (at(value, "customerMasterKeySpec") ?? "SYMMETRIC_DEFAULT") === "SYMMETRIC_DEFAULT"; // others cannot
    const stays = symmetric && !isTrue(at(value, "enableKeyRotation"));
    return one(stays, "enableKeyRotation", "it never rotates, so whoever learns it once reads everything");
  },
};

const isGiven = (value: unknown): boolean => typeof value === "string" && value !== "";

/** Refuses what is stored without encryption, or under a key that never changes. */
export const requireEncryption = defineRule({
  name: "aws-require-encryption",
  severity: "high",
  level: "mandatory",
  title: "Secrets in etcd, disks and logs are encrypted, and keys rotate.",
  why: "Whoever gets hold of a disk, a snapshot or a copy of a log otherwise reads all of it.",
  fix: "Set what the message names: encryption of a disk, a key of yours, or its rotation.",
  sees: "object",
  notCel,
  parameters: noParameters,
  *check(object) {
    yield* checks[awsType(object)]?.(object.value) ?? [];
  },
});
