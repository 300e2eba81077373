/** An EKS cluster as the tests of its parts know it. */
import { eksFacts } from "../../../../components/cluster/eks/facts.ts";
import { EksCluster } from "../../../../components/cluster/eks/index.ts";
import type { Exports } from "../../../../components/cluster/eks/role-plan.ts";
import { type EksConfig, eksSchema } from "../../../../components/cluster/eks/schema.ts";
import { planPolicies } from "../../../../components/connectivity-policies.ts";
import { platformGraph } from "../../../../components/platform-graph.ts";
import { type Recorded, record } from "../../../lib/record.ts";
import { noDns } from "../../../lib/stacks.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

/** What the stack's file says: what has no default, and two groups of nodes. */
export const written = {
  kind: "eks",
  name: "shop",
  account: "111122223333",
  region: "eu-central-1",
  version: "1.36",
  vpc: { cidr: "10.64.0.0/16", zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"] },
  access: { breakGlass: role("break-glass"), deployer: role("deployer") },
  nodeGroups: {
    system: { instanceTypes: ["m7i.large"], nodes: { min: 3, desired: 3, max: 4 } },
    burst: {
      instanceTypes: ["m7i.large", "m7a.large"],
      capacity: "spot",
      nodes: { min: 0, desired: 2, max: 4 },
      labels: { capacity: "spot" },
      taints: [{ key: "capacity", value: "spot", effect: "NoSchedule" }],
      wave: 2,
    },
  },
};

/** A part of a configuration that stands above another. */
export interface Change {
  readonly [key: string]: unknown;
}

/** One configuration over another, as in fixtures: null takes a key away. */
export function changed(base: Change, change: Change): Change {
  const both = Object.entries(change).map(([key, value]) => {
    const below = base[key];
    return [key, isChange(below) && isChange(value) ? changed(below, value) : value] as const;
  });
  return Object.fromEntries(
    Object.entries({ ...base, ...Object.fromEntries(both) }).filter(([, value]) => value !== null),
  );
}

const isChange = (value: unknown): value is Change =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The example's configuration with a change. */
export const configOf = (change: Change = {}): EksConfig => eksSchema.parse(changed(written, change));

/** What is wrong with the example after a change, each by its path. */
export function problemsAfter(change: Change): string[] {
  const parsed = eksSchema.safeParse(changed(written, change));
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

/** What a cluster of this configuration is made from. */
export function argsOf(config: EksConfig) {
  const graph = platformGraph({
    backup: { kind: "none" },
    monitoring: { kind: "none" },
    logging: { kind: "none" },
    tracing: { kind: "none" },
    facts: eksFacts(config),
    dns: noDns,
    network: { defaultDeny: config.networkPolicy !== "off" },
    tenants: {},
    backend: { namespace: "backend" },
    bookstore: { kind: "none" },
    certificates: { issuer: { kind: "existing", name: "corporate" } },
    ingress: { kind: "none" },
    mesh: {},
  });
  const policies = planPolicies(graph).filter(({ namespace }) => namespace === "kube-system");
  return { config, environment: "prod", dns: noDns, policies };
}

const recorded = new Map<string, Promise<readonly Recorded[]>>();

/** The resources that a cluster of this configuration is made of; each configuration is recorded once. */
export function resourcesOf(config: EksConfig, preview = false, exports?: Exports): Promise<readonly Recorded[]> {
  const key = JSON.stringify([config, preview, exports]);
  const known = recorded.get(key) ?? recordCluster(config, preview, exports);
  recorded.set(key, known);
  return known;
}

async function recordCluster(
  config: EksConfig,
  preview: boolean,
  exports: Exports | undefined,
): Promise<readonly Recorded[]> {
  const { stackTraceLimit } = Error;
  // The SDK keeps a stack for every promise, and jest looks each up in the sources: four fifths of the time otherwise.
  Error.stackTraceLimit = 0;
  const program = () => new EksCluster("cluster", { ...argsOf(config), exports });
  const { resources } = await record(program, { preview }).finally(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });
  return resources;
}

/** Those of one type, by name. */
export function ofType(resources: readonly Recorded[], type: string): Map<string, Recorded> {
  return new Map(resources.filter((one) => one.type === type).map((one) => [one.name, one]));
}
