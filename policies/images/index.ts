/** The pack's rules. */
import type { Pack } from "../lib/pack.ts";
import { requireAllowedRegistry } from "./require-allowed-registry.ts";
import { requireFixedVersion } from "./require-fixed-version.ts";

export const images: Pack = {
  name: "images",
  description: "Where images come from and that their version is fixed",
  rules: [requireAllowedRegistry, requireFixedVersion],
};
