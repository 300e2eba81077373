/** Networks as somebody wrote them, of both versions of IP. */
import ipaddr from "ipaddr.js";

/** A network. */
export interface Cidr {
  /** How many bits its addresses have: 32 or 128. */
  readonly bits: number;
  /** How many of them say which network it is. */
  readonly prefix: number;
  /** Its first address, as a number. */
  readonly first: bigint;
  /** What a strict reader has against it; `undefined` when nothing. */
  readonly objection: string | undefined;
}

/** Reads a network, as k8s.io/utils/net.ParseCIDRSloppy does; `undefined` when it is none. */
export function cidrOf(text: string): Cidr | undefined {
  const [address = "", length = "", ...more] = text.split("/");
  if (more.length > 0 || !/^\d+$/.test(length)) return undefined;
  const bytes = address.includes(":") ? bytesOfV6(address) : bytesOfV4(address);
  const prefix = Number(length);
  if (bytes === undefined || prefix > bytes.length * 8) return undefined;
  const bits = bytes.length * 8;
  const number = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const rest = BigInt(bits - prefix);
  const first = (number >> rest) << rest;
  const isMapped = number >> 32n === 0xffffn;
  return { bits, prefix, first, objection: objectionTo(address, length, isMapped, number !== first) };
}

function objectionTo(address: string, length: string, isMapped: boolean, hasHostBits: boolean): string | undefined {
  const groups = address.includes(":") ? address.split(":") : [];
  const decimals = (groups.length === 0 ? address : (groups.at(-1) ?? "")).split(".");
  const leading = decimals.length > 1 && decimals.some((part) => /^0\d/.test(part));
  if (leading || /^0\d/.test(length) || groups.some((group) => !group.includes(".") && group.length > 4))
    return "has leading zeros, which some take for octal";
  if (isMapped) return "is an IPv4 address in IPv6";
  return hasHostBits ? "has bits set beyond its prefix" : undefined;
}

function bytesOfV4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || parts.some((part) => !/^\d+$/.test(part) || Number(part) > 255)) return undefined;
  return parts.map(Number);
}

function bytesOfV6(text: string): number[] | undefined {
  // The library also takes zones, and reads an IPv4 address at the end in more than one way.
  const decimals = /:(\d[\d.]*\.[\d.]*)$/.exec(text)?.[1];
  const tail = decimals === undefined ? undefined : bytesOfV4(decimals);
  if (decimals !== undefined && tail === undefined) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = tail ?? [];
  const groups = [a * 256 + b, c * 256 + d].map((group) => group.toString(16)).join(":");
  const plain = decimals === undefined ? text : text.slice(0, -decimals.length) + groups;
  if (!/^[\da-fA-F:]+$/.test(plain) || !ipaddr.IPv6.isValid(plain)) return undefined;
  const address = ipaddr.IPv6.parse(plain);
  return address.parts.every((part) => part <= 0xffff) ? address.toByteArray() : undefined;
}

/** Whether a network is wholly in another, and smaller. */
export const isStrictlyWithin = (inner: Cidr, outer: Cidr): boolean =>
  inner.bits === outer.bits &&
  inner.prefix > outer.prefix &&
  inner.first >> BigInt(outer.bits - outer.prefix) === outer.first >> BigInt(outer.bits - outer.prefix);

/** How many addresses networks of one version of IP have together, each counted once. */
export function sizeOf(networks: readonly Cidr[]): bigint {
  const ranges = networks.map(({ bits, prefix, first }) => ({ first, end: first + (1n << BigInt(bits - prefix)) }));
  let [size, reached] = [0n, 0n];
  for (const { first, end } of ranges.sort((a, b) => (a.first < b.first ? -1 : 1))) {
    const from = first > reached ? first : reached;
    if (end > from) [size, reached] = [size + end - from, end];
  }
  return size;
}
