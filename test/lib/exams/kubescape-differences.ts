/** Cases of Kubescape that ours answer otherwise on purpose. */
import type { Difference } from "./suite.ts";

/** Each with what we say, and why it is meant. */
export const kubescapeDifferences: readonly Difference[] = [
  {
    check: "anonymous-access-enabled",
    cases: ["fail"],
    why: "accepted: it is a binding of the API server's own, which restores it",
  },
  {
    check: "automount-service-account",
    cases: ["pod-mount"],
    why: "refused: the pod asks for a token of the account default, and its own word is above the account's",
  },
  {
    check: "automount-service-account",
    cases: ["sa-mount"],
    why: "accepted: the pod wants no token, and its own word is above the account's",
  },
  {
    check: "cluster-admin-role",
    cases: ["clusterrole-rolebinding"],
    why: "refused: cluster-admin in one namespace is everything in it, here in kube-system",
  },
  {
    check: "ensure-default-service-accounts-has-only-default-roles",
    cases: ["passed_rolebinding_one_subject"],
    why: "refused: anybody can write the label by which Kubernetes marks its own objects, whose names start with system:",
  },
  {
    check: "ensure_network_policy_configured_in_labels",
    cases: [
      "success_cronjob_label_match",
      "success_deployment_label_match",
      "success_pod_label_match",
      "success_pod_no_pod_selector",
      "success_pod_no_pod_selector_ns",
    ],
    why: "refused: the policy is for ingress alone, so that the pods may call anybody",
  },
  {
    check: "exec-into-container-v1",
    cases: ["clusterrole"],
    why: "accepted: the role is bound in one namespace, and the API server takes pods/* for no resource at all",
  },
  {
    check: "ingress-and-egress-blocked",
    cases: ["cronjob"],
    why: "accepted by this rule: no NetworkPolicy is for pods of their node's network, which others of ours refuse",
  },
  {
    check: "internal-networking",
    cases: ["namespace-failed"],
    why: "accepted: the namespace has no workload in the stack, and so nothing to close",
  },
  ...[
    "resources-cpu-limit-and-request",
    "resources-cpu-requests",
    "resources-memory-limit-and-request",
    "resources-memory-requests",
  ].map((check) => ({
    check,
    cases: ["pod-only-requests"],
    why: "accepted: Kubernetes takes the limit for the request that is left out",
  })),
  {
    check: "rule-credentials-in-env-var",
    cases: ["deployment", "pod"],
    why: 'accepted: the value is "JWT" or "my_key_value", which speaks of a credential and is none',
  },
  {
    check: "set-procmount-default",
    cases: ["workload"],
    why: "accepted: procMount is left out, and is Default then",
  },
  {
    check: "set-seccomp-profile-RuntimeDefault",
    cases: ["pod", "workloads"],
    why: "accepted: a profile of one's own is as good as the runtime's, as the Pod Security Standards say",
  },
  {
    check: "system-authenticated-allowed-to-take-over-cluster",
    cases: ["success"],
    why: "refused: whatever the role allows, it is given to every pod of the cluster",
  },
];
