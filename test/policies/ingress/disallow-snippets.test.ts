import { disallowSnippets } from "../../../policies/ingress/disallow-snippets.ts";
import { unknown } from "../../lib/unknown.ts";
import { annotated, ingress } from "../ingresses.ts";
import { manifest } from "../manifests.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowSnippets], objects);

test("accepts every other annotation, and those of other kinds", () => {
  expect(said(ingress(), annotated({ "nginx.ingress.kubernetes.io/rewrite-target": "/" }))).toEqual([]);
  expect(said(annotated({ "example.com/snippet-owner": "shop" }))).toEqual([]);
  expect(said(ingress({}, { annotations: null }))).toEqual([]);
  const annotations = { "nginx.ingress.kubernetes.io/server-snippet": "x" };
  expect(said(manifest("v1", "Service", {}, { annotations }))).toEqual([]);
});

test.each([
  "nginx.ingress.kubernetes.io/server-snippet",
  "nginx.ingress.kubernetes.io/configuration-snippet",
  "nginx.ingress.kubernetes.io/auth-snippet",
  "nginx.ingress.kubernetes.io/stream-snippet",
  "nginx.ingress.kubernetes.io/modsecurity-snippet",
  "nginx.org/location-snippets",
  "haproxy-ingress.github.io/config-backend-snippet",
])("refuses %s, whatever it says", (key) => {
  for (const value of ["return 200;", "", unknown]) {
    expect(said(annotated({ [key]: value }))).toEqual([
      `Ingress shop/web: ${key} puts its text into the configuration of the controller. Remove metadata.annotations["${key}"].`,
    ]);
  }
});
