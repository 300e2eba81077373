import {
  type Call,
  type End,
  evaluator,
  type NetworkPolicy,
  type Objects,
  type Pod,
  type PolicyPeer,
  type PolicyPort,
  type PolicySpec,
  rangeOf,
  selects,
  toAddress,
  toNumber,
} from "../../components/network-policy.ts";

// What Kubernetes' own documentation and API reference say, case by case; test/e2e/connectivity.e2e.ts holds the rest
// against somebody else's reading.

const pod = (namespace: string, app: string, address: string, more: Partial<Pod> = {}): End => ({
  address,
  pod: { namespace, labels: { app }, ...more },
});
const web = pod("shop", "web", "10.42.1.1", {
  ports: [
    { name: "http", port: 80, protocol: "TCP" },
    { name: "dns", port: 53, protocol: "UDP" },
  ],
});
const db = pod("shop", "db", "10.42.1.2");
const gateway = pod("gateway", "gateway", "10.42.2.1");
const outside: End = { address: "192.0.2.1" };

const policy = (spec: Partial<PolicySpec>, namespace = "shop"): NetworkPolicy => ({
  namespace,
  name: "tried",
  spec: { podSelector: {}, ...spec },
});
const allows = (policies: NetworkPolicy[], call: Partial<Call>, more: Partial<Objects> = {}) =>
  evaluator({ namespaces: { shop: { team: "a" }, gateway: { team: "b" } }, policies, ...more }).allows({
    from: gateway,
    to: web,
    protocol: "TCP",
    port: 80,
    ...call,
  });

test("without a policy everything is open", () => {
  expect(allows([], {})).toBe(true);
  expect(allows([policy({}, "gateway")], { from: outside })).toBe(true);
});

describe("what a policy closes", () => {
  test.each<[string, Partial<PolicySpec>, boolean, boolean]>([
    ["without types and rules, ingress", {}, false, true],
    ["without types, with an egress rule, both", { egress: [{ to: [{ podSelector: {} }] }] }, false, false],
    ["without types, with an empty list of egress rules, ingress", { egress: [] }, false, true],
    ["with no types, as without", { policyTypes: [] }, false, true],
    ["of the type Egress, egress", { policyTypes: ["Egress"] }, true, false],
    ["of both types, both", { policyTypes: ["Ingress", "Egress"] }, false, false],
    ["for other pods, nothing", { podSelector: { matchLabels: { app: "db" } } }, true, true],
  ])("%s", (_name, spec, into, out) => {
    expect(allows([policy(spec)], {})).toBe(into);
    expect(allows([policy(spec)], { from: web, to: outside })).toBe(out);
  });

  test("both ends must agree", () => {
    const ingress = policy({ ingress: [{}] });
    expect(allows([ingress], {})).toBe(true);
    expect(allows([ingress, policy({ policyTypes: ["Egress"] }, "gateway")], {})).toBe(false);
    expect(allows([ingress, policy({ egress: [{}] }, "gateway")], {})).toBe(true);
  });

  test("policies add up, in any order", () => {
    const [deny, allow] = [policy({}), policy({ ingress: [{ from: [{ namespaceSelector: {} }] }] })];
    expect([allows([deny, allow], {}), allows([allow, deny], {}), allows([deny], {})]).toEqual([true, true, false]);
  });
});

