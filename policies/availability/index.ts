/** The pack's rules. */
import type { Pack } from "../lib/pack.ts";
import { disallowBlockingBudgets } from "./disallow-blocking-budgets.ts";
import { disallowFixedReplicas } from "./disallow-fixed-replicas.ts";
import { disallowOverlappingBudgets } from "./disallow-overlapping-budgets.ts";
import { disallowRecreate } from "./disallow-recreate.ts";
import { disallowSharedAutoscalerTargets } from "./disallow-shared-autoscaler-targets.ts";
import { disallowStuckUpdates } from "./disallow-stuck-updates.ts";
import { disallowUnmatchedBudgets } from "./disallow-unmatched-budgets.ts";
import { disallowUnmatchedServices } from "./disallow-unmatched-services.ts";
import { requireAutoscalerBounds } from "./require-autoscaler-bounds.ts";
import { requireAutoscalerTarget } from "./require-autoscaler-target.ts";
import { requireDisruptionBudget } from "./require-disruption-budget.ts";
import { requireGoverningService } from "./require-governing-service.ts";
import { requireSpread } from "./require-spread.ts";

export const availability: Pack = {
  name: "availability",
  description: "What keeps serving while nodes are drained, pods replaced and load changes",
  rules: [
    disallowBlockingBudgets,
    disallowFixedReplicas,
    disallowOverlappingBudgets,
    disallowRecreate,
    disallowSharedAutoscalerTargets,
    disallowStuckUpdates,
    disallowUnmatchedBudgets,
    disallowUnmatchedServices,
    requireAutoscalerBounds,
    requireAutoscalerTarget,
    requireDisruptionBudget,
    requireGoverningService,
    requireSpread,
  ],
};
