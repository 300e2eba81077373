/** How a policy pack could fail open. */
import type { Proof, Row } from "./row.ts";

const judge = (name: string): Proof => ["policies/lib/judge.test.ts", name];
const limits = (name: string): Proof => ["policies/qos/require-limits.test.ts", name];

/** P1 to P9. */
export const policyFaults: readonly Row[] = [
  {
    id: "P1",
    fault: "a value is not known at preview",
    here: "It is said, counts as no pass, and is judged again in the update.",
    kind: "unit",
    proofs: [
      judge("what is not known yet is said, and is never a pass"),
      limits("it says so, and still reports what it can see"),
    ],
  },
  {
    id: "P2",
    fault: "a policy throws",
    here: "That is a finding.",
    kind: "unit",
    proofs: [judge("a rule that fails is a finding")],
  },
  {
    id: "P3",
    fault: "a pack is missing, or does not load",
    here: "The run ends before the engine is called.",
    kind: "unit",
    proofs: [
      ["policies/packs.test.ts", "every stack has all of them attached"],
      ["policies/packs.test.ts", "pack $name starts the way Pulumi starts it, and says on which port it serves"],
    ],
    missing: "no test takes a pack's files away",
  },
  {
    id: "P4",
    fault: "a rule about the whole stack speaks only after creation",
    here: "It is asked at the end of the preview, and `up` refuses before anything is changed, unless the preview is skipped.",
    kind: "simulated",
    proofs: [
      ["e2e/faults/refusals.ts", "a rule about the whole stack refuses it at its preview, before anything is created"],
    ],
  },
  {
    id: "P5",
    fault: "a Helm release hides its objects",
    here: "Releases are refused.",
    kind: "unit",
    proofs: [["policies/objects/disallow-helm-releases.test.ts", "refuses a release, whose objects no rule sees"]],
  },
  {
    id: "P6",
    fault: "a component has empty properties",
    here: "It counts as no object, and what it makes is judged by itself.",
    kind: "unit",
    proofs: [judge("a component, which has no properties of its own, is no object")],
  },
  {
    id: "P7",
    fault: "patches, lists, and every kind of workload",
    here: "The pod is found in each of them.",
    kind: "unit",
    proofs: [
      limits("%s, its list and its patch"),
      judge("lists are judged by their items, with the paths in the list"),
    ],
  },
  {
    id: "P8",
    fault: "init, sidecar and ephemeral containers, amounts of the pod itself, pods of the host's network",
    here: "The class that Kubernetes' own code computes is ours, for 10,000 pods of any kind.",
    kind: "simulated",
    proofs: [
      ["e2e/policies/qos.ts", "10,000 random pods are of the class that Kubernetes computes, as written and as kept"],
    ],
  },
  {
    id: "P9",
    fault: "the sidecar that injection adds later",
    here: "It is counted with what the mesh will give it.",
    kind: "unit",
    proofs: [
      ["policies/qos/require-declared-class.test.ts", "which follows a Guaranteed pod, and is Burstable in others"],
    ],
  },
];
