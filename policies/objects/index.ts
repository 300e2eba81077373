/** The pack's rules. */
import type { Pack } from "../lib/pack.ts";
import { disallowHelmReleases } from "./disallow-helm-releases.ts";
import { disallowRemovedVersions } from "./disallow-removed-versions.ts";

export const objects: Pack = {
  name: "objects",
  description: "Whether the rules see every object, and the cluster knows its kind",
  rules: [disallowHelmReleases, disallowRemovedVersions],
};
