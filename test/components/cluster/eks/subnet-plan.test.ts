import fc from "fast-check";
import { planSubnets, privateAddresses, resolverOf } from "../../../../components/cluster/eks/subnet-plan.ts";
import { overlap } from "../../../../components/cluster/facts.ts";

const letters = ["a", "b", "c", "d", "e", "f"];
const zones = fc.shuffledSubarray(
  letters.map((letter) => `eu-central-1${letter}`),
  { minLength: 2 },
);
const vpc = fc.integer({ min: 16, max: 20 }).map((bits) => `10.64.0.0/${String(bits)}`);

const placesOf = (cidr: string, of: readonly string[]) =>
  planSubnets("shop", cidr, of).map((one) => [one.tier, one.zone, one.cidr]);

test("a /16 in three zones", () => {
  const three = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];
  expect(placesOf("10.64.0.0/16", three)).toEqual([
    ["public", "eu-central-1a", "10.64.192.0/22"],
    ["public", "eu-central-1b", "10.64.196.0/22"],
    ["public", "eu-central-1c", "10.64.200.0/22"],
    ["private", "eu-central-1a", "10.64.0.0/19"],
    ["private", "eu-central-1b", "10.64.32.0/19"],
    ["private", "eu-central-1c", "10.64.64.0/19"],
    ["intra", "eu-central-1a", "10.64.224.0/22"],
    ["intra", "eu-central-1b", "10.64.228.0/22"],
    ["intra", "eu-central-1c", "10.64.232.0/22"],
  ]);
  expect(privateAddresses("10.64.0.0/16")).toBe(8187);
  expect(resolverOf("10.64.0.0/16")).toBe("10.64.0.2");
});

test("load balancers find public and private subnets by their tags, and no intra one", () => {
  const tags = Object.fromEntries(
    planSubnets("shop", "10.64.0.0/16", ["eu-central-1a"]).map((one) => [one.tier, one.tags]),
  );
  expect(tags).toEqual({
    public: { "kubernetes.io/role/elb": "1", "kubernetes.io/cluster/shop": "shared" },
    private: { "kubernetes.io/role/internal-elb": "1", "kubernetes.io/cluster/shop": "shared" },
    intra: {},
  });
});

test("subnets lie in the VPC and apart from each other, and AWS takes their sizes", () => {
  fc.assert(
    fc.property(vpc, zones, (cidr, of) => {
      const plans = planSubnets("shop", cidr, of);
      plans.forEach((one, index) => {
        expect(overlap(one.cidr, cidr)).toBe(true);
        expect(Number(one.cidr.split("/")[1])).toBeLessThanOrEqual(28);
        for (const other of plans.slice(index + 1))
          expect([one, other, overlap(one.cidr, other.cidr)]).toEqual([one, other, false]);
      });
    }),
  );
});

test("a zone that comes or goes, or stands elsewhere in the list, leaves every other subnet where it is", () => {
  fc.assert(
    fc.property(vpc, zones, zones, (cidr, before, after) => {
      const both = before.filter((zone) => after.includes(zone));
      const kept = (of: readonly string[]) =>
        placesOf(cidr, of)
          .filter(([, zone]) => both.some((one) => one === zone))
          .sort();
      expect(kept(after)).toEqual(kept(before));
    }),
  );
});
