/** The pack's rules. */
import type { Pack } from "../lib/pack.ts";
import { requireBaseline } from "./require-baseline.ts";
import { requireReadOnlyRoot } from "./require-read-only-root.ts";
import { requireRestricted } from "./require-restricted.ts";

export const podSecurity: Pack = {
  name: "pod-security",
  description: "What pods may do to their nodes, by the Pod Security Standards, and to themselves",
  rules: [requireBaseline, requireReadOnlyRoot, requireRestricted],
};
