/** What is set of the rules for a stack: by policies/config.json, and by its own configuration. */
import { join } from "node:path";
import { minorOf } from "../components/cluster/facts.ts";
import { meshSchema } from "../components/mesh-schema.ts";
import { imagesPackConfig, registriesSchema } from "../components/registries.ts";
import { mergePolicyConfigs, type PolicyConfig, policyConfigSchema, readPolicyConfig } from "../policies/lib/config.ts";
import { property, text } from "../policies/lib/values.ts";
import { rules } from "../policies/packs.ts";

/** What is set of the rules for every stack. */
export const policyConfigFile = join(import.meta.dirname, "..", "policies", "config.json");

/** Rules that count the mesh's sidecar. */
const counting = ["qos-require-declared-class", "qos-require-limit-range-fit", "qos-require-quota-fit"] as const;

/** Rules that want every namespace closed. */
const closing = ["network-policy-require-default-deny", "network-policy-require-selected-workloads"] as const;

/**
 * The configuration of the rules for a stack.
 *
 * @param config the stack's own; sections that are refused are left out, since the program refuses the stack for them
 * @param file what is set beside it
 * @throws when that file is refused
 */
export function stackPolicies(
  config: Readonly<Record<string, unknown>> = {},
  file: string = policyConfigFile,
): PolicyConfig {
  const [registries, mesh] = [
    registriesSchema.safeParse(config["quintet:registries"]),
    meshSchema.safeParse(config["quintet:mesh"]),
  ];
  const images = registries.success ? Object.entries(imagesPackConfig(registries.data)) : [];
  const sidecar = mesh.success ? counting.map((name) => [name, { sidecar: mesh.data.sidecars }] as const) : [];
  const enforced = enforcesPolicies(config["quintet:cluster"]);
  const network = [["network-policy-require-enforcement", { enforced }] as const];
  const version = text(property(config["quintet:cluster"], "version"));
  const kubernetes = version === undefined ? undefined : minorOf(version);
  const served = kubernetes === undefined ? [] : [["objects-disallow-removed-versions", { kubernetes }] as const];
  const derived = [...images, ...sidecar, ...network, ...served].map(
    ([name, parameters]) => [name, { parameters }] as const,
  );
  // Who says that namespaces stay open is told of it at every preview, and not refused.
  const isOpen = property(config["quintet:network"], "defaultDeny") === false;
  const levels = isOpen ? closing.map((name) => [name, { level: "advisory" as const }] as const) : [];
  const set: (readonly [name: string, settings: object])[] = [...derived, ...levels];
  const own = policyConfigSchema.parse({ rules: Object.fromEntries(set) });
  return mergePolicyConfigs(own, readPolicyConfig(file, rules));
}

/** Whether a cluster's network heeds NetworkPolicies, as the facts of its kind have it (components/cluster). */
function enforcesPolicies(cluster: unknown): boolean {
  const [kind, cni] = [property(cluster, "kind"), property(cluster, "cni") ?? "flannel"];
  return kind === "eks" ? property(cluster, "networkPolicy") !== "off" : kind !== "k3s" || cni === "flannel";
}
