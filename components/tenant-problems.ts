/** What in `quintet:tenants` cannot be true together, or not on this cluster. */
import { parseQuantity } from "../quantity.ts";
import { type ClusterFacts, type Contradiction, overlap } from "./cluster/facts.ts";
import { metadataAddress } from "./outside.ts";
import type { Registries } from "./registries.ts";
import { type Containers, namespacesOf, type Quota, type TenantConfig, type Tenants } from "./tenant-schema.ts";

/** What tenants are held against. */
export interface Surroundings {
  readonly facts: Pick<ClusterFacts, "enforcesNetworkPolicy" | "podCidr" | "serviceCidr" | "nodes">;
  readonly pullSecrets: Registries["pullSecrets"];
  /** The namespaces of the platform itself, without those of Kubernetes. */
  readonly platformNamespaces: readonly string[];
  /** Those of them whose pods are in the mesh. @default there is no mesh */
  readonly meshedNamespaces?: readonly string[] | undefined;
}

/**
 * What is wrong with tenants that each have the right shape.
 *
 * @returns each problem by its path under `quintet:`, as the rest of a sentence that starts with that path
 */
export function tenantProblems(tenants: Tenants, around: Surroundings): Contradiction[] {
  const found: Contradiction[] = [...nameProblems(tenants, around), ...pullSecretProblems(tenants, around)];
  for (const [name, tenant] of Object.entries(tenants)) {
    const at = ["tenants", name];
    found.push(
      ...amountProblems([...at, "quota"], tenant.quota, [...at, "containers"], tenant.containers),
      ...networkProblems(name, tenant.network, tenants, around),
    );
    for (const [key, own] of Object.entries(tenant.namespaces)) {
      if (own.quota === undefined && own.containers === undefined) continue;
      const inside = [...at, "namespaces", key];
      found.push(
        ...amountProblems(
          own.quota === undefined ? [...at, "quota"] : [...inside, "quota"],
          own.quota ?? tenant.quota,
          own.containers === undefined ? [...at, "containers"] : [...inside, "containers"],
          own.containers ?? tenant.containers,
        ),
      );
    }
  }
  return distinctOnes(found);
}

type Path = (string | number)[];

/** What a tenant's and a namespace's amounts share is found once for each. */
const distinctOnes = (found: Contradiction[]) => [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];

function nameProblems(tenants: Tenants, { platformNamespaces }: Surroundings): Contradiction[] {
  const found: Contradiction[] = [];
  const all = namespacesOf(tenants);
  all.forEach(({ tenant, key, namespace }, index) => {
    const at: Path = ["tenants", tenant, "namespaces", key];
    const composed = `${tenant}-${key}`;
    if (namespace.length > 63) {
      found.push([
        at,
        `makes the namespace ${namespace} of ${String(namespace.length)} characters, a name has at most 63: shorten it or give it a name of its own`,
      ]);
    }
    if (namespace === "default" || namespace.startsWith("kube-")) {
      found.push([at, `is the namespace ${namespace}, which belongs to Kubernetes: give it another name`]);
    }
    if (platformNamespaces.includes(namespace)) {
      found.push([at, `is the namespace ${namespace}, which belongs to the platform: give it another name`]);
    }
    for (const earlier of all.slice(0, index)) {
      const where = `${earlier.tenant}.namespaces.${earlier.key}`;
      if (earlier.namespace === namespace) {
        found.push([at, `is the namespace ${namespace}, as ${where} is: a namespace has one tenant`]);
      } else if (`${earlier.tenant}-${earlier.key}` === composed) {
        found.push([at, `is called ${composed} in the stack, as ${where} is: choose another key`]);
      }
    }
  });
  return found;
}

function pullSecretProblems(tenants: Tenants, { pullSecrets }: Surroundings): Contradiction[] {
  const known = namespacesOf(tenants).map(({ namespace }) => namespace);
  return Object.entries(pullSecrets).flatMap(([host, secret]) => {
    const at = (list: string, index: number): Path => ["registries", "pullSecrets", host, list, index];
    return [
      ...secret.tenants.flatMap((name, index): Contradiction[] =>
        Object.hasOwn(tenants, name)
          ? []
          : [[at("tenants", index), `there is no tenant ${name}, ${thereAre("tenants", Object.keys(tenants))}`]],
      ),
      ...secret.namespaces.flatMap((name, index): Contradiction[] =>
        known.includes(name)
          ? []
          : [
              [
                at("namespaces", index),
                `no tenant has a namespace ${name}, ${thereAre("namespaces of tenants", known)}`,
              ],
            ],
      ),
    ];
  });
}

const thereAre = (what: string, names: readonly string[]) =>
  names.length === 0 ? `there are no ${what}` : `the ${what} are ${names.join(", ")}`;

/** Amounts and where they stand. */
interface Placed {
  readonly at: Path;
  readonly of: Quota["limits"];
}

