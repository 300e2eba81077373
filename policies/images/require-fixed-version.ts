/** Every image says which version of it runs, so that a restart never brings another one. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { imageProblem } from "../../components/registries-images.ts";
import { judgeImages } from "../lib/images.ts";

/** Refuses a workload with an image that has neither a digest nor, unless one is asked for, a tag other than latest. */
export const requireFixedVersion: ResourceValidationPolicy = {
  name: "images-require-fixed-version",
  description: "Every image has a digest or a tag that says its version.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: {
      requireDigest: {
        type: "boolean",
        description: "Whether a tag alone is not enough, because it can be moved.",
      },
    },
  },
  validateResource: (args, reportViolation) => {
    const { requireDigest = false } = args.getConfig<{ requireDigest?: boolean }>();
    judgeImages(args.type, args.props, (image) => imageProblem(image, { requireDigest }), reportViolation);
  },
};
