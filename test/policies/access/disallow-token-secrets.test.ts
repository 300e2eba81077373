import { disallowTokenSecrets } from "../../../policies/access/disallow-token-secrets.ts";
import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { judge } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfManifest } from "../../../policies/lib/object.ts";
import { unknown } from "../../lib/unknown.ts";
import { listOf, manifest } from "../manifests.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowTokenSecrets], objects);
const secret = (own: object) => manifest("v1", "Secret", own);
const type = "kubernetes.io/service-account-token";

test("accepts every other Secret, and looks into none", () => {
  expect(said(secret({ stringData: { token: unknown } }), secret({ type: "Opaque" }))).toEqual([]);
  expect(said(secret({ data: unknown, type: "kubernetes.io/tls" }))).toEqual([]);
  expect(said(manifest("example.com/v1", "Secret", { type }))).toEqual([]);
  expect(said(manifest("v1", "Event", { type }))).toEqual([]);
});

test("refuses one for a ServiceAccount's token", () => {
  expect(said(secret({ type }))).toEqual([
    "Secret shop/web: it holds a token that never ends. Remove it, and use tokens that end.",
  ]);
  const found = judge([disallowTokenSecrets], new Objects(objectsOfManifest(listOf(secret({ type })))), {
    config: policyConfigSchema.parse({}),
    today: "2026-11-21",
  });
  expect(found.map(({ path }) => path)).toEqual(["items[0].type"]);
});

test("is undecided while its type is not known", () => {
  expect(said(secret({ type: unknown }))).toEqual([expect.stringContaining("type is not known")]);
});
