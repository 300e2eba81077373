import { disallowPlainDestinations } from "../../../policies/mesh/disallow-plain-destinations.ts";
import { unknown } from "../../lib/unknown.ts";
import { destinationRule, meshed, namespace, outOfMesh } from "../meshes.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowPlainDestinations], objects);
const tls = { tls: { mode: "DISABLE" } };
const plain = (host = "web") => destinationRule({ host, trafficPolicy: tls });

test("accepts mTLS, and plain calls of who is not in the mesh", () => {
  expect(
    said(meshed, destinationRule({}), destinationRule({ trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } })),
  ).toEqual([]);
  expect(said(meshed, plain("api.example"), plain("*.example"), plain("web.bank.svc.cluster.local"))).toEqual([]);
  expect(said(meshed, plain("*.bank.svc.cluster.local"))).toEqual([]);
  for (const own of outOfMesh) expect(said(namespace("shop", own), plain(), plain("*.local"))).toEqual([]);
});

test("leaves alone what is no pattern of Istio's, and another group's kind", () => {
  expect(said(meshed, plain("a*"), plain("a*.shop.svc.cluster.local"))).toEqual([]);
  expect(said(meshed, { ...plain(), apiVersion: "example.com/v1" })).toEqual([]);
});

test.each([
  ["web", plain(), "spec.trafficPolicy.tls.mode"],
  ["web.shop.svc.cluster.local", plain("web.shop.svc.cluster.local"), "spec.trafficPolicy.tls.mode"],
  ["*.shop.svc.cluster.local", plain("*.shop.svc.cluster.local"), "spec.trafficPolicy.tls.mode"],
  ["*", plain("*"), "spec.trafficPolicy.tls.mode"],
  ["*.svc.cluster.local", plain("*.svc.cluster.local"), "spec.trafficPolicy.tls.mode"],
  ["*.local", plain("*.local"), "spec.trafficPolicy.tls.mode"],
  [
    "web",
    destinationRule({ trafficPolicy: { portLevelSettings: [{ port: { number: 80 }, ...tls }] } }),
    "spec.trafficPolicy.portLevelSettings[0].tls.mode",
  ],
  [
    "web",
    destinationRule({ subsets: [{ name: "v1" }, { name: "v2", trafficPolicy: tls }] }),
    "spec.subsets[1].trafficPolicy.tls.mode",
  ],
])("refuses plain calls of %s", (host, object, path) => {
  expect(said(meshed, namespace("bank"), object)).toEqual([
    `DestinationRule shop/web: tls DISABLE turns mTLS off towards ${host}, which is in the mesh. Remove ${path}, or set it to ISTIO_MUTUAL.`,
  ]);
});

test("is undecided while the mode or the host is not known", () => {
  expect(said(meshed, destinationRule({ trafficPolicy: { tls: { mode: unknown } } }))).toHaveLength(1);
  expect(said(meshed, destinationRule({ host: unknown, trafficPolicy: tls }))).toEqual([
    expect.stringContaining("spec.host is not known"),
  ]);
});
