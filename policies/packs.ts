/** Every pack: one that is not listed here is not asked anywhere. */
import { access } from "./access/index.ts";
import { availability } from "./availability/index.ts";
import { aws } from "./aws/index.ts";
import { images } from "./images/index.ts";
import { ingress } from "./ingress/index.ts";
import type { Pack } from "./lib/pack.ts";
import type { Rule } from "./lib/rule.ts";
import { mesh } from "./mesh/index.ts";
import { networkPolicy } from "./network-policy/index.ts";
import { objects } from "./objects/index.ts";
import { podSecurity } from "./pod-security/index.ts";
import { probes } from "./probes/index.ts";
import { qos } from "./qos/index.ts";

export const packs: readonly Pack[] = [
  access,
  availability,
  aws,
  images,
  ingress,
  mesh,
  networkPolicy,
  objects,
  podSecurity,
  probes,
  qos,
];

/** The rules of all packs. */
export const rules: readonly Rule[] = packs.flatMap((pack) => pack.rules);
