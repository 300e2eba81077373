import { requirePortProtocols } from "../../../policies/mesh/require-port-protocols.ts";
import { unknown } from "../../lib/unknown.ts";
import { service } from "../ingresses.ts";
import { manifest } from "../manifests.ts";
import { meshed, namespace, outOfMesh } from "../meshes.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requirePortProtocols], objects);
const port = (own: object) =>
  service({
    ports: [
      { name: "http", port: 80 },
      { port: 90, ...own },
    ],
  });

test.each([
  { name: "http" },
  { name: "http2-web" },
  { name: "grpc-web" },
  { name: "tcp-db" },
  { name: "web", appProtocol: "http" },
  { name: "web", appProtocol: "kubernetes.io/h2c" },
  { name: "web", appProtocol: "HTTP" },
  { name: "dns", protocol: "UDP" },
])("accepts %j", (own) => {
  expect(said(meshed, port(own))).toEqual([]);
});

test.each([
  [
    { name: "web" },
    "port 90 is called web, which says no protocol that Istio knows. Set appProtocol beside spec.ports[1].name",
  ],
  [{ name: "httpweb" }, "port 90 is called httpweb"],
  [{ name: "HTTP" }, "port 90 is called HTTP"],
  [{}, "port 90 has no name"],
  [
    { name: "http", appProtocol: "example.com/own" },
    "port 90 has the appProtocol example.com/own, which says no protocol that Istio knows. Set appProtocol beside spec.ports[1].appProtocol, or",
  ],
])("refuses %j", (own, message) => {
  expect(said(meshed, port(own))).toEqual([expect.stringContaining(message)]);
});

test("asks it in the mesh alone, and of Services that are more than a name", () => {
  for (const own of outOfMesh) expect(said(namespace("shop", own), port({}))).toEqual([]);
  expect(said(meshed, service({ type: "ExternalName", ports: [{ port: 90 }] }))).toEqual([]);
  expect(said(meshed, manifest("serving.knative.dev/v1", "Service", { spec: { ports: [{ port: 90 }] } }))).toEqual([]);
});

test("leaves other kinds with ports alone", () => {
  expect(said(meshed, manifest("v1", "Endpoints", { spec: { ports: [{ port: 90 }] } }))).toEqual([]);
});

test("is undecided of a port that is not known, and judges the others", () => {
  const both = service({ ports: [{ name: unknown, port: 80 }, { port: 90 }] });
  expect(said(meshed, both)).toEqual([
    expect.stringContaining("name is not known"),
    expect.stringContaining("port 90"),
  ]);
});
