/** What a pod keeps to by our own reading, beside the oracle in tools/policy-oracle. */
import { objectsOfManifest } from "../../policies/lib/object.ts";
import { baselineChecks } from "../../policies/lib/pod-security/baseline.ts";
import { checksOf, restrictedChecks } from "../../policies/lib/pod-security/restricted.ts";
import { workloadOf } from "../../policies/lib/workload.ts";

/** What the oracle answers: the levels that a pod keeps to, and the checks that it fails. */
export interface Security {
  readonly baseline: boolean;
  readonly restricted: boolean;
  readonly failed: readonly string[];
}

/** What a pod keeps to. */
export function securityOf(pod: object): Security {
  const [object] = objectsOfManifest({ apiVersion: "v1", kind: "Pod", ...pod });
  const workload = object === undefined ? undefined : workloadOf(object);
  if (workload === undefined) throw new Error("A pod is a workload.");
  const fails = ({ check }: (typeof baselineChecks)[number]) => Array.from(check(workload)).length > 0;
  return {
    baseline: !checksOf("baseline").some(fails),
    restricted: !checksOf("restricted").some(fails),
    failed: [...baselineChecks, ...restrictedChecks].filter(fails).map(({ id }) => id),
  };
}
