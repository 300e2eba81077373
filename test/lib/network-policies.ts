/** NetworkPolicies at random, as far as their validity goes: every part that somebody may leave out or get wrong. */
import fc from "fast-check";

/** Mostly what is right, so that policies with one mistake are tried, too. */
const mostly = <T, U>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<U>, weight = 30) =>
  fc.oneof({ weight, arbitrary: right }, { weight: 1, arbitrary: wrong });

const long = "a".repeat(64);
const key = mostly(
  fc.constantFrom("app", "kubernetes.io/metadata.name", "a.b-c/D_e.f", "0", "a".repeat(63)),
  fc.constantFrom("", "a/b/c", "/a", "a/", "UPPER.example/a", "-a", "a_", "a b", long, `${"b".repeat(64)}.c/a`, "ä"),
);
const value = mostly(
  fc.constantFrom("", "x", "X_y.z-0", "1"),
  fc.constantFrom("-x", "x.", "a b", long, "x/y", 1, true, null, "ö"),
);
const requirement = fc.record(
  {
    key: mostly(key, fc.constantFrom(1, null)),
    operator: mostly(fc.constantFrom("In", "NotIn", "Exists", "DoesNotExist"), fc.constantFrom("in", "", "Gt", null)),
    values: mostly(fc.array(value, { maxLength: 2 }), fc.constantFrom("x", null)),
  },
  { requiredKeys: ["key", "operator"] },
);
const goodRequirement = fc.oneof(
  fc.record({ key, operator: fc.constantFrom("In", "NotIn"), values: fc.array(value, { minLength: 1, maxLength: 2 }) }),
  fc.record({ key, operator: fc.constantFrom("Exists", "DoesNotExist") }),
);
const labels = mostly(fc.dictionary(key, value, { maxKeys: 2, noNullPrototype: true }), fc.constantFrom(null, [], "x"));
const selector = mostly(
  fc.record(
    {
      matchLabels: labels,
      matchExpressions: mostly(fc.array(mostly(goodRequirement, requirement, 8), { maxLength: 2 }), fc.constant(null)),
    },
    { requiredKeys: [] },
  ),
  fc.constantFrom(null, "all", []),
);

const cidr = mostly(
  fc.constantFrom(
    "10.0.0.0/8",
    "10.1.0.0/16",
    "0.0.0.0/0",
    "192.168.5.6/32",
    "fd00::/8",
    "fd00:1::/64",
    "::/0",
    "FD00:0:0::/48",
  ),
  fc.constantFrom(
    ...["", " ", "10.0.0.1", "10.0.0.1/8", "010.0.0.0/8", "10.0.0.0/08", "10.0.0.0/33", "10.0.0/8", "1.2.3.4.5/8"],
    ...["256.0.0.0/8", "0x0a.0.0.0/8", "10.0.0.0/8/8", "10.0.0.0/", "/8", "10.0.0.0/+8", "10.0.0.0/-1", "fd00::/129"],
    ...["fd00::1/64", "::ffff:10.0.0.0/104", "::10.0.0.0/120", "fd00::1::/64", "fd00::%eth0/64", "fd00:00001::/32"],
    ...[
      "1:2:3:4:5:6:7:8/128",
      "1:2:3:4:5:6:7/128",
      "1:2:3:4:5:6:1.2.3.4/128",
      "1:2:3:4:5:6:01.2.3.4/128",
      "::1.2.3/128",
    ],
    ...["::/00", ":/0", ":::/0", "1:2:3:4:5:6:7::/112", "1:2:3:4:5:6:7:8::/128", "g::/8", "::10000/128"],
    null,
    8,
  ),
  6,
);
const except = mostly(
  fc.array(mostly(fc.constantFrom("10.1.2.0/24", "10.1.3.4/32", "fd00:1::5/128"), cidr, 4), { maxLength: 2 }),
  fc.constantFrom("10.0.0.0/24", null),
);
const ipBlock = fc.record({ cidr, except }, { requiredKeys: ["cidr"] });
const peer = fc.oneof(
  { weight: 8, arbitrary: fc.record({ podSelector: selector }) },
  { weight: 4, arbitrary: fc.record({ podSelector: selector, namespaceSelector: selector }) },
  { weight: 8, arbitrary: fc.record({ ipBlock }) },
  { weight: 1, arbitrary: fc.record({ podSelector: selector, ipBlock }, { requiredKeys: [] }) },
);

const number = mostly(fc.constantFrom(1, 80, 443, 65535), fc.constantFrom(0, -1, 65536, 123456789, 4294967297, 1.5));
const name = mostly(
  fc.constantFrom("http", "a-1", "0a", "abcdefghijklmno"),
  fc.constantFrom("", "80", "-a", "a-", "a--b", "HTTP", "abcdefghijklmnop", "a_b", true, null),
  6,
);
const protocol = mostly(fc.constantFrom("TCP", "UDP", "SCTP"), fc.constantFrom("tcp", "", "ICMP", null, 6));
const port = fc.oneof(
  fc.record({ protocol, port: number }, { requiredKeys: [] }),
  fc.record({ protocol, port: name }, { requiredKeys: [] }),
  fc.record({ port: number, endPort: mostly(fc.constantFrom(443, 65535), number, 3) }),
  fc.record({ protocol, endPort: number }, { requiredKeys: ["protocol"] }),
);

const ports = mostly(fc.array(port, { maxLength: 2 }), fc.constantFrom(null, {}));
const peers = mostly(fc.array(peer, { maxLength: 2 }), fc.constantFrom(null, "all"));
const rules = (side: "from" | "to") =>
  mostly(
    fc.array(fc.record({ [side]: peers, ports }, { requiredKeys: [] }), { maxLength: 2 }),
    fc.constantFrom(null, {}),
  );
const types = mostly(
  fc.constantFrom([], ["Ingress"], ["Egress"], ["Ingress", "Egress"], ["Egress", "Egress"]),
  fc.constantFrom(["ingress"], [""], ["Ingress", "Egress", "Ingress"], "Ingress", null),
);

/** NetworkPolicies. */
export const anyNetworkPolicies = fc.record({
  apiVersion: fc.constant("networking.k8s.io/v1"),
  kind: fc.constant("NetworkPolicy"),
  metadata: fc.record(
    {
      namespace: mostly(fc.constant("shop"), fc.constantFrom("a.b", "Shop", long)),
      name: mostly(fc.constantFrom("web", "a.b", long), fc.constantFrom("Web", "a_b", "-a", "a..b", "a".repeat(254))),
      labels,
      annotations: mostly(
        fc.dictionary(mostly(key, fc.constant("UPPER.example/A")), fc.constantFrom("", "any text"), {
          maxKeys: 1,
          noNullPrototype: true,
        }),
        fc.constantFrom(null, { a: 1 }),
      ),
    },
    { requiredKeys: ["namespace", "name"] },
  ),
  spec: mostly(
    fc.record(
      { podSelector: selector, policyTypes: types, ingress: rules("from"), egress: rules("to") },
      { requiredKeys: ["podSelector"] },
    ),
    fc.constantFrom(null, {}, "x"),
  ),
});
