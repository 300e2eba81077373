/** Images come from registries that somebody has decided to trust. */
import { z } from "zod";
import { foreign } from "../../components/registries-images.ts";
import { judgeImages } from "../lib/images.ts";
import { defineRule } from "../lib/rule.ts";

/** Refuses a workload with an image whose full name lies in none of the allowed registries. */
export const requireAllowedRegistry = defineRule({
  name: "images-require-allowed-registry",
  severity: "high",
  level: "mandatory",
  title: "Every image comes from an allowed registry.",
  why: "What runs in the cluster is otherwise whatever anybody has pushed anywhere.",
  fix: "Take the image from an allowed registry, or add its own to quintet:registries.allowed.",
  sees: "object",
  parameters: z
    .strictObject({
      /** Registries or parts of them, like ghcr.io/acme. @default every registry is allowed */
      allowed: z.array(z.string()).optional(),
    })
    .prefault({}),
  check: (object, { parameters: { allowed } }) => judgeImages(object, (image) => foreign(image, allowed)),
});
