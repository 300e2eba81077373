import fc from "fast-check";
import { type DnsFacts, dnsProblems, dnsSchema, dnsWay } from "../../components/coredns-schema.ts";
import { facts } from "../lib/stacks.ts";

const there = (settings: DnsFacts["dns"]["settings"], more: Partial<DnsFacts> = {}): DnsFacts => ({
  ...facts,
  dns: { domain: "cluster.local", settings },
  ...more,
});
const problems = (dns: object, own = facts as DnsFacts) =>
  dnsProblems(dnsSchema.parse(dns), own).map(([path, problem]) => `${path.join(".")} ${problem}`);
const stub = (zone: string, server = "192.0.2.53") => ({ stubDomains: { [zone]: [server] } });

test.each([
  ["a cluster without DNS gets one", there("none", { brings: ["cni"] }), "install"],
  ["one that imports settings gets them", there("imports"), "import"],
  ["an add-on is told where it is made", there("add-on"), "add-on"],
  ["another's is left alone", there("none"), "leave"],
  ["and so is one that only seems to run", there("imports", { mode: "simulated" }), "leave"],
] as const)("%s", (_, own, way) => {
  expect(dnsWay(own)).toBe(way);
});

test("nothing is set by default", () => {
  expect(dnsSchema.parse(undefined)).toEqual({ stubDomains: {}, upstream: [] });
});

test.each(["cluster.local", "svc.cluster.local", "local", "a.b.cluster.local"])("%s is the cluster's own", (zone) => {
  expect(problems(stub(zone))).toHaveLength(1);
});

test.each(["corp.example", "notcluster.local.example", "xcluster.local", "10.in-addr.example", "ip6.arpa"])(
  "%s may be another's",
  (zone) => {
    expect(problems(stub(zone))).toEqual([]);
  },
);

test("of all reverse zones those are refused that hold an address of the cluster", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 4 }), (octets) => {
      const zone = [...octets.toReversed(), "in-addr", "arpa"].join(".");
      const holds = (own: number[]) => own.slice(0, octets.length).every((octet, index) => octet === octets[index]);
      expect(problems(stub(zone))).toHaveLength(Number(holds([10, 42])) + Number(holds([10, 43])));
    }),
  );
  expect(problems(stub("arpa"))).toHaveLength(2);
  expect(problems(stub("43.10.in-addr.arpa"))).toHaveLength(1);
});

test.each([
  ["10.43.0.10", "is the cluster's own DNS, which would ask itself for ever"],
  ["10.43.255.254", "lies in serviceCidr 10.43.0.0/16, whose addresses come and go: name a server outside the cluster"],
  ["10.42.0.1", "lies in podCidr 10.42.0.0/16, whose addresses come and go: name a server outside the cluster"],
  ["127.0.0.1", `is an address of the kind "loopback", at which a pod finds nobody else`],
  ["0.0.0.0", `is an address of the kind "unspecified", at which a pod finds nobody else`],
  ["224.0.0.251", `is an address of the kind "multicast", at which a pod finds nobody else`],
])("nobody else answers at %s", (server, problem) => {
  expect(problems({ upstream: ["192.0.2.1", server] })).toEqual([`dns.upstream.1 ${problem}`]);
  expect(problems(stub("corp.example", server))).toEqual([`dns.stubDomains.corp.example.0 ${problem}`]);
});

test("where pods have addresses of the nodes' own network, others may have them as well", () => {
  const own = there("add-on", { podCidr: "10.64.0.0/16", nodeRanges: ["10.64.0.0/19"] });
  expect(problems(stub("corp.example", "10.64.225.53"), own)).toEqual([]);
});

test("what cannot be set up is refused, and on a simulated cluster nobody asks", () => {
  const both = { ...stub("corp.example"), upstream: ["192.0.2.1"] };
  expect(problems(both, there("none"))).toEqual([
    "dns.stubDomains has no effect, since this stack leaves the DNS of this cluster as it is: leave it out",
    "dns.upstream has no effect, since this stack leaves the DNS of this cluster as it is: leave it out",
  ]);
  expect(problems({}, there("none"))).toEqual([]);
  expect(problems(both, there("none", { mode: "simulated" }))).toEqual([]);
});
