import fc from "fast-check";
import type { Recorded } from "../../../lib/record.ts";
import { type Change, configOf, resourcesOf } from "./example.ts";
import { type Effects, effectsOf } from "./replacements.ts";

const nothing: Effects = { created: [], deleted: [], replaced: [], updated: [] };
const cluster = "cluster-control-plane-cluster";
const zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];
const interfaces = ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "logs", "sts"].map(
  (one) => `cluster-endpoints-${one}`,
);
const group = { instanceTypes: ["m7i.large"], nodes: { min: 1, desired: 1, max: 2 } };

let base: readonly Recorded[] = [];
beforeAll(async () => {
  base = await resourcesOf(configOf());
});

const effects = async (change: Change) => effectsOf(base, await resourcesOf(configOf(change)));

test("the same configuration changes nothing", async () => {
  expect(await effects({})).toEqual(nothing);
});

test.each<[what: string, change: Change, expected: Partial<Effects>]>([
  [
    "instance types",
    { nodeGroups: { system: { instanceTypes: ["m7a.large"] } } },
    { replaced: ["cluster-system-nodes"] },
  ],
  ["spot for on-demand", { nodeGroups: { system: { capacity: "spot" } } }, { replaced: ["cluster-system-nodes"] }],
  [
    "the zones of a group",
    { nodeGroups: { system: { zones: ["eu-central-1a"] } } },
    { replaced: ["cluster-system-nodes"] },
  ],
  [
    "the size of disks",
    { nodeGroups: { system: { diskGiB: 80 } } },
    { updated: ["cluster-system-nodes", "cluster-system-template"] },
  ],
  ["labels", { nodeGroups: { system: { labels: { team: "shop" } } } }, { updated: ["cluster-system-nodes"] }],
  ["taints", { nodeGroups: { burst: { taints: [] } } }, { updated: ["cluster-burst-nodes"] }],
  ["the most nodes", { nodeGroups: { system: { nodes: { max: 6 } } } }, { updated: ["cluster-system-nodes"] }],
  [
    "how many nodes there are now, which is the autoscaler's",
    { nodeGroups: { system: { nodes: { desired: 4 } } } },
    {},
  ],
  ["how many may be away", { nodeGroups: { system: { maxUnavailable: 2 } } }, { updated: ["cluster-system-nodes"] }],
  ["another image", { nodeGroups: { system: { release: "1.36.4-20261101" } } }, { updated: ["cluster-system-nodes"] }],
  ["the wave of a group", { nodeGroups: { burst: { wave: 3 } } }, {}],
  ["one more group", { nodeGroups: { extra: group } }, { created: ["cluster-extra-nodes", "cluster-extra-template"] }],
  ["one group less", { nodeGroups: { burst: null } }, { deleted: ["cluster-burst-nodes", "cluster-burst-template"] }],
  [
    "one more network that may call the API",
    { endpoint: { privateCidrs: ["10.1.0.0/16"] } },
    { created: ["cluster-control-plane-api-from-10.1.0.0-16"] },
  ],
  ["a public endpoint", { endpoint: { publicCidrs: ["192.0.2.0/24"] } }, { updated: [cluster] }],
  [
    "one more administrator",
    { access: { admins: { operations: "arn:aws:iam::111122223333:role/operations" } } },
    { created: ["cluster-access-111122223333-operations", "cluster-access-111122223333-operations-policy"] },
  ],
  [
    "another build of an add-on",
    { addOns: { coredns: { version: "v1.14.9-eksbuild.1" } } },
    { updated: ["cluster-services-coredns"] },
  ],
  [
    "a service less in the VPC",
    { vpc: { endpoints: ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "logs"] } },
    { deleted: ["cluster-endpoints-sts"] },
  ],
])("%s", async (_, change, expected) => {
  expect(await effects(change)).toEqual({ ...nothing, ...expected });
});

test("a zone that is appended makes its own and touches neither the cluster nor its nodes", async () => {
  const made = await effects({ vpc: { zones: [...zones, "eu-central-1d"] } });
  expect(made).toEqual({
    created: [
      "cluster-network-intra-eu-central-1d",
      "cluster-network-intra-eu-central-1d-routes",
      "cluster-network-nat-eu-central-1d",
      "cluster-network-nat-eu-central-1d-address",
      "cluster-network-private-eu-central-1d",
      "cluster-network-private-eu-central-1d-internet",
      "cluster-network-private-eu-central-1d-routes",
      "cluster-network-private-eu-central-1d-routes",
      "cluster-network-public-eu-central-1d",
      "cluster-network-public-eu-central-1d-routes",
    ],
    deleted: [],
    replaced: [],
    updated: [
      ...interfaces,
      "cluster-endpoints-s3",
      // Whom they may call has grown by the zone's subnets.
      "cluster-system-allow-ebs-csi-controller",
      "cluster-system-allow-metrics-server",
    ].sort(),
  });
});

test("a zone that goes away moves the nodes out of it before, and leaves the cluster", async () => {
  const { created, deleted, replaced, updated } = await effects({ vpc: { zones: zones.slice(0, 2) } });
  expect(created).toEqual([]);
  expect(deleted.filter((name) => !name.includes("eu-central-1c"))).toEqual([]);
  expect(replaced).toEqual(["cluster-burst-nodes", "cluster-system-nodes"]);
  const policies = ["coredns", "ebs-csi-controller", "ebs-csi-node", "metrics-server"];
  expect(updated).toEqual(
    [cluster, ...interfaces, "cluster-endpoints-s3", ...policies.map((one) => `cluster-system-allow-${one}`)].sort(),
  );
});

