/** What datree's default rules are in ours. */
import { baseline, readOnlyRoot, restricted, rule } from "./counterparts.ts";
import type { Suite } from "./suite.ts";

/** The exam of datree. */
export const datree: Suite = {
  name: "datree",
  module: "github.com/datreeio/datree",
  pinnedBy: "policy-exams",
  version: "v1.9.19",
  read: "Each file of `pkg/policy/tests`, whose folder says whether the rule passes it.",
  rules: {
    CONTAINERS_MISSING_IMAGE_VALUE_VERSION: [rule("images-require-fixed-version")],
    CONTAINERS_MISSING_MEMORY_REQUEST_KEY: [rule("qos-require-limits", /requests\.memory$/)],
    CONTAINERS_MISSING_CPU_REQUEST_KEY: [rule("qos-require-limits", /requests\.cpu$/)],
    CONTAINERS_MISSING_MEMORY_LIMIT_KEY: [rule("qos-require-limits", /limits\.memory$/)],
    CONTAINERS_MISSING_CPU_LIMIT_KEY: [rule("qos-require-limits", /limits\.cpu$/)],
    INGRESS_INCORRECT_HOST_VALUE_PERMISSIVE: [rule("ingress-require-hosts"), rule("ingress-disallow-wildcard-hosts")],
    CONTAINERS_MISSING_READINESSPROBE_KEY: [
      rule("probes-require-readiness"),
      rule("probes-require-readiness-behind-services"),
    ],
    CONTAINERS_INCORRECT_PRIVILEGED_VALUE_TRUE: baseline(/privileged$/),
    CONTAINERS_INCORRECT_HOSTPID_VALUE_TRUE: baseline(/hostPID$/),
    CONTAINERS_INCORRECT_HOSTIPC_VALUE_TRUE: baseline(/hostIPC$/),
    CONTAINERS_INCORRECT_HOSTNETWORK_VALUE_TRUE: baseline(/hostNetwork$/),
    CONTAINERS_INCORRECT_PATH_VALUE_DOCKERSOCKET: baseline(/hostPath/),
    INGRESS_CVE2021_25742_INCORRECT_SERVER_SNIPPET_KEY: [rule("ingress-disallow-snippets")],
    CONTAINERS_INCORRECT_READONLYROOTFILESYSTEM_VALUE: readOnlyRoot,
    CONTAINERS_INCORRECT_KEY_HOSTPATH: baseline(/hostPath/),
    CONTAINERS_MISSING_KEY_ALLOWPRIVILEGEESCALATION: restricted(/allowPrivilegeEscalation/),
    CONTAINERS_INCORRECT_RESOURCES_VERBS_VALUE: [rule("access-disallow-cluster-wide-exec")],
    CONTAINERS_INVALID_CAPABILITIES_VALUE: baseline(/capabilities/),
    CONTAINERS_INCORRECT_KEY_HOSTPORT: baseline(/hostPort/),
    CONTAINERS_INCORRECT_RUNASNONROOT_VALUE: restricted(/runAs/),
    SRVACC_INCORRECT_AUTOMOUNTSERVICEACCOUNTTOKEN_VALUE: [rule("access-require-declared-tokens")],
    CONTAINERS_INCORRECT_SECCOMP_PROFILE: restricted(/seccompProfile/),
    EKS_INVALID_CAPABILITIES_EKS: restricted(/capabilities/),
    EKS_MISSING_KEY_TOPOLOGYKEY: [rule("availability-require-spread")],
    EKS_INVALID_HOSTPROCESS_VALUE: baseline(/hostProcess/),
    EKS_INVALID_SELINUXOPTIONS_TYPE_VALUE: baseline(/seLinuxOptions\.type$/),
    EKS_INVALID_SELINUXOPTIONS_USER_VALUE: baseline(/seLinuxOptions\.user$/),
    EKS_INVALID_SELINUXOPTIONS_ROLE_VALUE: baseline(/seLinuxOptions\.role$/),
    EKS_INVALID_HOSTPATH_MOUNT_READONLY_VALUE: baseline(/hostPath/),
    CIS_INVALID_ROLE_CLUSTER_ADMIN: [rule("access-disallow-cluster-admin")],
    CIS_INVALID_VERB_SECRETS: [rule("access-disallow-cluster-wide-secrets")],
    CIS_INVALID_WILDCARD_ROLE: [rule("access-disallow-wildcards")],
    CIS_INVALID_VALUE_SECCOMP_PROFILE: restricted(/seccompProfile/),
    CIS_MISSING_VALUE_DROP_NET_RAW: restricted(/capabilities/),
    CIS_INVALID_VALUE_SYSTEM_MASTERS: [rule("access-disallow-public-subjects")],
    CIS_INVALID_VALUE_BIND_IMPERSONATE_ESCALATE: [rule("access-disallow-escalation")],
  },
  unmapped: [
    {
      why: "the API server refuses it by itself, as soon as it is sent",
      checks: [
        "CRONJOB_INVALID_SCHEDULE_VALUE",
        "WORKLOAD_INVALID_LABELS_VALUE",
        "WORKLOAD_INCORRECT_RESTARTPOLICY_VALUE_ALWAYS",
        "HPA_MISSING_MAXREPLICAS_KEY",
        "RESOURCE_MISSING_NAME",
      ],
    },
    {
      why: "its own cases have the credential for a container's name, which the API server refuses, and ours looks where programs read",
      checks: [/^ALL_EXPOSED_SECRET_/],
    },
    { why: "we have not written it", checks: [/^K8S_(DEPRECATED|REMOVED)_APIVERSION_/] },
    {
      why: "it is a choice that may be right: a deadline, one pod, a NodePort, a hook, a liveness probe, a Secret in the environment",
      checks: [
        "SERVICE_INCORRECT_TYPE_VALUE_NODEPORT",
        "CONTAINERS_MISSING_LIVENESSPROBE_KEY",
        "DEPLOYMENT_INCORRECT_REPLICAS_VALUE",
        "CRONJOB_MISSING_STARTINGDEADLINESECOND_KEY",
        "CRONJOB_MISSING_CONCURRENCYPOLICY_KEY",
        "K8S_INCORRECT_KIND_VALUE_POD",
        "CONTAINERS_MISSING_PRESTOP_KEY",
        "EKS_INVALID_VALUE_DONOOTSCHEDULE",
        "CIS_INVALID_KEY_SECRETKEYREF_SECRETREF",
      ],
    },
    {
      why: "it wants a value to be set where the default is as safe, or every value may be right",
      checks: [
        "HPA_MISSING_MINREPLICAS_KEY",
        /^CONTAINERS_INCORRECT_(INITIALDELAYSECONDS|PERIODSECONDS|TIMEOUTSECONDS|SUCCESSTHRESHOLD|FAILURETHRESHOLD)_VALUE$/,
        "CIS_MISSING_KEY_SECURITYCONTEXT",
      ],
    },
    {
      why: "the namespace default is as good as any other that has the same rules",
      checks: ["WORKLOAD_INCORRECT_NAMESPACE_VALUE_DEFAULT"],
    },
    {
      why: "which labels an organisation wants is its own",
      checks: ["WORKLOAD_MISSING_LABEL_OWNER_VALUE", "DEPLOYMENT_MISSING_LABEL_ENV_VALUE"],
    },
    {
      why: "ours takes a tag for a version, unless it is told to ask for digests",
      checks: ["CONTAINERS_MISSING_IMAGE_VALUE_DIGEST"],
    },
    {
      why: "ours ask for another user than root, and not for numbers",
      checks: ["CONTAINERS_INCORRECT_RUNASUSER_VALUE_LOWUID", "CONTAINERS_INCORRECT_RUNASGROUP_VALUE_LOWGID"],
    },
    {
      why: "it looks for a version with a known flaw, which a scanner of images and nodes does",
      checks: [
        "CONFIGMAP_CVE2021_25742_INCORRECT_SNIPPET_ANNOTATIONS_VALUE",
        "CONTAINER_CVE2021_25741_INCORRECT_SUBPATH_KEY",
        "ENDPOINTSLICE_CVE2021_25373_INCORRECT_ADDRESSES_VALUE",
      ],
    },
    { why: "it is about another product than a stack of ours may have", checks: [/^ARGO_/], outside: true },
    {
      why: "ours ask for the QoS class that is declared, rather than for equal amounts, and for limits of both",
      checks: ["EKS_INVALID_CPU_LIMIT", "EKS_INVALID_MEMORY_REQUEST_LIMIT"],
    },
    {
      why: "whoever installs a stack needs it, and no rule of ours is about a single verb",
      checks: ["CIS_INVALID_VALUE_CREATE_POD"],
    },
    {
      why: "it is asked of pods, whatever the account says that they have",
      checks: ["CIS_INVALID_VALUE_AUTOMOUNTSERVICEACCOUNTTOKEN"],
    },
  ],
  differences: [
    {
      check: "INGRESS_INCORRECT_HOST_VALUE_PERMISSIVE",
      cases: ["pass/6-pass.yaml"],
      why: "refused: it is for *.exmpl.com, which takes the names of others, too",
    },
    {
      check: "CONTAINERS_INCORRECT_HOSTPID_VALUE_TRUE",
      cases: ["fail/26-fail.yaml"],
      why: "accepted: the field stands beside the pods' template, where nobody reads it",
    },
    {
      check: "CONTAINERS_INCORRECT_HOSTNETWORK_VALUE_TRUE",
      cases: ["fail/28-fail.yaml"],
      why: "accepted: the field stands beside the pods' template, where nobody reads it",
    },
    {
      check: "CONTAINERS_INCORRECT_PATH_VALUE_DOCKERSOCKET",
      cases: ["fail/30-fail-1.yaml", "fail/30-fail.yaml"],
      why: "accepted: the pods have no volume of their node, only a place to mount one or one beside their template",
    },
    {
      check: "CONTAINERS_INCORRECT_RESOURCES_VERBS_VALUE",
      cases: ["fail/48-fail.yaml"],
      why: 'accepted: it allows the verb "", which there is not, and in one namespace alone',
    },
    {
      check: "CONTAINERS_INVALID_CAPABILITIES_VALUE",
      cases: ["pass/49-pass.yaml"],
      why: "refused: the Pod Security Standards allow SYS_TIME nowhere",
    },
    {
      check: "SRVACC_INCORRECT_AUTOMOUNTSERVICEACCOUNTTOKEN_VALUE",
      cases: ["fail/53-fail.yaml"],
      why: "accepted: no pod of the stack has the account",
    },
    {
      check: "EKS_INVALID_CAPABILITIES_EKS",
      cases: ["pass/82-pass.yaml"],
      why: "refused: the Pod Security Standards want all capabilities dropped, and only NET_BIND_SERVICE added",
    },
    {
      check: "EKS_MISSING_KEY_TOPOLOGYKEY",
      cases: ["fail/83-fail.yaml"],
      why: "accepted: another of its terms spreads the pods over nodes, and the API server refuses the one without a key",
    },
    {
      check: "EKS_INVALID_HOSTPATH_MOUNT_READONLY_VALUE",
      cases: ["pass/89-pass.yaml"],
      why: "refused: baseline allows no folder of the node",
    },
    {
      check: "CIS_INVALID_ROLE_CLUSTER_ADMIN",
      cases: ["fail/95-fail.yaml"],
      why: "accepted: it names a Role, and only the ClusterRole of that name is the cluster's",
    },
    {
      check: "CIS_INVALID_VERB_SECRETS",
      cases: ["fail/96-fail.yaml"],
      why: "accepted: it allows it in one namespace alone, as whoever looks after it needs",
    },
    {
      check: "CIS_INVALID_VALUE_SECCOMP_PROFILE",
      cases: ["pass/99-pass.yaml"],
      why: "refused: since Kubernetes v1.27 nobody reads the annotation",
    },
    {
      check: "CIS_MISSING_VALUE_DROP_NET_RAW",
      cases: ["pass/103-pass.yaml"],
      why: "refused: the Pod Security Standards want all capabilities dropped",
    },
  ],
};
