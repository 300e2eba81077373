/** Every image says which version of it runs, so that a restart never brings another one. */
import { z } from "zod";
import { imagePattern } from "../../components/registries-images.ts";
import { quoted } from "../lib/cel/form.ts";
import { imageForm } from "../lib/cel/images.ts";
import { celRule } from "../lib/cel/rule.ts";

const isName = `image.matches(${quoted(imagePattern)})`;
/** Of what is a name: registries-images.ts takes it apart, and a test compares the two. */
const isTagged = 'image.matches(":[^/]*$")';
const isOpen = `${isName} && !image.contains("@")`;

/** Refuses a workload with an image that has neither a digest nor, unless one is asked for, a tag other than latest. */
export const requireFixedVersion = celRule({
  name: "images-require-fixed-version",
  severity: "high",
  level: "mandatory",
  title: "Every image has a digest or a tag that says its version.",
  why: "A restarted pod otherwise runs something that nobody has looked at.",
  fix: "Write the version as the image's tag, or its digest.",
  parameters: z
    .strictObject({
      /** Whether a tag alone is not enough, because it can be moved. */
      requireDigest: z.boolean().default(false),
    })
    .prefault({}),
  cel: ({ requireDigest }) =>
    imageForm([
      { valid: isName, problem: "is not an image's name, write it like registry.example/team/app:1.2.3" },
      ...(requireDigest
        ? [
            {
              valid: `!(${isOpen})`,
              problem: "has no digest, and its tag can be moved: write the name with @sha256:…",
            },
          ]
        : [
            {
              where: isOpen,
              valid: isTagged,
              problem: "has no tag, so it is whatever is latest: write the version that is meant",
            },
            {
              where: isOpen,
              valid: '!image.endsWith(":latest")',
              problem: "has the tag latest, which says no version: write the one that is meant",
            },
          ]),
    ]),
});
