/** What Trivy's checks of Kubernetes are in our rules. */
import { baseline, readOnlyRoot, restricted, rule } from "./counterparts.ts";
import { trivyDifferences } from "./trivy-differences.ts";
import type { Suite } from "./suite.ts";

/** What allows all is also what the check looks for. */
const wildcards = rule("access-disallow-wildcards");
const amount = (what: string) => [rule("qos-require-limits", new RegExp(`${what}$`))];

const added = (says: RegExp) => ({ ...rule("pod-security-require-baseline", /capabilities\.add/), says });

/** The exam of Trivy. */
export const trivy: Suite = {
  name: "Trivy",
  module: "github.com/aquasecurity/trivy-checks",
  pinnedBy: "policy-exams",
  version: "v1.10.0",
  read: "Each test of `checks/kubernetes` with one manifest written out and one count of findings.",
  rules: {
    KSV001: restricted(/allowPrivilegeEscalation/),
    KSV002: baseline(/apparmor|appArmor/),
    KSV003: restricted(/capabilities\.drop/),
    KSV005: [added(/SYS_ADMIN|ALL/)],
    KSV006: baseline(/hostPath/),
    KSV008: baseline(/hostIPC$/),
    KSV009: baseline(/hostNetwork$/),
    KSV010: baseline(/hostPID$/),
    KSV011: amount("limits.cpu"),
    KSV012: restricted(/runAs/),
    KSV013: [rule("images-require-fixed-version")],
    KSV014: readOnlyRoot,
    KSV015: amount("requests.cpu"),
    KSV016: amount("requests.memory"),
    KSV017: baseline(/privileged$/),
    KSV018: amount("limits.memory"),
    KSV022: baseline(/capabilities\.add/),
    KSV023: baseline(/hostPath/),
    KSV024: baseline(/hostPort/),
    KSV025: baseline(/seLinuxOptions/),
    KSV026: baseline(/sysctls/),
    KSV027: baseline(/procMount/),
    KSV028: restricted(/volumes/),
    KSV030: restricted(/seccompProfile/),
    KSV036: [rule("access-require-declared-tokens")],
    KSV041: [rule("access-disallow-cluster-wide-secrets")],
    KSV043: [rule("access-disallow-escalation")],
    KSV044: [wildcards],
    KSV045: [wildcards],
    KSV046: [wildcards],
    KSV047: [rule("access-disallow-cluster-wide-exec")],
    KSV053: [rule("access-disallow-cluster-wide-exec")],
    KSV054: [rule("access-disallow-cluster-wide-exec")],
    KSV103: baseline(/hostProcess/),
    KSV104: restricted(/seccompProfile/),
    KSV105: restricted(/runAsUser$/),
    KSV106: restricted(/capabilities/),
    "KSV-0109": [rule("access-disallow-plain-secrets")],
    "KSV-01010": [rule("access-disallow-plain-secrets")],
    KSV01011: [rule("access-disallow-public-subjects")],
    KSV111: [rule("access-disallow-cluster-admin")],
    KSV112: [wildcards],
    KSV119: [added(/NET_RAW|ALL/)],
    KSV120: [added(/SYS_MODULE|ALL/)],
    KSV121: baseline(/hostPath/),
    KSV122: [rule("access-disallow-public-subjects")],
    KSV0123: [rule("access-disallow-public-subjects")],
  },
  unmapped: [
    {
      why: "it is about files, programs and settings of nodes and of the control plane",
      outside: true,
      checks: [/^KCV0(?!093)/, "KSV0012"],
    },
    {
      why: "the API server lets nobody give rights that he has not himself, but by escalate and bind, which ours refuse",
      checks: [/^KSV05[0125]$/],
    },
    {
      why: "whoever installs a stack needs it, and no rule of ours is about a single verb",
      checks: ["KSV042", "KSV048", "KSV049", "KSV056", "KSV113", "KSV114", "KSV115"],
    },
    { why: "ours ask for another user than root, and not for numbers", checks: ["KSV020", "KSV021", "KSV116"] },
    { why: "its list of registries is one cloud's", checks: [/^KSV03[2-5]$/] },
    { why: "the namespace default is as good as any other that has the same rules", checks: ["KSV110"] },
    { why: "no stack need have one: ours ask whether pods fit into one that is there", checks: ["KSV039", "KSV040"] },
    { why: "ours ask for what is the same or more, by another check", checks: ["KSV004", "KSV118"] },
    { why: "it is about another product than a stack of ours may have", checks: ["KCV0093", "KSV-0124", "KSV102"] },
    { why: "we have not written it", checks: ["KSV007", "KSV037", "KSV038", "KSV107", "KSV117", "KSV-0108"] },
  ],
  differences: trivyDifferences,
};
