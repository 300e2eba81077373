/** What Kubescape's rules are in ours. */
import { baseline, restricted, rule } from "./counterparts.ts";
import { kubescapeDifferences } from "./kubescape-differences.ts";
import type { Suite } from "./suite.ts";

const limits = [rule("qos-require-limits")];
const amount = (what: string) => [rule("qos-require-limits", new RegExp(`${what}$`))];
/** What allows all is also what the check looks for. */
const wildcards = rule("access-disallow-wildcards");
const outside =
  "it is about files, programs and settings of nodes and of the control plane, which no object of a stack says";

/** The exam of Kubescape. */
export const kubescape: Suite = {
  name: "Kubescape",
  module: "github.com/kubescape/regolibrary/v2",
  pinnedBy: "policy-exams",
  version: "v2.0.1",
  read: "Each folder of `rules/*/test`: its input, and whether `expected.json` has a finding. Those with a configuration of their own are left out.",
  rules: {
    "alert-any-hostpath": baseline(/hostPath/),
    "alert-rw-hostpath": baseline(/hostPath/),
    "anonymous-access-enabled": [rule("access-disallow-public-subjects")],
    "automount-service-account": [rule("access-require-declared-tokens")],
    "cluster-admin-role": [rule("access-disallow-cluster-admin")],
    "configured-readiness-probe": [rule("probes-require-readiness")],
    "container-hostPort": baseline(/hostPort/),
    "containers-mounting-docker-socket": baseline(/hostPath/),
    "drop-capability-netraw": restricted(/capabilities/),
    "ensure-default-service-accounts-has-only-default-roles": [rule("access-disallow-default-account")],
    ensure_network_policy_configured_in_labels: [rule("network-policy-require-selected-workloads")],
    "exec-into-container-v1": [rule("access-disallow-cluster-wide-exec"), wildcards],
    "host-network-access": baseline(/hostNetwork$/),
    "host-pid-ipc-privileges": baseline(/host(PID|IPC)$/),
    "ingress-and-egress-blocked": [rule("network-policy-require-selected-workloads")],
    "ingress-no-tls": [rule("ingress-require-tls")],
    "insecure-capabilities": baseline(/capabilities/),
    "internal-networking": [rule("network-policy-require-default-deny")],
    "non-root-containers": restricted(/runAs/),
    "resource-policies": limits,
    "resources-cpu-limit-and-request": amount("cpu"),
    "resources-cpu-limits": amount("limits.cpu"),
    "resources-cpu-requests": amount("requests.cpu"),
    "resources-memory-limit-and-request": amount("memory"),
    "resources-memory-limits": amount("limits.memory"),
    "resources-memory-requests": amount("requests.memory"),
    "rule-allow-privilege-escalation": restricted(/allowPrivilegeEscalation/),
    "rule-can-bind-escalate": [rule("access-disallow-escalation"), wildcards],
    "rule-can-impersonate-users-groups-v1": [rule("access-disallow-escalation"), wildcards],
    "rule-can-list-get-secrets-v1": [rule("access-disallow-cluster-wide-secrets"), wildcards],
    "rule-credentials-configmap": [rule("access-disallow-plain-secrets")],
    "rule-credentials-in-env-var": [rule("access-disallow-plain-secrets")],
    "rule-list-all-cluster-admins-v1": [rule("access-disallow-cluster-admin"), wildcards],
    // It takes SYS_ADMIN for as much.
    "rule-privileged-container": baseline(/privileged$|capabilities/),
    "set-procmount-default": baseline(/procMount/),
    "set-seccomp-profile": restricted(/seccompProfile/),
    "set-seccomp-profile-RuntimeDefault": restricted(/seccompProfile/),
    "system-authenticated-allowed-to-take-over-cluster": [rule("access-disallow-public-subjects")],
  },
  unmapped: [
    {
      why: outside,
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
      checks: [/^CVE-/, /^exposed-(rce|critical)/, /^excessive_amount/],
    },
    { why: "PodSecurityPolicy is gone from Kubernetes", checks: [/^psp-(deny|required)-/] },
    {
      why: "it lists what somebody is to look at, and refuses nothing",
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
        "immutable-container-filesystem",
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
  ],
  differences: kubescapeDifferences,
};
