/** `quintet:admission`: whether the API server holds workloads to the rules, whoever sends them. */
import { z } from "zod";
import { section } from "../problems.ts";
import { type Contradiction, dnsLabel } from "./cluster/facts.ts";

const system = "the cluster's own components run there, which come and go without this stack";
const why = z.string().trim().min(10, "must say why, in ten characters or more");

const policies = section({
  kind: z.literal("policies"),
  /** Namespaces that are left alone beside the cluster's own, with why. */
  exempt: z.record(dnsLabel, why).default({}),
});

const none = section({ kind: z.literal("none") });

/** The shape of `quintet:admission`. */
export const admissionSchema = z
  .discriminatedUnion("kind", [policies, none], 'expected an object with kind "policies" or "none"')
  .prefault({ kind: "none" });

/** Whether and for whom rules are asked at admission. */
export type AdmissionConfig = z.infer<typeof admissionSchema>;

/** What is always left alone: kubelets report their own pods there, which no one can correct by then. */
export const systemNamespaces: Readonly<Record<string, string>> = {
  "kube-system": system,
  "kube-public": system,
  "kube-node-lease": system,
};

/** What of it does not go together, by its path under `quintet:`. */
export function admissionProblems({ kind }: AdmissionConfig, isGuest: boolean): Contradiction[] {
  if (kind === "none" || !isGuest) return [];
  return [
    [["admission", "kind"], 'must be "none": policies are the cluster\'s, and of the stack that is no guest there'],
  ];
}
