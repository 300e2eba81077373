import { requireTls } from "../../../policies/ingress/require-tls.ts";
import { unknown } from "../../lib/unknown.ts";
import { annotated, gateway, ingress, listener, parent, route, rule, toWeb } from "../ingresses.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireTls], objects);
const plain = listener({ name: "http", port: 80, protocol: "HTTP", tls: undefined });
const both = gateway([plain, listener()]);
const toPlain = (kind?: string) => route({ parentRefs: [{ ...parent, sectionName: "http" }] }, {}, kind);
const redirect = [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https" } }] }];

test.each<[string, object[]]>([
  ["a host in a TLS section", [ingress()]],
  ["a host under a wildcard's certificate", [ingress({ tls: [{ hosts: ["*.example"] }] })]],
  ["a TLS section for all hosts", [ingress({ tls: [{ secretName: "web" }] })]],
  ["a host without paths", [ingress({ rules: [{ host: "web.example" }] })]],
  ["a default backend in a TLS section", [ingress({ rules: [], defaultBackend: {} })]],
  ["nothing at all", [ingress({ rules: [], tls: [] })]],
  ["a route of bytes", [toPlain("TCPRoute"), both]],
  ["a route of another API group", [{ ...toPlain(), apiVersion: "example.com/v1" }, both]],
  ["a route of HTTPS", [route(), both]],
  ["a route that redirects", [route({ parentRefs: [{ ...parent, sectionName: "http" }], rules: redirect }), both]],
  [
    "a route that its plain listener does not take",
    [
      route({ parentRefs: [{ ...parent, sectionName: undefined }] }),
      gateway([{ ...plain, allowedRoutes: undefined }, listener()]),
    ],
  ],
  ["a route of another's Gateway", [route()]],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each([
  "alb.ingress.kubernetes.io/certificate-arn",
  "networking.gke.io/managed-certificates",
  "ingress.gcp.kubernetes.io/pre-shared-cert",
  "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
])("accepts a certificate of the cloud's load balancer by %s", (key) => {
  expect(said(annotated({ [key]: "web" }, { tls: undefined }))).toEqual([]);
});

test.each<[string, object[], string]>([
  ["no TLS section", [ingress({ tls: undefined })], "web.example is answered without TLS. Add the host to spec.tls"],
  ["an empty list of them", [ingress({ tls: [] })], "web.example is answered without TLS"],
  [
    "another host's section",
    [ingress({ tls: [{ hosts: ["db.example"] }] })],
    "web.example is in none of its TLS sections",
  ],
  [
    "a name that ends as long a wildcard's would",
    [ingress({ tls: [{ hosts: ["a.example"] }] })],
    "in none of its TLS sections",
  ],
  [
    "hosts without TLS beside a default backend",
    [ingress({ tls: [], defaultBackend: {} })],
    "web.example is answered without TLS",
  ],
  ["a route of gRPC", [toPlain("GRPCRoute"), both], "through the listener http"],
  ["a wildcard of other names", [ingress({ tls: [{ hosts: ["*.web.example"] }] })], "in none of its TLS sections"],
  [
    "a wildcard two labels above",
    [ingress({ rules: [rule({ host: "a.b.example" })], tls: [{ hosts: ["*.example"] }] })],
    "a.b.example is in none",
  ],
  [
    "no host and no TLS",
    [ingress({ rules: [rule({ host: undefined })], tls: [] })],
    "a rule for every host is answered without TLS",
  ],
  [
    "a default backend without TLS",
    [ingress({ rules: [], tls: [], defaultBackend: {} })],
    "its default backend is answered without TLS. Add a section to spec.tls.",
  ],
  [
    "a route of plain HTTP",
    [toPlain(), both],
    "through the listener http. Name a listener with HTTPS in sectionName of spec.parentRefs",
  ],
  [
    "a route of every listener",
    [route({ parentRefs: [{ ...parent, sectionName: undefined }] }), both],
    "through the listener http",
  ],
  [
    "a route that does both",
    [
      route({
        parentRefs: [{ ...parent, port: 80, sectionName: undefined }],
        rules: [...redirect, { backendRefs: [toWeb] }],
      }),
      both,
    ],
    "through the listener http",
  ],
])("refuses %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test("tells of each host", () => {
  expect(said(ingress({ rules: [rule(), rule({ host: "a.example" }), rule({ host: "b.example" })] }))).toHaveLength(2);
});

test("is undecided while a host or a listener is not known", () => {
  expect(said(ingress({ tls: [{ hosts: [unknown] }] }))).toEqual([expect.stringContaining("hosts[0] is not known")]);
  expect(said(route(), gateway([listener({ protocol: unknown })]))).toEqual([
    expect.stringContaining("spec.listeners[0].protocol of Gateway edge/gateway is not known"),
  ]);
});
