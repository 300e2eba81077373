/** Every image says which version of it runs, so that a restart never brings another one. */
import { z } from "zod";
import { imageProblem } from "../../components/registries-images.ts";
import { judgeImages } from "../lib/images.ts";
import { defineRule } from "../lib/rule.ts";

/** Refuses a workload with an image that has neither a digest nor, unless one is asked for, a tag other than latest. */
export const requireFixedVersion = defineRule({
  name: "images-require-fixed-version",
  severity: "high",
  level: "mandatory",
  title: "Every image has a digest or a tag that says its version.",
  why: "A restarted pod otherwise runs something that nobody has looked at.",
  fix: "Write the version as the image's tag, or its digest.",
  sees: "object",
  parameters: z
    .strictObject({
      /** Whether a tag alone is not enough, because it can be moved. */
      requireDigest: z.boolean().default(false),
    })
    .prefault({}),
  check: (object, { parameters }) => judgeImages(object, (image) => imageProblem(image, parameters)),
});
