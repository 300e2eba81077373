/** The peers of NetworkPolicies in CEL. */
import { given, orElse } from "./form.ts";

const types = "variables.object.spec.policyTypes";

/** The rules of a NetworkPolicy by the list in which they stand, for checks that look at each of them. */
export interface Peers {
  readonly each: string;
  /** That the policy binds pods in this direction, whatever rules it has: it does so where it names none. */
  readonly binds: string;
  /** The peers of a rule, each as `key`. */
  readonly keys: string;
  /** Where a rule has its peers, and where it has `key`. */
  readonly path: string;
  readonly keyPath: string;
}

function peersOf(each: string, type: string, list: string): Peers {
  const [peers, path] = [`it.value.${list}`, `{it.path}.${list}`];
  return {
    each,
    binds: `(!(${given(types)}) || ${types}.size() == 0 || "${type}" in ${types})`,
    keys: orElse(peers, "[]"),
    path,
    keyPath: `${path}[{${peers}.indexOf(key)}]`,
  };
}

/** Both directions, in the lists `ingress` and `egress`. */
export const [ingress, egress] = [peersOf("ingress", "Ingress", "from"), peersOf("egress", "Egress", "to")] as const;

/** Where those lists are. */
export const lists = { ingress: "spec.ingress", egress: "spec.egress" } as const;
