/** The pack's rules. */
import type { Pack } from "../lib/pack.ts";
import { disallowClusterAdmin } from "./disallow-cluster-admin.ts";
import { disallowClusterWideExec } from "./disallow-cluster-wide-exec.ts";
import { disallowClusterWideSecrets } from "./disallow-cluster-wide-secrets.ts";
import { disallowDefaultAccount } from "./disallow-default-account.ts";
import { disallowEscalation } from "./disallow-escalation.ts";
import { disallowPlainSecrets } from "./disallow-plain-secrets.ts";
import { disallowPublicSubjects } from "./disallow-public-subjects.ts";
import { disallowTokenSecrets } from "./disallow-token-secrets.ts";
import { disallowWildcards } from "./disallow-wildcards.ts";
import { requireBindingTargets } from "./require-binding-targets.ts";
import { requireDeclaredTokens } from "./require-declared-tokens.ts";

export const access: Pack = {
  name: "access",
  description: "Who may do what to the cluster, and where credentials lie",
  rules: [
    disallowClusterAdmin,
    disallowClusterWideExec,
    disallowClusterWideSecrets,
    disallowDefaultAccount,
    disallowEscalation,
    disallowPlainSecrets,
    disallowPublicSubjects,
    disallowTokenSecrets,
    disallowWildcards,
    requireBindingTargets,
    requireDeclaredTokens,
  ],
};
