import { type ExternalsSurroundings, externalsProblems, externalsSchema } from "../../components/externals-schema.ts";
import { facts } from "../lib/stacks.ts";

// One refused fixture for each rule lies in test/config/invalid; here is what is close to them and accepted.

const around: ExternalsSurroundings = {
  facts,
  services: [{ namespace: "shop", name: "web", port: 80, versions: {} }],
  mesh: true,
  sidecars: { shop: ["web", "cart"], billing: [] },
};
const queue = (more: object = {}) => ({
  hosts: ["queue.example"],
  ports: [{ port: 5671, protocol: "TCP" }],
  addresses: ["192.0.2.1/32"],
  from: ["shop"],
  ...more,
});
const paths = (externals: Record<string, object>, more: Partial<ExternalsSurroundings> = {}) =>
  externalsProblems(externalsSchema.parse(externals), { ...around, ...more }).map(([path]) => path.join("."));

test("names are resolved unless it says otherwise", () => {
  expect(externalsSchema.parse({ queue: queue() })["queue"]).toEqual({ ...queue(), resolution: "dns" });
});

test("one port may have two protocols where no proxy knows both, and TCP may go to two places", () => {
  const other = { hosts: ["other.example"], from: ["billing"] };
  const https = { ports: [{ port: 5671, protocol: "HTTPS" }] };
  expect(paths({ queue: queue(), other: queue({ ...other, ...https }) })).toEqual([]);
  expect(paths({ queue: queue(), other: queue({ ...other, ...https, from: ["billing", "shop/web"] }) })).toEqual([
    "mesh.externals.other.ports.0.port",
  ]);
  expect(paths({ queue: queue(), other: queue({ ...other, from: ["shop"], addresses: ["192.0.2.2/32"] }) })).toEqual(
    [],
  );
  expect(paths({ queue: queue(), other: queue({ ...other, from: ["shop"], addresses: ["192.0.2.0/24"] }) })).toEqual([
    "mesh.externals.other.ports.0.port",
  ]);
});

test("HTTP shares its port with Services and with other externals", () => {
  const http = { ports: [{ port: 80, protocol: "HTTP" }] };
  expect(paths({ one: queue(http), two: queue({ ...http, hosts: ["two.example"] }) })).toEqual([]);
  expect(paths({ one: queue({ ports: [{ port: 80, protocol: "TCP" }] }) })).toEqual([
    "mesh.externals.one.ports.0.port",
  ]);
});

test("a name that only ends like a Service's is one of the outside", () => {
  expect(paths({ queue: queue({ hosts: ["queue.myshop"] }) })).toEqual([]);
  expect(paths({ queue: queue({ hosts: ["queue.shop"] }) })).toEqual(["mesh.externals.queue.hosts.0"]);
});

test("where pods have addresses of the outside, so may externals", () => {
  const inside = queue({ addresses: ["10.42.9.0/24"] });
  expect(paths({ queue: inside })).toEqual(["mesh.externals.queue.addresses.0"]);
  expect(paths({ queue: inside }, { facts: { ...facts, nodeRanges: ["10.42.0.0/16"] } })).toEqual([]);
});

test("without a mesh there is nobody who could know an external, and nothing to refuse without one", () => {
  expect(paths({ queue: queue() }, { mesh: false })).toEqual(["mesh.externals"]);
  expect(paths({}, { mesh: false })).toEqual([]);
});