describe("whom a rule lets in", () => {
  const from = (...peers: PolicyPeer[]) => [policy({ ingress: [{ from: peers }] })];

  test.each<[string, PolicyPeer[], End, boolean]>([
    ["an empty list is everybody", [], outside, true],
    ["podSelector alone means the policy's own namespace", [{ podSelector: {} }], gateway, false],
    ["podSelector alone means the policy's own namespace", [{ podSelector: {} }], db, true],
    [
      "namespaceSelector alone means every pod there",
      [{ namespaceSelector: { matchLabels: { team: "b" } } }],
      gateway,
      true,
    ],
    ["namespaceSelector picks by labels", [{ namespaceSelector: { matchLabels: { team: "c" } } }], gateway, false],
    [
      "a namespace has its name as a label",
      [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "gateway" } } }],
      gateway,
      true,
    ],
    ["an empty namespaceSelector is every pod", [{ namespaceSelector: {} }], gateway, true],
    ["an empty namespaceSelector is no address", [{ namespaceSelector: {} }], outside, false],
    [
      "both selectors in one peer must match",
      [{ namespaceSelector: {}, podSelector: { matchLabels: { app: "web" } } }],
      gateway,
      false,
    ],
    [
      "of two peers one is enough",
      [{ podSelector: { matchLabels: { app: "web" } } }, { namespaceSelector: { matchLabels: { team: "b" } } }],
      gateway,
      true,
    ],
    ["an address in a block", [{ ipBlock: { cidr: "192.0.2.0/24" } }], outside, true],
    ["an address beside a block", [{ ipBlock: { cidr: "192.0.3.0/24" } }], outside, false],
    ["an address of IPv6 in a block", [{ ipBlock: { cidr: "fd00::/8" } }], { address: "fd00:1::5" }, true],
    [
      "an address of IPv6 that is excepted",
      [{ ipBlock: { cidr: "::/0", except: ["fd00:1::/32"] } }],
      { address: "fd00:1::5" },
      false,
    ],
    ["an address of IPv6 in a block of IPv4", [{ ipBlock: { cidr: "0.0.0.0/0" } }], { address: "fd00:1::5" }, false],
    ["an address of IPv4 in a block of IPv6", [{ ipBlock: { cidr: "::/0" } }], outside, false],
    ["an address that is excepted", [{ ipBlock: { cidr: "0.0.0.0/0", except: ["192.0.2.1/32"] } }], outside, false],
    [
      "an address beside what is excepted",
      [{ ipBlock: { cidr: "0.0.0.0/0", except: ["192.0.2.2/31"] } }],
      outside,
      true,
    ],
  ])("%s", (_name, peers, caller, expected) => {
    expect(allows(from(...peers), { from: caller })).toBe(expected);
  });

  test("whether a block matches pods is the network's choice", () => {
    const block = from({ ipBlock: { cidr: "10.42.0.0/16" } });
    expect(allows(block, {}, { blocksMatchPods: true })).toBe(true);
    expect(allows(block, {}, { blocksMatchPods: false })).toBe(false);
  });
});

describe("ports", () => {
  const open = (...ports: PolicyPort[]) => [policy({ ingress: [{ ports }] })];

  test.each<[string, PolicyPort[], Partial<Call>, boolean]>([
    ["an empty list is every port", [], { protocol: "SCTP", port: 7 }, true],
    ["a number is of TCP by default", [{ port: 80 }], {}, true],
    ["a number is of TCP by default", [{ port: 80 }], { protocol: "UDP" }, false],
    ["another number", [{ port: 81 }], {}, false],
    ["a protocol alone is every port of it", [{ protocol: "UDP" }], { protocol: "UDP", port: 9 }, true],
    ["a protocol alone is no port of another", [{ protocol: "UDP" }], {}, false],
    ["the first of a range", [{ port: 80, endPort: 82 }], {}, true],
    ["the last of a range", [{ port: 78, endPort: 80 }], {}, true],
    ["beside a range", [{ port: 81, endPort: 90 }], {}, false],
    ["a name that the called pod gives the port", [{ port: "http" }], {}, true],
    ["a name that the called pod gives another port", [{ port: "http" }], { port: 81 }, false],
    ["a name of another protocol", [{ port: "dns" }], { protocol: "TCP", port: 53 }, false],
    ["a name with its protocol", [{ port: "dns", protocol: "UDP" }], { protocol: "UDP", port: 53 }, true],
    ["a name that the called pod lacks", [{ port: "http" }], { to: db }, false],
  ])("%s", (_name, ports, call, expected) => {
    expect(allows(open(...ports), call)).toBe(expected);
  });

  test("a name on the way out is the called pod's, and an address has none", () => {
    const egress = [policy({ policyTypes: ["Egress"], egress: [{ ports: [{ port: "http" }] }] })];
    expect(allows(egress, { from: db, to: web })).toBe(true);
    expect(allows(egress, { from: db, to: outside })).toBe(false);
  });
});

