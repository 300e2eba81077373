import { requireReferenceGrants } from "../../../policies/ingress/require-reference-grants.ts";
import { unknown } from "../../lib/unknown.ts";
import { gateway, grant, listener, route, toWeb } from "../ingresses.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireReferenceGrants], objects);
const away = route({ rules: [{ backendRefs: [toWeb, { ...toWeb, namespace: "bank" }] }] });
const shown = gateway(
  [listener({ tls: { certificateRefs: [{ name: "web", namespace: "bank" }] } })],
  {},
  { namespace: "shop" },
);
const from = { group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "shop" };
const db = { ...from, namespace: "db" };
const grantOf = (from: object[], to: object[]) => ({ ...grant("HTTPRoute", {}), spec: { from, to } });
const services = { kind: "Service" };

test.each<[string, object[]]>([
  ["what is in its own namespace", [route(), gateway()]],
  ["every Service by a grant", [away, grant("HTTPRoute", services)]],
  ["one Service by a grant", [away, grant("HTTPRoute", { ...services, name: "web" })]],
  [
    "a Service by one grant of many",
    [
      away,
      grantOf(
        [db, from],
        [
          { group: "", ...services, name: "db" },
          { group: "", ...services },
        ],
      ),
    ],
  ],
  ["what Istio's own Gateway names", [{ ...shown, apiVersion: "networking.istio.io/v1" }]],
  ["a certificate by a grant", [shown, grant("Gateway", { kind: "Secret" })]],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each<[string, object[]]>([
  ["no grant", [away]],
  ["a grant for another kind of route", [away, grant("GRPCRoute", services)]],
  ["a grant for another kind", [away, grant("HTTPRoute", { kind: "Secret" })]],
  ["a grant for routes of another API group", [away, grant("HTTPRoute", services, { group: "example.com" })]],
  ["a grant for another group's Services", [away, grant("HTTPRoute", { ...services, group: "example.com" })]],
  ["a grant for another name", [away, grant("HTTPRoute", { ...services, name: "db" })]],
  ["a grant for another namespace", [away, grant("HTTPRoute", services, { namespace: "lab" })]],
  ["a grant in another namespace", [away, grant("HTTPRoute", services, {}, { namespace: "lab" })]],
])("refuses a route with %s", (_, objects) => {
  expect(said(...objects)).toEqual([
    "HTTPRoute shop/web: no ReferenceGrant of namespace bank lets a HTTPRoute of shop name Service web. Add one to bank, or correct spec.rules[0].backendRefs[1].namespace.",
  ]);
});

test("refuses a certificate without a grant", () => {
  expect(said(shown)).toEqual([expect.stringContaining("spec.listeners[0].tls.certificateRefs[0].namespace")]);
});

test("is undecided while a namespace is not known", () => {
  expect(said(away, grant("HTTPRoute", services, {}, { namespace: unknown }))).toEqual([
    expect.stringContaining("metadata.namespace of ReferenceGrant"),
  ]);
  expect(said(away, grant("HTTPRoute", services, { namespace: unknown }))).toEqual([
    expect.stringContaining("spec.from[0].namespace of ReferenceGrant bank/web is not known"),
  ]);
});
