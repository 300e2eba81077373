/** The pack's rules. */
import type { Pack } from "../lib/pack.ts";
import { disallowSharedPaths } from "./disallow-shared-paths.ts";
import { disallowSnippets } from "./disallow-snippets.ts";
import { disallowWildcardHosts } from "./disallow-wildcard-hosts.ts";
import { requireBackends } from "./require-backends.ts";
import { requireClass } from "./require-class.ts";
import { requireHosts } from "./require-hosts.ts";
import { requireListenerTls } from "./require-listener-tls.ts";
import { requireParents } from "./require-parents.ts";
import { requireReferenceGrants } from "./require-reference-grants.ts";
import { requireTls } from "./require-tls.ts";

export const ingress: Pack = {
  name: "ingress",
  description: "What is let in from outside, under which name, encrypted, and to whom",
  rules: [
    disallowSharedPaths,
    disallowSnippets,
    disallowWildcardHosts,
    requireBackends,
    requireClass,
    requireHosts,
    requireListenerTls,
    requireParents,
    requireReferenceGrants,
    requireTls,
  ],
};
