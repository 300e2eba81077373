import { disallowSharedPaths } from "../../../policies/ingress/disallow-shared-paths.ts";
import { unknown } from "../../lib/unknown.ts";
import { ingress, parent, path, route, rule } from "../ingresses.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowSharedPaths], objects);
const bank = { namespace: "bank" };
const at = (...paths: string[]) => ({ rules: [rule({ http: { paths: paths.map((one) => path({ path: one })) } })] });
const canary = (value: string) =>
  ingress({}, { ...bank, annotations: { "nginx.ingress.kubernetes.io/canary": value } });
const toPort = (port: number, metadata: object = {}) =>
  route({ parentRefs: [{ ...parent, sectionName: undefined, port }] }, metadata);
const matching = (...matches: object[]) => ({ rules: [{ matches }] });

test.each<[string, object[]]>([
  ["two of one namespace", [ingress(), ingress({}, { name: "more" })]],
  ["two paths", [ingress(at("/a")), ingress(at("/b"), bank)]],
  ["two hosts", [ingress(), ingress({ rules: [rule({ host: "bank.example" })] }, bank)]],
  ["two classes", [ingress(), ingress({ ingressClassName: "haproxy" }, bank)]],
  ["a canary", [ingress(), canary("true")]],
  ["two paths that begin alike", [ingress(at("/a/b")), ingress(at("/ab"), bank)]],
  ["two ports", [toPort(80), toPort(443, bank)]],
  ["a route of another kind", [route(), route({}, { name: "more" }), route({}, bank, "GRPCRoute")]],
  [
    "a route of another API group",
    [route(), route({}, { name: "more" }), { ...route({}, bank), apiVersion: "example.com/v1" }],
  ],
  ["two routes of one namespace", [route(), route({}, { name: "more" })]],
  ["two listeners", [route(), route({ parentRefs: [{ ...parent, sectionName: "http" }] }, bank)]],
  [
    "the same path with a header",
    [route(), route(matching({ path: { value: "/" }, headers: [{ name: "a", value: "b" }] }), bank)],
  ],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each<[string, object[], string]>([
  [
    "one host and path",
    [ingress(at("/a")), ingress(at("/b", "/a"), bank)],
    "Ingress bank/web: web.example/a is that of Ingress shop/web, too. Give one of them another host or path, in spec.rules[0].http.paths[1].path",
  ],
  ["one path with a slash at its end", [ingress(at("/a")), ingress(at("/a/"), bank)], "web.example/a is that of"],
  [
    "one host in capitals",
    [ingress(), ingress({ rules: [rule({ host: "WEB.example" })] }, bank)],
    "web.example/ is that of",
  ],
  [
    "every host",
    [ingress({ rules: [rule({ host: undefined })] }), ingress({ rules: [rule({ host: undefined })] }, bank)],
    "/ is that of",
  ],
  [
    "no path, which is the first of all",
    [ingress(), ingress({ rules: [rule({ http: { paths: [path({ path: undefined })] } })] }, bank)],
    "Ingress bank/web: web.example/ is that of Ingress shop/web, too",
  ],
  ["what was a canary", [ingress(), canary("false")], "web.example/ is that of"],
  [
    "a route without hostnames",
    [route({ hostnames: undefined }), route({ hostnames: [] }, bank)],
    "HTTPRoute bank/web: / is that of HTTPRoute shop/web, too",
  ],
  [
    "a route without matches, which has all of them",
    [route(), route(matching({ path: { type: "PathPrefix", value: "/" } }), bank)],
    "web.example/ is that of",
  ],
  [
    "one header of every path",
    [
      route(matching({ headers: [{ name: "a", value: "b" }] })),
      route(matching({ headers: [{ name: "a", value: "b" }] }), bank),
    ],
    "web.example/ is that of HTTPRoute shop/web, too",
  ],
  ["one route", [route(), route({}, bank)], "HTTPRoute bank/web: web.example/ is that of HTTPRoute shop/web, too"],
  [
    "one match",
    [
      route(matching({ path: { value: "/a" } })),
      route(matching({ path: { value: "/b" } }, { path: { value: "/a" } }), bank),
    ],
    "web.example/a is that of HTTPRoute shop/web, too. Give one of them another host or path, in spec.rules[0].matches[1]",
  ],
])("refuses two namespaces with %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test("tells the later ones of three", () => {
  expect(said(ingress(), ingress({}, bank), ingress({}, { namespace: "lab" }))).toEqual([
    expect.stringContaining("Ingress bank/web: web.example/ is that of Ingress shop/web"),
    expect.stringContaining("Ingress lab/web: web.example/ is that of Ingress shop/web"),
  ]);
});

test("is undecided while a host is not known", () => {
  expect(said(ingress(), ingress({ rules: [rule({ host: unknown })] }, bank))).toEqual([
    expect.stringContaining("spec.rules[0].host is not known"),
  ]);
});
