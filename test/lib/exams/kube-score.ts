/** What kube-score's checks are in our rules. */
import { baseline, readOnlyRoot, restricted, rule } from "./counterparts.ts";
import type { Suite } from "./suite.ts";

/** The exam of kube-score. */
export const kubeScore: Suite = {
  name: "kube-score",
  module: "github.com/zegl/kube-score",
  pinnedBy: "policy-exams",
  version: "v1.20.0",
  read: "Each call of `testExpectedScore` in its tests, with the default configuration: a warning counts as refused.",
  rules: {
    "Stable version": [rule("objects-disallow-removed-versions")],
    "StatefulSet has PodDisruptionBudget": [rule("availability-require-disruption-budget")],
    "Deployment has PodDisruptionBudget": [rule("availability-require-disruption-budget")],
    "PodDisruptionBudget has policy": [rule("availability-disallow-blocking-budgets", /^spec$/)],
    "Pod NetworkPolicy": [rule("network-policy-require-selected-workloads")],
    "NetworkPolicy targets Pod": [rule("network-policy-disallow-unmatched-selectors", /^spec\.podSelector/)],
    "Pod Probes": [rule("probes-require-readiness-behind-services")],
    "Pod Probes Identical": [rule("probes-disallow-identical-liveness")],
    "HorizontalPodAutoscaler has target": [rule("availability-require-autoscaler-target")],
    "Deployment Strategy": [rule("availability-disallow-recreate")],
    "Deployment has host PodAntiAffinity": [rule("availability-require-spread")],
    "StatefulSet has host PodAntiAffinity": [rule("availability-require-spread")],
    "Deployment targeted by HPA does not have replicas configured": [rule("availability-disallow-fixed-replicas")],
    "StatefulSet has ServiceName": [rule("availability-require-governing-service")],
    "Service Targets Pod": [rule("availability-disallow-unmatched-services")],
    "Ingress targets Service": [rule("ingress-require-backends")],
    "Container Resources": [rule("qos-require-limits")],
    "Container Image Tag": [rule("images-require-fixed-version")],
    "Container Security Context Privileged": baseline(/privileged$/),
    "Container Security Context ReadOnlyRootFilesystem": readOnlyRoot,
    "Container Seccomp Profile": restricted(/seccompProfile/),
  },
  unmapped: [
    {
      why: "the API server refuses it by itself, as soon as it is sent",
      checks: [
        "CronJob RestartPolicy",
        "Label values",
        "Pod Topology Spread Constraints",
        "Deployment Pod Selector labels match template metadata labels",
        "StatefulSet Pod Selector labels match template metadata labels",
        "Container Ports Check",
      ],
    },
    {
      why: "it is a choice that may be right: a deadline, one pod, a NodePort, an image that is pulled once",
      checks: [
        "CronJob has deadline",
        "Deployment Replicas",
        "HorizontalPodAutoscaler Replicas",
        "Service Type",
        "Container Image Pull Policy",
        "Environment Variable Key Duplication",
      ],
    },
    {
      why: "ours ask for the QoS class that is declared, and for limits of volumes, rather than for equal amounts",
      checks: [/^Container (Resource|CPU|Memory) Requests Equal Limits$/, /^Container Ephemeral Storage/],
    },
    {
      why: "ours ask for another user than root, and not for numbers above 10,000",
      checks: ["Container Security Context User Group ID"],
    },
  ],
  differences: [
    {
      check: "Container Resources",
      cases: ["pod-test-resources-only-limits.yaml"],
      why: "accepted: Kubernetes takes the limit for the request that is left out",
    },
    {
      check: "Container Seccomp Profile",
      cases: ["pod-seccomp-annotated.yaml", "pod-seccomp-annotated-annotation-optional.yaml"],
      why: "refused: since Kubernetes v1.27 nobody reads the annotation",
    },
  ],
};
