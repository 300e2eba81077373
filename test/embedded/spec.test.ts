import fc from "fast-check";
import { controlPlane, defaults, labCluster, nodeNamed, overlap, shortId } from "../../embedded/spec.ts";

describe("labCluster", () => {
  test("is the lab's: five nodes by name and address, three of them control plane in three racks", () => {
    const spec = labCluster();
    expect(spec.nodes.map(({ name, address }) => [name, address])).toEqual([
      ["qke-master", "172.20.20.1"],
      ["qke-worker-49-1", "172.20.20.11"],
      ["qke-worker-49-2", "172.20.20.12"],
      ["qke-worker-181-1", "172.20.20.51"],
      ["qke-worker-181-2", "172.20.20.52"],
    ]);
    expect(spec).toMatchObject({
      podCidr: "10.42.0.0/16",
      serviceCidr: "10.43.0.0/16",
      hostAddress: "172.20.20.254",
      apiAddress: "172.20.20.100",
      dnsAddress: "10.43.0.10",
    });
    expect(new Set(controlPlane(spec).map(({ rack }) => rack)).size).toBe(3);
  });

  test("follows the ranges it is given", () => {
    const spec = labCluster({
      name: "ci",
      subnet: "172.20.40.0/24",
      podCidr: "10.62.0.0/16",
      serviceCidr: "10.63.0.0/16",
    });
    expect(spec.nodes.map(({ address }) => address)).toContain("172.20.40.52");
    expect(spec.dnsAddress).toBe("10.63.0.10");
  });

  test.each([
    ["a name in upper case", { name: "Lab" }, '--name "Lab"'],
    ["a name that is too long", { name: "a".repeat(31) }, "--name"],
    [
      "a subnet with host bits",
      { subnet: "172.20.20.1/24" },
      '--subnet "172.20.20.1/24": has host bits set; the network is 172.20.20.0',
    ],
    ["a subnet that is no /24", { subnet: "172.20.0.0/16" }, "--subnet"],
    ["no network at all", { podCidr: "pods" }, '--pod-cidr "pods": not an IPv4 network'],
    ["too small a pod range", { podCidr: "10.42.0.0/24" }, "--pod-cidr"],
    ["a public range", { podCidr: "8.0.0.0/16" }, "private range"],
    [
      "a release without tools",
      { kubernetes: "v1.34.1" },
      '--kubernetes "v1.34.1": there are tools of v1.35.4, v1.36.3',
    ],
    ["pods over Services", { podCidr: "10.43.0.0/16" }, "--pod-cidr 10.43.0.0/16 overlaps --service-cidr 10.43.0.0/16"],
    ["nodes over pods", { subnet: "10.42.7.0/24" }, "--subnet 10.42.7.0/24 overlaps --pod-cidr 10.42.0.0/16"],
  ])("refuses %s", (_, wrong, message) => {
    expect(() => labCluster({ ...defaults, ...wrong })).toThrow(message);
  });

  test("says every problem at once", () => {
    const attempt = () =>
      labCluster({ name: "X", subnet: "nowhere", podCidr: "10.0.0.1/16", serviceCidr: "10.43.0.0/16" });
    expect(attempt).toThrow(/--name[^]*--subnet[^]*--pod-cidr/);
  });

  test("keeps every address inside the subnet and different from the others", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), (third) => {
        const spec = labCluster({ ...defaults, subnet: `192.168.${String(third)}.0/24` });
        const all = [...spec.nodes.map(({ address }) => address), spec.apiAddress, spec.hostAddress];
        expect(new Set(all).size).toBe(7);
        expect(all.every((address) => overlap(spec.subnet, `${address}/32`))).toBe(true);
      }),
    );
  });
});

test("overlap does not depend on the order, and a range overlaps what it contains", () => {
  const cidr = fc.tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 8, max: 30 }));
  const text = ([a, b, bits]: [number, number, number]) => `10.${String(a)}.${String(b)}.0/${String(bits)}`;
  fc.assert(
    fc.property(cidr, cidr, (left, right) => {
      expect(overlap(text(left), text(right))).toBe(overlap(text(right), text(left)));
      expect(overlap("10.0.0.0/8", text(left))).toBe(true);
    }),
  );
  expect(overlap("10.42.0.0/16", "10.43.0.0/16")).toBe(false);
});

test("nodeNamed lists the nodes there are", () => {
  expect(() => nodeNamed(labCluster(), "qke-worker")).toThrow(/no node "qke-worker".*qke-master/);
});

test("an interface's name fits the kernel's 15 characters", () => {
  expect(`qt${shortId("a-rather-long-name-of-a-cluster")}`.length).toBeLessThanOrEqual(15);
});
