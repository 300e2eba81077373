/** What is stored is encrypted, with a key that rotates. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { judgeAll } from "../lib/aws/judge-all.ts";
import { awsType, isTrue } from "../lib/aws/values.ts";
import { at, list } from "../lib/values.ts";

type Judge = (props: unknown, report: (message: string) => void) => void;

/** The rule for each type of resource that stores something. */
const judges: Readonly<Record<string, Judge>> = {
  "eks:Cluster": (props, report) => {
    const config = at(props, "encryptionConfig");
    const key = at(config, "provider", "keyArn");
    if (list(at(config, "resources")).includes("secrets") && isGiven(key)) return;
    report(
      "The EKS cluster does not encrypt Secrets with a key of yours. Set encryptionConfig.resources to secrets and encryptionConfig.provider.keyArn.",
    );
  },
  "ec2:LaunchTemplate": (props, report) => {
    const disks = list(at(props, "blockDeviceMappings"));
    if (disks.length === 0) {
      report(
        "The launch template names no disk, so nodes get the image's own, which may be unencrypted. Set blockDeviceMappings with ebs.encrypted.",
      );
    }
    judgeAll(disks, (disk, index) => {
      if (at(disk, "ebs") === undefined || isTrue(at(disk, "ebs", "encrypted"))) return;
      report(
        `A disk of the launch template is not encrypted. Set blockDeviceMappings[${String(index)}].ebs.encrypted.`,
      );
    });
  },
  "ec2:Instance": (props, report) => {
    if (isTrue(at(props, "rootBlockDevice", "encrypted"))) return;
    report("The instance's root disk is not encrypted. Set rootBlockDevice.encrypted.");
  },
  "ebs:Volume": (props, report) => {
    if (isTrue(at(props, "encrypted"))) return;
    report("The volume is not encrypted. Set encrypted.");
  },
  "cloudwatch:LogGroup": (props, report) => {
    if (isGiven(at(props, "kmsKeyId"))) return;
    report("The log group is not encrypted with a key of yours. Set kmsKeyId.");
  },
  "kms:Key": (props, report) => {
    const symmetric = (at(props, "customerMasterKeySpec") ?? "SYMMETRIC_DEFAULT") === "SYMMETRIC_DEFAULT"; // others cannot
    if (!symmetric || isTrue(at(props, "enableKeyRotation"))) return;
    report("The key never rotates, so whoever learns it once reads everything. Set enableKeyRotation.");
  },
};

const isGiven = (value: unknown): boolean => typeof value === "string" && value !== "";

/** Refuses what is stored without encryption, or under a key that never changes. */
export const requireEncryption: ResourceValidationPolicy = {
  name: "aws-require-encryption",
  description:
    "Secrets in etcd, disks and logs are encrypted, and keys rotate. Whoever gets hold of a disk, a snapshot or a copy of a log otherwise reads all of it.",
  severity: "high",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, reportViolation) => {
    judges[awsType(type)]?.(props, reportViolation);
  },
};
