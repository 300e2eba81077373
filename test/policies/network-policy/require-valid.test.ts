import { requireValid } from "../../../policies/network-policy/require-valid.ts";
import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { closed, policy, unknown } from "../network-policies.ts";
import { saidOf } from "../workloads.ts";

const said = (object: object) => saidOf([requireValid], [object]);
const from = (...peers: unknown[]) => closed({ ingress: [{ from: peers }] });
const ports = (...own: unknown[]) => closed({ ingress: [{ ports: own }] });
const block = (cidr: unknown, ...except: unknown[]) => from({ ipBlock: { cidr, except } });
const required = (requirement: object) => closed({ podSelector: { matchExpressions: [requirement] } });

test.each<[string, object]>([
  ["the baseline", closed()],
  ["what says nothing", policy("default", { podSelector: null, ingress: null })],
  ["a range of ports", ports({ port: 80, endPort: 90 }, { port: 80, endPort: 80 })],
  ["the first port and the last", ports({ port: 1 }, { port: 65535 }, { port: 1, endPort: 65535 })],
  ["every protocol", ports({ protocol: "TCP" }, { protocol: "UDP" }, { protocol: "SCTP" }, { protocol: null })],
  ["networks of both versions of IP", from({ ipBlock: { cidr: "fd00::/8", except: ["fd00:1::/32"] } })],
  ["a policy of a network's own API", { ...closed({ policyTypes: ["Both"] }), apiVersion: "cilium.io/v2" }],
])("accepts %s", (_, object) => {
  expect(said(object)).toEqual([]);
});

test.each<[string, object, string]>([
  ["a name in capitals", policy("Web", {}), '"Web" is no name for it. Correct metadata.name.'],
  ["a peer that is empty", from({}), "a peer selects nobody. Correct spec.ingress[0].from[0]."],
  ["a peer of both kinds", from({ podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } }), "both selectors and addresses"],
  ["an address for a network", block("10.0.0.1"), '"10.0.0.1" is no network'],
  ["leading zeros", block("010.0.0.0/8"), "has leading zeros"],
  ["bits beyond the prefix", block("10.0.0.1/8"), "has bits set beyond its prefix"],
  ["IPv4 in IPv6", block("::ffff:10.0.0.0/104"), "is an IPv4 address in IPv6"],
  ["an exception outside", block("10.0.0.0/16", "10.1.0.0/24"), '"10.1.0.0/24" is no part of "10.0.0.0/16"'],
  ["an exception of everything", block("10.0.0.0/16", "10.0.0.0/16"), "is no part of"],
  ["a port above the last", ports({ port: 65536 }), "65536 is neither a port from 1 to 65535 nor the name of one"],
  ["a port as text", ports({ port: "80" }), '"80" is neither a port'],
  ["a protocol in small letters", ports({ protocol: "tcp" }), '"tcp" is none of TCP, UDP and SCTP'],
  ["a range that ends before it starts", ports({ port: 80, endPort: 79 }), "79 is no port from 80 to 65535"],
  ["a range from a name", ports({ port: "http", endPort: 80 }), "needs a number to start from"],
  ["an operator in small letters", required({ key: "a", operator: "in" }), '"in" is none of In, NotIn, Exists'],
  ["In without values", required({ key: "a", operator: "In" }), "In has no values to look for"],
  ["Exists with values", required({ key: "a", operator: "Exists", values: ["b"] }), "Exists takes no values"],
  ["a label's value that is a number", closed({ podSelector: { matchLabels: { a: 1 } } }), "1 is no value of a label"],
  ["a type that there is not", closed({ policyTypes: ["ingress"] }), "neither Ingress nor Egress"],
  ["rules that are no list", closed({ ingress: {} }), "{} is no list. Correct spec.ingress."],
])("refuses %s", (_, object, message) => {
  expect(said(object)).toEqual([expect.stringContaining(message)]);
});

const peer = "spec.ingress[0].from[0]";

test.each<[string, object, string]>([
  [
    "port 0",
    ports({ port: 0 }),
    "0 is neither a port from 1 to 65535 nor the name of one. Correct spec.ingress[0].ports[0].port.",
  ],
  ["half a port", ports({ port: 1.5 }), "1.5 is neither a port from 1 to 65535 nor the name of one"],
  ["a port that is an object", ports({ port: {} }), "{} is neither a port from 1 to 65535 nor the name of one"],
  ["a protocol that there is not", ports({ protocol: "ICMP" }), "Correct spec.ingress[0].ports[0].protocol."],
  [
    "an end that is text",
    ports({ port: 80, endPort: "90" }),
    '"90" is no port from 80 to 65535. Correct spec.ingress[0].ports[0].endPort.',
  ],
  ["an end above the last", ports({ port: 80, endPort: 65536 }), "65536 is no port from 80 to 65535"],
  [
    "an end without a start",
    ports({ endPort: 80 }),
    "needs a number to start from. Correct spec.ingress[0].ports[0].endPort.",
  ],
  [
    "its own selector",
    required({ key: "a", operator: "in" }),
    "Correct spec.podSelector.matchExpressions[0].operator.",
  ],
  ["a peer's selector", from({ podSelector: { matchLabels: { a: "-" } } }), `Correct ${peer}.podSelector.matchLabels.`],
  [
    "addresses that are no object",
    from({ ipBlock: "10.0.0.0/8" }),
    `"10.0.0.0/8" is no object. Correct ${peer}.ipBlock.`,
  ],
  ["no network", from({ ipBlock: {} }), `Correct ${peer}.ipBlock.cidr.`],
  ["an exception that is no text", block("10.0.0.0/8", 1), `[1] is no list of texts. Correct ${peer}.ipBlock.except.`],
  [
    "an exception that is no network",
    block("10.0.0.0/8", "x"),
    `"x" is no network like 10.9.8.0/24 or 2001:db8::/64. Correct ${peer}.ipBlock.except[0].`,
  ],
  [
    "exceptions of no network",
    block("x", "10.0.0.0/8"),
    `"x" is no network like 10.9.8.0/24 or 2001:db8::/64. Correct ${peer}.ipBlock.cidr.`,
  ],
  [
    "exceptions of an empty text",
    block("", "x"),
    `"" is no network like 10.9.8.0/24 or 2001:db8::/64. Correct ${peer}.ipBlock.cidr.`,
  ],
  [
    "three types",
    closed({ policyTypes: ["Ingress", "Egress", "Egress"] }),
    "there are more than two types of policies. Correct spec.policyTypes.",
  ],
])("says of %s what is wrong, where, and nothing else", (_, object, message) => {
  expect(said(object)).toEqual([expect.stringContaining(message)]);
});

test("takes what older servers take when it is told to", () => {
  const rules = { "network-policy-require-valid": { parameters: { strictCidrs: false } } };
  expect(saidOf([requireValid], [block("010.0.0.1/8")], policyConfigSchema.parse({ rules }))).toEqual([]);
});

test("says what is not known, and what is wrong beside it", () => {
  expect(said(from({ podSelector: { matchLabels: { a: unknown } } }, {}))).toEqual([
    expect.stringContaining("spec.ingress[0].from[0].podSelector.matchLabels.a is not known until then"),
    expect.stringContaining("a peer selects nobody"),
  ]);
});