/** What breaks request <= limit <= maximum <= quota, so that no pod could start, or none that says nothing. */
function amountProblems(quotaAt: Path, quota: Quota, containersAt: Path, containers: Containers): Contradiction[] {
  const inQuota = (side: "requests" | "limits"): Placed => ({ at: [...quotaAt, side], of: quota[side] });
  const inContainers = (side: "requests" | "limits"): Placed => ({ at: [...containersAt, side], of: containers[side] });
  const max = containers.max === undefined ? inQuota("limits") : { at: [...containersAt, "max"], of: containers.max };
  const ordered: [lower: Placed, upper: Placed][] = [
    [inQuota("requests"), inQuota("limits")],
    [inContainers("requests"), inContainers("limits")],
    [inContainers("requests"), inQuota("requests")],
    [inContainers("limits"), max],
    [max, inQuota("limits")],
  ];
  return ordered.flatMap(([lower, upper]) =>
    (["cpu", "memory"] as const).flatMap((resource): Contradiction[] => {
      const [amount, bound] = [lower.of[resource], upper.of[resource]];
      if ((parseQuantity(amount) ?? 0n) <= (parseQuantity(bound) ?? 0n)) return [];
      const above = `${upper.at.join(".")}.${resource} ${bound}`;
      return [[[...lower.at, resource], `${amount} is above ${above}: lower it or raise that`]];
    }),
  );
}

/** The caller that a tenant in the mesh lets in and that is outside of it. */
function outsideMesh(
  { tenant, namespace }: TenantConfig["network"]["allow"][number],
  tenants: Tenants,
  { platformNamespaces, meshedNamespaces }: Surroundings,
): string | undefined {
  if (meshedNamespaces === undefined) return undefined;
  const owner = tenant ?? namespacesOf(tenants).find((one) => one.namespace === namespace)?.tenant;
  if (owner !== undefined) {
    return Object.hasOwn(tenants, owner) && tenants[owner]?.mesh === undefined ? owner : undefined;
  }
  const isPlatform = namespace !== undefined && platformNamespaces.includes(namespace);
  return isPlatform && !meshedNamespaces.includes(namespace) ? namespace : undefined;
}

function networkProblems(
  name: string,
  network: TenantConfig["network"],
  tenants: Tenants,
  around: Surroundings,
): Contradiction[] {
  const at: Path = ["tenants", name, "network"];
  const { facts, platformNamespaces } = around;
  const found: Contradiction[] = [];
  if (network.defaultDeny && !facts.enforcesNetworkPolicy) {
    found.push([
      [...at, "defaultDeny"],
      "is on, but nothing on this cluster enforces a NetworkPolicy, so it would only look closed: say false, or bring a network that enforces",
    ]);
  }
  if (network.defaultDeny && !network.dns) {
    found.push([
      [...at, "dns"],
      "is off under defaultDeny, so no name would resolve in any pod: leave it on, or turn defaultDeny off",
    ]);
  }
  if (!network.defaultDeny && network.allow.length + network.egress.length > 0) {
    found.push([
      [...at, network.allow.length > 0 ? "allow" : "egress"],
      "has rules but defaultDeny is off, and a rule alone cuts off what it does not name: leave the rules out, or turn defaultDeny on",
    ]);
  }
  const namespaces = [...namespacesOf(tenants).map(({ namespace }) => namespace), ...platformNamespaces];
  network.allow.forEach(({ tenant, namespace }, index) => {
    if (tenant !== undefined && !Object.hasOwn(tenants, tenant)) {
      found.push([
        [...at, "allow", index, "tenant"],
        `there is no tenant ${tenant}, ${thereAre("tenants", Object.keys(tenants))}`,
      ]);
    }
    if (namespace !== undefined && !namespaces.includes(namespace)) {
      found.push([
        [...at, "allow", index, "namespace"],
        `there is no namespace ${namespace}, ${thereAre("namespaces", namespaces)}`,
      ]);
    }
  });
  network.allow.forEach((caller, index) => {
    const stranger = tenants[name]?.mesh === undefined ? undefined : outsideMesh(caller, tenants, around);
    if (stranger === undefined) return;
    found.push([
      [...at, "allow", index, caller.tenant === undefined ? "namespace" : "tenant"],
      `${stranger} is not in the mesh, and ${name} is in it, where calls without an identity are refused: put ${stranger} there, too, or take ${name} out`,
    ]);
  });
  network.egress.forEach(({ cidr }, index) => {
    if (cidr === metadataAddress) {
      found.push([
        [...at, "egress", index, "cidr"],
        `${cidr} hands out the credentials of the node: give the pods an identity of their own`,
      ]);
    }
    for (const [key, range] of [
      ["podCidr", facts.podCidr],
      ["serviceCidr", facts.serviceCidr],
    ] as const) {
      if (overlap(cidr, range) && bitsOf(cidr) >= bitsOf(range)) {
        found.push([
          [...at, "egress", index, "cidr"],
          `${cidr} lies in the cluster's ${key} ${range}: let tenants in by the allow of the one that is called`,
        ]);
      }
    }
  });
  return found;
}

const bitsOf = (cidr: string) => Number(cidr.split("/")[1]);
