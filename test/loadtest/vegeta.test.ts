import { attackCommand, errorKind, resultReader } from "../../loadtest/vegeta.ts";
import { target } from "./fixture.ts";

const two = target({ addresses: ["192.0.2.1", "192.0.2.2"] });
const attack = { target: two, rate: 50, seconds: 10 };

test("each address is asked by a URL of its own, under the public name", () => {
  expect(attackCommand("/tools/vegeta", attack, "/tmp/ca.crt")).toEqual({
    program: "/tools/vegeta",
    args: [
      "attack",
      "-format=json",
      "-rate=50/1s",
      "-duration=10s",
      "-timeout=5s",
      "-max-workers=5000",
      "-redirects=-1",
      "-root-certs=/tmp/ca.crt",
      "-connect-to=enroll.example:1:192.0.2.1:30443",
      "-connect-to=enroll.example:2:192.0.2.2:30443",
    ],
    input:
      '{"method":"GET","url":"https://enroll.example:1/api","header":{"Host":["enroll.example:30443"]}}\n' +
      '{"method":"GET","url":"https://enroll.example:2/api","header":{"Host":["enroll.example:30443"]}}\n',
  });
});

test.each([
  ["https://enroll.example/api", "443"],
  ["http://enroll.example/api", "80"],
])("%s is asked at port %s", (url, port) => {
  const { args, input } = attackCommand("vegeta", { ...attack, target: target({ url }) });
  expect(args.at(-1)).toBe(`-connect-to=enroll.example:1:192.0.2.1:${port}`);
  expect(args.join()).not.toMatch(/root-certs/);
  expect(JSON.parse(input)).toMatchObject({ header: { Host: ["enroll.example"] } });
});

test("in a network namespace it is run there", () => {
  const inside = target({ network: "/run/netns/node-1" });
  const { program, args } = attackCommand("vegeta", { ...attack, target: inside });
  expect([program, ...args].slice(0, 4)).toEqual(["nsenter", "--net=/run/netns/node-1", "vegeta", "attack"]);
});

test.each([
  ["no address", { addresses: [] }, "ingress has no address to send requests to."],
  [
    "an IPv6 address",
    { addresses: ["2001:db8::1"] },
    "ingress has the address 2001:db8::1: only IPv4 addresses and names can be asked.",
  ],
])("%s is refused", (_what, given, message) => {
  expect(() => attackCommand("vegeta", { ...attack, target: target(given) })).toThrow(message);
});

/** A line of `vegeta encode -to json`, as version 12.12.0 writes it. */
const line = (given: object) =>
  JSON.stringify({
    attack: "",
    seq: 1,
    code: 200,
    timestamp: "2026-11-21T19:00:01.250987654+01:00",
    latency: 4_123_456,
    bytes_out: 0,
    bytes_in: 339,
    error: "",
    body: "e30=",
    method: "GET",
    url: "https://enroll.example:2/api",
    headers: { Date: ["x"] },
    ...given,
  });
const read = resultReader(two, Date.parse("2026-11-21T18:00:00Z"));

test("a result is an answer of the address behind its URL", () => {
  expect(read(line({}))).toEqual({ at: 1250, milliseconds: 4.123456, status: 200, bytes: 339, address: "192.0.2.2" });
});

test("a result with a status is one, however bad; without one it is its error", () => {
  expect(read(line({ code: 503, error: "503 Service Unavailable" })).status).toBe(503);
  expect(read(line({ code: 0, error: 'Get "https://enroll.example:2/api": EOF' })).status).toBe("EOF");
});

test("a result of another URL is nobody's", () => {
  expect(() => read(line({ url: "https://enroll.example:3/api" }))).toThrow("which it was not told to");
});

test.each([
  [
    'Get "https://a:1/": dial tcp 0.0.0.0:0->192.0.2.1:30443: connect: connection refused',
    "dial tcp: connect: connection refused",
  ],
  ['Get "https://a:1/": dial tcp 192.0.2.1:443: i/o timeout', "dial tcp: i/o timeout"],
  [
    'Get "https://a:1/": read tcp 10.0.0.1:40001->192.0.2.1:443: read: connection reset by peer',
    "read tcp: read: connection reset by peer",
  ],
  [
    'Get "https://a:1/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
  ],
  ["", "no answer"],
])("%j is of the kind %j", (error, kind) => {
  expect(errorKind(error)).toBe(kind);
});