test("a viewer who becomes an administrator, by whatever key, keeps the entry that EKS has of the role", async () => {
  const operations = "arn:aws:iam::111122223333:role/operations";
  const viewer = await resourcesOf(configOf({ access: { viewers: { operations } } }));
  const administrator = await resourcesOf(configOf({ access: { admins: { platform: operations } } }));
  expect(effectsOf(viewer, administrator)).toEqual({
    ...nothing,
    replaced: ["cluster-access-111122223333-operations-policy"],
  });
});

test("one way out for each zone instead of one for all changes routes only", async () => {
  const one = await resourcesOf(configOf({ vpc: { nat: "one" } }));
  const { created, ...others } = effectsOf(one, base);
  expect(created.every((name) => name.startsWith("cluster-network-nat-"))).toBe(true);
  expect(others).toEqual({
    ...nothing,
    created: undefined,
    updated: ["cluster-network-private-eu-central-1b-internet", "cluster-network-private-eu-central-1c-internet"],
  });
});

test("an upgrade changes the control plane, what follows its release, and nodes where they are", async () => {
  const pins = Object.fromEntries(
    base
      .filter(({ type }) => type === "aws:eks/addon:Addon")
      .map(({ inputs }) => [inputs["addonName"], { version: inputs["addonVersion"] }]),
  ) as Change;
  const addOns = { ...pins, "kube-proxy": { version: "v1.35.3-eksbuild.17" } };
  const older = await resourcesOf(configOf({ version: "1.35", addOns }));
  expect(effectsOf(older, base)).toEqual({
    ...nothing,
    updated: ["cluster-base-kube-proxy", "cluster-burst-nodes", cluster, "cluster-system-nodes"],
  });
});

const isProtected = (name: string) => base.find((one) => one.name === name)?.protect === true;

test.each<[what: string, change: Change, held: string]>([
  ["another range for the VPC", { vpc: { cidr: "10.80.0.0/16" } }, "cluster-network-vpc"],
  ["another range for Services", { serviceCidr: "172.21.0.0/16" }, cluster],
  ["another name", { name: "store" }, cluster],
])("%s would replace what is protected, so it is refused", async (_, change, held) => {
  expect((await effects(change)).replaced).toContain(held);
  expect(isProtected(held)).toBe(true);
});

test("another range for the VPC takes everything in it along but the cluster", async () => {
  const { created, deleted, replaced } = await effects({ vpc: { cidr: "10.80.0.0/16" } });
  expect([created, deleted]).toEqual([[], []]);
  expect(replaced).toEqual(expect.arrayContaining(["cluster-network-private-eu-central-1a", "cluster-system-nodes"]));
  expect(replaced).not.toContain(cluster);
});

/** Edits of subnets, security groups and node groups, each with a chance to come with any of the others. */
const edits: readonly Change[] = [
  { vpc: { zones: [...zones, "eu-central-1d"] } },
  { vpc: { nat: "one" } },
  { vpc: { endpoints: [] } },
  { endpoint: { privateCidrs: ["10.1.0.0/16"], publicCidrs: ["192.0.2.0/24"] } },
  { controlPlaneZones: zones.slice(0, 2) },
  { nodeGroups: { burst: null } },
  { nodeGroups: { system: { instanceTypes: ["m7a.large"], diskGiB: 80, labels: { team: "shop" } } } },
  { nodeGroups: { extra: group } },
];

test("no edit of subnets, security groups or node groups replaces the cluster", async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray([...edits], { minLength: 1 }), async (some) => {
      const made = await effects(some.reduce<Change>((all, one) => merge(all, one), {}));
      expect(made.replaced).not.toContain(cluster);
    }),
    { numRuns: 6 },
  );
});

test("dropping any group touches only its own", async () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}(-[a-z]{1,4})?$/), { minLength: 2, maxLength: 5 });
  const groups = fc.tuple(names, fc.nat(), fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 5 }));
  await fc.assert(
    fc.asyncProperty(groups, async ([all, which, waves]) => {
      const dropped = all[which % all.length] ?? "";
      const made = (of: readonly string[]) =>
        resourcesOf(
          configOf({
            nodeGroups: {
              system: null,
              burst: null,
              ...Object.fromEntries(of.map((name) => [name, { ...group, wave: waves[all.indexOf(name)] }])),
            },
          }),
        );
      const rest = all.filter((name) => name !== dropped);
      expect(effectsOf(await made(all), await made(rest))).toEqual({
        ...nothing,
        deleted: [`cluster-${dropped}-nodes`, `cluster-${dropped}-template`],
      });
    }),
    { numRuns: 5 },
  );
});

function merge(left: Change, right: Change): Change {
  const both = Object.entries(right).map(([key, value]) => {
    const below = left[key];
    const deep = isChange(below) && isChange(value);
    return [key, deep ? merge(below, value) : value] as const;
  });
  return { ...left, ...Object.fromEntries(both) };
}

const isChange = (value: unknown): value is Change =>
  typeof value === "object" && value !== null && !Array.isArray(value);
