/** Images come from registries that somebody has decided to trust. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { foreign } from "../../components/registries-images.ts";
import { judgeImages } from "../lib/images.ts";

/** Refuses a workload with an image whose full name lies in none of the allowed registries. */
export const requireAllowedRegistry: ResourceValidationPolicy = {
  name: "images-require-allowed-registry",
  description: "Every image comes from an allowed registry.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: {
      allowed: {
        type: "array",
        items: { type: "string" },
        description: "Registries or parts of them, like ghcr.io/acme. Without it every registry is allowed.",
      },
    },
  },
  validateResource: (args, reportViolation) => {
    const { allowed } = args.getConfig<{ allowed?: string[] }>();
    judgeImages(args.type, args.props, (image) => foreign(image, allowed), reportViolation);
  },
};
