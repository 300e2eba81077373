import { parse } from "yaml";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eksSchema } from "../../../../components/cluster/eks/schema.ts";
import { problemsOf } from "../../../../problems.ts";
import { fixtures } from "../../../lib/fixtures.ts";
import { root } from "../../../lib/stacks.ts";
import { written } from "./example.ts";

const clusterOf = ({ values }: { values: Record<string, string> }): unknown =>
  JSON.parse(values["quintet:cluster"] ?? "null");
/** Those that are about the cluster itself, not about what may follow the one that is there. */
const ofEks = (folder: "valid" | "invalid") =>
  fixtures(folder).filter(({ name, host }) => /^eks(-|$)/.test(name) && host.deployed.cluster === undefined);

test.each(ofEks("invalid"))("refuses $name", ({ values, refused }) => {
  const parsed = eksSchema.safeParse(clusterOf({ values }));
  expect(parsed.error === undefined ? [] : problemsOf("quintet:cluster.", parsed.error)).toEqual(refused);
});

test.each(ofEks("valid"))("takes $name", ({ values }) => {
  expect(eksSchema.safeParse(clusterOf({ values })).error).toBeUndefined();
});

test("prod is five nodes in two groups over three zones, behind a private endpoint", () => {
  const file = parse(readFileSync(join(root, "Pulumi.prod.yaml"), "utf8")) as { config: Record<string, unknown> };
  const { nodeGroups, vpc, endpoint } = eksSchema.parse(file.config["quintet:cluster"]);
  expect(Object.values(nodeGroups).map(({ nodes }) => nodes.desired)).toEqual([3, 2]);
  expect(vpc.zones).toHaveLength(3);
  expect(endpoint).toMatchObject({ private: true, publicCidrs: [] });
});

test("what is left out stands at what is safe", () => {
  const { vpc, endpoint, addOns, ...rest } = eksSchema.parse(written);
  expect(rest).toMatchObject({
    serviceCidr: "172.20.0.0/16",
    autoMode: false,
    networkPolicy: "strict",
    deletionProtection: true,
    logRetentionDays: 365,
    supportType: "standard",
    zonalShift: true,
  });
  expect(vpc.nat).toBe("per-zone");
  expect(endpoint).toEqual({ private: true, publicCidrs: [], privateCidrs: [] });
  expect(Object.values(addOns).every(({ enabled }) => enabled)).toBe(true);
});
