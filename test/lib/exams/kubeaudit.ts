/** What kubeaudit's auditors are in our rules. */
import { baseline, readOnlyRoot, restricted, rule } from "./counterparts.ts";
import type { Suite } from "./suite.ts";

/** The exam of kubeaudit. */
export const kubeaudit: Suite = {
  name: "kubeaudit",
  module: "github.com/Shopify/kubeaudit",
  pinnedBy: "policy-exams",
  version: "v0.22.0",
  read: "Each line of the tables in `auditors/*` with the default configuration. Those that hang on kubeaudit's own labels are left out.",
  rules: {
    apparmor: baseline(/apparmor|appArmor/),
    asat: [rule("access-require-declared-tokens")],
    capabilities: restricted(/capabilities/),
    deprecatedapis: [rule("objects-disallow-removed-versions")],
    hostns: baseline(/host(Network|PID|IPC)$/),
    image: [rule("images-require-fixed-version")],
    limits: [rule("qos-require-limits", /limits/)],
    mounts: baseline(/hostPath/),
    netpols: [rule("network-policy-require-default-deny"), rule("network-policy-disallow-open-peers")],
    nonroot: restricted(/runAs/),
    privesc: restricted(/allowPrivilegeEscalation/),
    privileged: baseline(/privileged$/),
    rootfs: readOnlyRoot,
    seccomp: restricted(/seccompProfile/),
  },
  unmapped: [],
  differences: [
    {
      check: "apparmor",
      cases: ["apparmor-annotation-missing.yml", "apparmor-annotation-init-container-missing.yml"],
      why: "accepted: the runtime's profile holds where none is named",
    },
    {
      check: "apparmor",
      cases: ["apparmor-invalid-annotation.yml"],
      why: "accepted: an annotation for a container that is not there turns nothing off",
    },
    {
      check: "asat",
      cases: ["service-account-token-nil-and-no-name-and-default-sa.yml"],
      why: "refused: the account that says so is one of another namespace",
    },
    {
      check: "capabilities",
      cases: ["capabilities-dropped-all.yml"],
      why: 'refused: the Pod Security Standards want "ALL", in capitals',
    },
    {
      check: "netpols",
      cases: [
        "namespace-missing-default-deny-netpol.yml",
        "namespace-missing-default-deny-egress-netpol.yml",
        "namespace-missing-default-deny-ingress-netpol.yml",
      ],
      why: "accepted: the namespace has no workload in the stack, and so nothing to close",
    },
    {
      check: "nonroot",
      cases: ["run-as-non-root-psc-false-csc-true.yml", "run-as-non-root-psc-false-csc-true-multiple-cont.yml"],
      why: "refused: the Pod Security Standards allow runAsNonRoot: false nowhere, also where every container says true",
    },
    {
      check: "nonroot",
      cases: [
        "run-as-user-psc-1.yml",
        "run-as-user-1-run-as-non-root-false.yml",
        "run-as-user-psc-1-run-as-non-root-psc-false.yml",
      ],
      why: "refused: the Pod Security Standards want runAsNonRoot: true, whichever user is named",
    },
    { check: "privileged", cases: ["privileged-nil.yml"], why: "accepted: what is left out is false" },
  ],
};
