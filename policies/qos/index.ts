/** The pack's rules. */
import type { Pack } from "../lib/pack.ts";
import { disallowRequestsAboveLimits } from "./disallow-requests-above-limits.ts";
import { disallowWideRatios } from "./disallow-wide-ratios.ts";
import { requireDeclaredClass } from "./require-declared-class.ts";
import { requireEmptyDirLimits } from "./require-empty-dir-limits.ts";
import { requireLimitRangeFit } from "./require-limit-range-fit.ts";
import { requireLimits } from "./require-limits.ts";
import { requireQuotaFit } from "./require-quota-fit.ts";

export const qos: Pack = {
  name: "qos",
  description: "What every container asks for and may take",
  rules: [
    disallowRequestsAboveLimits,
    disallowWideRatios,
    requireDeclaredClass,
    requireEmptyDirLimits,
    requireLimitRangeFit,
    requireLimits,
    requireQuotaFit,
  ],
};
