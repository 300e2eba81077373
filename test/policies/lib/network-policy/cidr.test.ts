import { cidrOf, isStrictlyWithin, sizeOf } from "../../../../policies/lib/network-policy/cidr.ts";

const must = (text: string) => {
  const found = cidrOf(text);
  if (found === undefined) throw new Error(`${text} is a network.`);
  return found;
};

test.each([
  ["10.0.0.0/8", undefined],
  ["fd00::/8", undefined],
  ["::10.0.0.0/120", undefined],
  ["10.0.0.1/32", undefined],
  ["255.255.255.255/32", undefined],
  ["10.20.30.100/32", undefined],
  ["::/128", undefined],
  ["::010.0.0.0/128", "has leading zeros, which some take for octal"],
  ["10.0.0.1/8", "has bits set beyond its prefix"],
  ["fd00::1/64", "has bits set beyond its prefix"],
  ["010.0.0.0/8", "has leading zeros, which some take for octal"],
  ["10.0.0.0/08", "has leading zeros, which some take for octal"],
  ["::ffff:10.0.0.0/104", "is an IPv4 address in IPv6"],
])("%s is a network, against which a strict reader has: %s", (text, objection) => {
  expect(must(text).objection).toBe(objection);
});

test.each([
  "",
  "10.0.0.1",
  "10.0.0/8",
  "10.0.0.0/x8",
  "10.0.0.0/8x",
  "10.0.0.0/8/8",
  "x10.0.0.0/8",
  "10x.0.0.0/8",
  "::10.0.0/64",
  "::10.0.0.256/64",
  "256.0.0.0/8",
  "10.0.0.0/33",
  "fd00::/129",
  "fd00::%eth0/64",
  "1:2:3/64",
  "a/b",
])("%j is none", (text) => {
  expect(cidrOf(text)).toBeUndefined();
});

test("an IPv4 address at the end of IPv6 is its last four bytes", () => {
  expect(must("::1.2.3.4/128").first).toBe(0x01020304n);
  expect(must("1.2.3.4/32").first).toBe(0x01020304n);
});

test("a network is within a larger one of its own version, and not within itself", () => {
  const within = (inner: string, outer: string) => isStrictlyWithin(must(inner), must(outer));
  expect(within("10.1.0.0/16", "10.0.0.0/8")).toBe(true);
  expect(within("10.0.0.0/8", "10.0.0.0/8")).toBe(false);
  expect(within("10.0.0.0/8", "10.1.0.0/16")).toBe(false);
  expect(within("11.0.0.0/16", "10.0.0.0/8")).toBe(false);
  expect(within("::/64", "0.0.0.0/0")).toBe(false);
});

test("addresses are counted once", () => {
  const size = (...texts: string[]) => sizeOf(texts.map(must));
  expect(size("10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8")).toBe(1n << 24n);
  expect(size("128.0.0.0/1", "0.0.0.0/1")).toBe(1n << 32n);
  expect(size()).toBe(0n);
});
