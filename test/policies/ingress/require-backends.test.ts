import { requireBackends } from "../../../policies/ingress/require-backends.ts";
import { unknown } from "../../lib/unknown.ts";
import { ingress, path, route, rule, service, toWeb } from "../ingresses.ts";
import { listOf } from "../manifests.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireBackends], objects);
const to = (backend: object) => ingress({ rules: [rule({ http: { paths: [path({ backend })] } })] });
const named = (port: object, name = "web") => to({ service: { name, port } });
const old = (servicePort: unknown) => ({
  ...to({ serviceName: "web", servicePort }),
  apiVersion: "extensions/v1beta1",
});
const routed = (...backendRefs: object[]) => route({ rules: [{ backendRefs }] });
const mirrored = { filters: [{ type: "RequestMirror", requestMirror: { backendRef: { name: "copy", port: 80 } } }] };

test.each<[string, object[]]>([
  ["a port by its number", [ingress(), service()]],
  ["a port by its name", [named({ name: "http" }), service()]],
  ["a backend of an older API", [old(80), old("http"), service()]],
  ["a host without paths", [ingress({ rules: [{ host: "web.example" }] })]],
  ["a backend that is no Service", [to({ resource: { kind: "StorageBucket", name: "static" } })]],
  ["another name for something outside", [ingress(), service({ type: "ExternalName", ports: undefined })]],
  ["a route to a Service", [route(), service()]],
  ["a route into another namespace", [routed({ ...toWeb, namespace: "bank" }), service({}, { namespace: "bank" })]],
  [
    "a route to another kind",
    [routed({ group: "networking.istio.io", kind: "Hostname", name: "web.example", port: 443 })],
  ],
  ["a route to another kind of the core group", [routed({ kind: "Endpoints", name: "web", port: 80 })]],
  [
    "a route to another group's Service",
    [routed({ group: "serving.example", kind: "Service", name: "web", port: 80 })],
  ],
  ["another group's Ingress", [{ ...ingress(), apiVersion: "example.com/v1" }]],
  ["another group's route", [{ ...route(), apiVersion: "example.com/v1" }]],
  ["a port by its name beside no number", [named({ number: 0, name: "http" }), service()]],
  [
    "a filter that makes no copies",
    [route({ rules: [{ backendRefs: [toWeb], filters: [{ type: "RequestHeaderModifier" }] }] }), service()],
  ],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each<[string, object[], string]>([
  [
    "no Service",
    [ingress()],
    "the stack makes no Service web in shop. Correct spec.rules[0].http.paths[0].backend.service.name",
  ],
  ["a Service of another namespace", [ingress(), service({}, { namespace: "bank" })], "no Service web in shop"],
  [
    "another number",
    [named({ number: 8080 }), service()],
    "Service web has no port 8080. Correct spec.rules[0].http.paths[0].backend.service.port",
  ],
  ["another name", [named({ name: "web" }), service()], "Service web has no port web"],
  ["no port", [named({}), service()], "a path names no port of the Service"],
  ["a port of nobody", [to({ service: { port: { number: 80 } } })], "a path names no Service"],
  [
    "another number, of an older API",
    [old(8080), service()],
    "Service web has no port 8080. Correct spec.rules[0].http.paths[0].backend.servicePort",
  ],
  [
    "a Service as the newer API names it",
    [{ ...ingress(), apiVersion: "networking.k8s.io/v1beta1" }, service()],
    "a path names no Service. Write it in spec.rules[0].http.paths[0].backend.serviceName",
  ],
  ["nothing at all", [to({})], "a path names no Service"],
  [
    "a Service as older APIs name it",
    [to({ serviceName: "web", servicePort: 80 }), service()],
    "a path names no Service. Write it in spec.rules[0].http.paths[0].backend.service.name",
  ],
  ["no Service, of an older API", [listOf(old(80))], "items[0].spec.rules[0].http.paths[0].backend.serviceName"],
  [
    "no default backend",
    [ingress({ rules: [], defaultBackend: { service: { name: "web", port: { number: 80 } } } })],
    "Correct spec.defaultBackend.service.name",
  ],
  [
    "a route to no Service",
    [route()],
    "the stack makes no Service web in shop. Correct spec.rules[0].backendRefs[0].name",
  ],
  [
    "a route to another port",
    [routed(toWeb, { ...toWeb, port: 8080 }), service()],
    "Service web has no port 8080. Correct spec.rules[0].backendRefs[1].port",
  ],
  [
    "a route to no port",
    [routed({ name: "web" }), service()],
    "it names no port of Service web. Write it in spec.rules[0].backendRefs[0].port.",
  ],
  ["a copy to no Service", [route({ rules: [mirrored] })], "spec.rules[0].filters[0].requestMirror.backendRef.name"],
])("refuses %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test("is undecided while a Service or a port is not known", () => {
  expect(said(ingress(), service({}, { name: unknown }))).toEqual([
    expect.stringContaining("metadata.name of Service shop/"),
  ]);
  expect(said(ingress(), service({ ports: [{ port: unknown }] }))).toEqual([
    expect.stringContaining("spec.ports[0].port of Service shop/web is not known"),
  ]);
  expect(said(named({ number: unknown }), service())).toEqual([expect.stringContaining("port.number is not known")]);
});
