import { disallowWeakerMtls } from "../../../policies/mesh/disallow-weaker-mtls.ts";
import { unknown } from "../../lib/unknown.ts";
import { listOf } from "../manifests.ts";
import { peers } from "../meshes.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowWeakerMtls], objects);
const port = (mode: unknown) => peers("STRICT", {}, { portLevelMtls: { "8080": { mode } } });

test.each(["STRICT", "UNSET", undefined])("accepts %s, for pods and for a port", (mode) => {
  expect(said(peers(mode), port(mode), peers(undefined, {}, { mtls: undefined }))).toEqual([]);
});

test.each([
  ["PERMISSIVE", ", too"],
  ["DISABLE", ", and no others"],
])("refuses %s, for pods and for a port", (mode, also) => {
  expect(said(peers(mode))).toEqual([
    `PeerAuthentication shop/web: ${mode} lets plain calls in${also}. Set spec.mtls.mode to STRICT.`,
  ]);
  expect(said(port(mode))).toEqual([
    `PeerAuthentication shop/web: ${mode} lets plain calls to port 8080 in${also}. Set spec.portLevelMtls.8080.mode to STRICT.`,
  ]);
  expect(said(listOf(peers(mode)))).toEqual([expect.stringContaining("items[0].spec.mtls.mode")]);
});

test("accepts no ports at all, and leaves another group's kind alone", () => {
  expect(said(peers("STRICT", {}, { portLevelMtls: null }))).toEqual([]);
  expect(said({ ...peers("DISABLE"), apiVersion: "example.com/v1" })).toEqual([]);
});

test("is undecided of a mode that is not known, and judges the others", () => {
  expect(
    said({ ...port("DISABLE"), spec: { mtls: { mode: unknown }, portLevelMtls: { "8080": { mode: "DISABLE" } } } }),
  ).toEqual([expect.stringContaining("spec.mtls.mode is not known"), expect.stringContaining("port 8080")]);
});
