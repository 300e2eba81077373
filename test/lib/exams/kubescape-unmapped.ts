/** Why some of Kubescape's rules have no rule of ours. */
import type { Unmapped } from "./suite.ts";

/** Each of its rules without one of ours is in one of these. */
export const kubescapeUnmapped: readonly Unmapped[] = [
  {
    why: "it is about files, programs and settings of nodes and of the control plane, which no object of a stack says",
    outside: true,
    checks: [
      /^[Ee]nsure-that-the-(?!cni-in-use)/,
      /^if-(proxy|the)-/,
      /^etcd-/,
      /^(enforce|validate)-kubelet-|^kubelet-|-kubelet-updated$|^read-only-port/,
      /^(audit-policy-content|insecure-port-flag|outdated-k8s-version|psp-enabled-native|rbac-enabled-native)$/,
      /^k8s-audit-logs-/,
      /^alert-(container-optimized-os|fargate)-/,
    ],
  },
  {
    why: "it asks the cloud's own API, or the cloud's objects",
    outside: true,
    checks: [
      /^ensure-(aws|azure|clusters|endpoint|https|image|network|service|external)/,
      /^ensure_nodeinstancerole/,
      /^(psp|rbac|secret)-.*-cloud$/,
      /^(list-role-definitions-in-acr|rule-cni-enabled-aks|review-roles-with-aws-iam-authenticator|external-secret-storage)$/,
      /^(instance-metadata-api-access|restrict-access-to-the-control-plane-endpoint|ensure-that-the-cni-in-use-supports-network-policies)$/,
      /^(encrypt-traffic-to-https-load-balancers-with-tls-certificates|pv-without-encryption|alert-mount-potential-credentials-paths)$/,
    ],
  },
  {
    why: "it looks for a version with a known flaw, which a scanner of images and nodes does",
    outside: true,
    checks: [/^CVE-/, /^exposed-(rce|critical)/, /^excessive_amount/],
  },
  { why: "PodSecurityPolicy is gone from Kubernetes", outside: true, checks: [/^psp-(deny|required)-/] },
  {
    why: "it lists what somebody is to look at, and refuses nothing",
    outside: true,
    checks: [/^list-all-/, /^rule-(manual|hostile)/, "access-container-service-account-v1"],
  },
  {
    why: "the namespace default is as good as any other that has the same rules",
    checks: [/-in-default-namespace$/],
  },
  {
    why: "which labels an organisation wants is its own",
    checks: ["k8s-common-labels-usage", "label-usage-for-resources"],
  },
  {
    why: "namespaces are held to a level by our rules, whether or not the API server enforces it too",
    checks: [/^pod-security-admission-/],
  },
  {
    why: "whoever installs a stack needs it, and no rule of ours is about a single verb",
    checks: [
      "rule-can-create-pod",
      "rule-can-delete-k8s-events-v1",
      "rule-can-portforward-v1",
      "rule-can-update-configmap-v1",
      "rule-excessive-delete-rights-v1",
    ],
  },
  { why: "a role that allows too much is refused by itself, whichever workload has it", checks: [/^workload-with-/] },
  {
    why: "it is asked of pods, whatever the account says that they have",
    checks: ["automount-default-service-account", "serviceaccount-token-mount", "namespace-without-service-account"],
  },
  {
    why: "we have not written it",
    checks: [
      "linux-hardening",
      "naked-pods",
      "configured-liveness-probe",
      "sudo-in-container-entrypoint",
      "rule-can-ssh-to-pod-v1",
      "rule-identify-old-k8s-registry",
      "has-image-signature",
      "verify-image-signature",
      /^rule-access-dashboard/,
      "exposed-sensitive-interfaces-v1",
      "exposure-to-internet",
    ],
  },
  {
    why: "a Secret in the environment, a mounted ConfigMap, Secret or claim, and a CronJob are what a workload needs",
    checks: ["rule-secrets-in-env-var", /^workload-mounted-/, "rule-deny-cronjobs"],
  },
  {
    why: "it wants a value to be set where the default is as safe, or every value may be right",
    checks: [/^set-(fsgroup|seLinux|supplementalgroups|sysctls)/, "image-pull-policy-is-not-set-to-always"],
  },
  {
    why: "its list of registries is a configuration of each case",
    checks: [/^container-image-repository/, /^rule-identify-blocklisted/],
  },
];
