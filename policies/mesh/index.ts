/** The pack's rules. */
import type { Pack } from "../lib/pack.ts";
import { disallowHostNetwork } from "./disallow-host-network.ts";
import { disallowInjectionOptOut } from "./disallow-injection-opt-out.ts";
import { disallowOpenAuthorization } from "./disallow-open-authorization.ts";
import { disallowOverlappingSidecars } from "./disallow-overlapping-sidecars.ts";
import { disallowPlainDestinations } from "./disallow-plain-destinations.ts";
import { disallowProxyBypass } from "./disallow-proxy-bypass.ts";
import { disallowSharedHosts } from "./disallow-shared-hosts.ts";
import { disallowUnmatchedSelectors } from "./disallow-unmatched-selectors.ts";
import { disallowWeakerMtls } from "./disallow-weaker-mtls.ts";
import { requireKnownGateways } from "./require-known-gateways.ts";
import { requireKnownHosts } from "./require-known-hosts.ts";
import { requireKnownSubsets } from "./require-known-subsets.ts";
import { requirePortProtocols } from "./require-port-protocols.ts";
import { requireStrictMtls } from "./require-strict-mtls.ts";

export const mesh: Pack = {
  name: "mesh",
  description: "Whether every call in the mesh is one of the mesh",
  rules: [
    disallowHostNetwork,
    disallowInjectionOptOut,
    disallowOpenAuthorization,
    disallowOverlappingSidecars,
    disallowPlainDestinations,
    disallowProxyBypass,
    disallowSharedHosts,
    disallowUnmatchedSelectors,
    disallowWeakerMtls,
    requireKnownGateways,
    requireKnownHosts,
    requireKnownSubsets,
    requirePortProtocols,
    requireStrictMtls,
  ],
};
