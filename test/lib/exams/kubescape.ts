/** What Kubescape's rules are in ours. */
import { baseline, readOnlyRoot, restricted, rule } from "./counterparts.ts";
import { kubescapeDifferences } from "./kubescape-differences.ts";
import { kubescapeUnmapped } from "./kubescape-unmapped.ts";
import type { Suite } from "./suite.ts";

const limits = [rule("qos-require-limits")];
const amount = (what: string) => [rule("qos-require-limits", new RegExp(`${what}$`))];
/** What allows all is also what the check looks for. */
const wildcards = rule("access-disallow-wildcards");

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
    "immutable-container-filesystem": readOnlyRoot,
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
  unmapped: kubescapeUnmapped,
  differences: kubescapeDifferences,
};
