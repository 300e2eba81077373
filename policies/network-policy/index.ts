/** The pack's rules. */
import type { Pack } from "../lib/pack.ts";
import { disallowClusterWidePeers } from "./disallow-cluster-wide-peers.ts";
import { disallowOpenPeers } from "./disallow-open-peers.ts";
import { disallowOpenUnions } from "./disallow-open-unions.ts";
import { disallowUnmatchedSelectors } from "./disallow-unmatched-selectors.ts";
import { requireDefaultDeny } from "./require-default-deny.ts";
import { requireDnsEgress } from "./require-dns-egress.ts";
import { requireEnforcement } from "./require-enforcement.ts";
import { requireSelectedWorkloads } from "./require-selected-workloads.ts";
import { requireValid } from "./require-valid.ts";

export const networkPolicy: Pack = {
  name: "network-policy",
  description: "Who may call whom, and that it is said of everybody",
  rules: [
    disallowClusterWidePeers,
    disallowOpenPeers,
    disallowOpenUnions,
    disallowUnmatchedSelectors,
    requireDefaultDeny,
    requireDnsEgress,
    requireEnforcement,
    requireSelectedWorkloads,
    requireValid,
  ],
};