describe("what no policy can close", () => {
  const closed = [policy({ policyTypes: ["Ingress", "Egress"] }), policy({}, "gateway")];
  const on = (end: End, node: string, more: Partial<Pod> = {}): End => ({
    ...end,
    node,
    ...(end.pod === undefined ? {} : { pod: { ...end.pod, ...more } }),
  });

  test("a pod to itself, but not to another of its kind", () => {
    expect(allows(closed, { from: web, to: web })).toBe(true);
    expect(allows(closed, { from: web, to: { ...web, pod: { namespace: "shop", labels: { app: "web" } } } })).toBe(
      false,
    );
  });

  test("a node to its own pods, such as for probes, but not to those of another", () => {
    const node = on({ address: "172.20.20.1" }, "one");
    expect(allows(closed, { from: node, to: on(web, "one") })).toBe(true);
    expect(allows(closed, { from: node, to: on(web, "two") })).toBe(false);
    expect(allows(closed, { from: on(web, "one"), to: node })).toBe(false);
  });

  test("a pod in its node's network, which is seen as the node", () => {
    const host = on({ ...gateway, address: "172.20.20.1" }, "one", { hostNetwork: true });
    expect(allows(closed, { from: outside, to: host })).toBe(true);
    expect(allows(closed, { from: host, to: on(web, "two") })).toBe(false);
    const byLabels = policy({ ingress: [{ from: [{ namespaceSelector: {} }] }] });
    const byAddress = policy({ ingress: [{ from: [{ ipBlock: { cidr: "172.20.20.1/32" } }] }] });
    const reading = { blocksMatchPods: false };
    expect(allows([byLabels], { from: host, to: on(web, "two") })).toBe(false);
    expect(allows([byAddress], { from: host, to: on(web, "two") }, reading)).toBe(true);
  });
});

test.each([
  ["In", ["x", "y"], { a: "x" }, true],
  ["In", ["y"], { a: "x" }, false],
  ["In", ["x"], {}, false],
  ["NotIn", ["x"], { a: "x" }, false],
  ["NotIn", ["y"], { a: "x" }, true],
  ["NotIn", ["x"], {}, true],
  ["Exists", undefined, { a: "" }, true],
  ["Exists", undefined, {}, false],
  ["DoesNotExist", undefined, { a: "" }, false],
  ["DoesNotExist", undefined, {}, true],
] as const)("a selector: a %s %s of %j is %s", (operator, values, labels, expected) => {
  const requirement = { key: "a", operator, ...(values === undefined ? {} : { values: [...values] }) };
  expect(selects({ matchExpressions: [requirement] }, labels)).toBe(expected);
  expect(selects({ matchExpressions: [requirement], matchLabels: { b: "1" } }, labels)).toBe(false);
});

test("a label is one of the object itself", () => {
  expect(selects({ matchExpressions: [{ key: "constructor", operator: "Exists" }] }, {})).toBe(false);
});

test("addresses are numbers", () => {
  expect([toNumber("0.0.0.0"), toNumber("10.42.0.1"), toNumber("255.255.255.255")]).toEqual([0, 170524673, 4294967295]);
  expect(toAddress(170524673)).toBe("10.42.0.1");
  expect(rangeOf("10.42.0.0/30")).toEqual([170524672, 170524675]);
  expect(rangeOf("0.0.0.0/0")).toEqual([0, 4294967295]);
});
