/** The pack's rules. */
import type { Pack } from "../lib/pack.ts";
import { disallowHelmReleases } from "./disallow-helm-releases.ts";

export const objects: Pack = {
  name: "objects",
  description: "Whether the rules see every object",
  rules: [disallowHelmReleases],
};
