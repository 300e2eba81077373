/** `quintet:admission`: whether the API server holds workloads to the rules, whoever sends them. */
import { z } from "zod";
import { exemptReason } from "../policies/lib/system-namespaces.ts";
import { section } from "../problems.ts";
import { type Contradiction, dnsLabel } from "./cluster/facts.ts";

const policies = section({
  kind: z.literal("policies"),
  /** Namespaces that are left alone beside the cluster's own, with why. */
  exempt: z.record(dnsLabel, exemptReason).default({}),
});

const none = section({ kind: z.literal("none") });

/** The shape of `quintet:admission`. */
export const admissionSchema = z
  .discriminatedUnion("kind", [policies, none], 'expected an object with kind "policies" or "none"')
  .prefault({ kind: "none" });

/** Whether and for whom rules are asked at admission. */
export type AdmissionConfig = z.infer<typeof admissionSchema>;

/** What of it does not go together, by its path under `quintet:`. */
export function admissionProblems({ kind }: AdmissionConfig, isGuest: boolean): Contradiction[] {
  if (kind === "none" || !isGuest) return [];
  return [
    [["admission", "kind"], 'must be "none": policies are the cluster\'s, and of the stack that is no guest there'],
  ];
}
