import { requireKnownHosts } from "../../../policies/mesh/require-known-hosts.ts";
import { unknown } from "../../lib/unknown.ts";
import { service } from "../ingresses.ts";
import { destinationRule, namespace, serviceEntry, virtualService, web } from "../meshes.ts";
import { manifest } from "../manifests.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireKnownHosts], objects);
const to = (host: unknown) => virtualService({ http: [{ route: [{ destination: { host } }] }] });
const port = (number: number | undefined) =>
  virtualService({ http: [{ route: [{ destination: { host: "web", port: { number } } }] }] });
const twoPorts = service({
  ports: [
    { name: "http", port: 80 },
    { name: "grpc", port: 90 },
  ],
});
const exported = (to: string) =>
  service({}, { namespace: "bank", annotations: { "networking.istio.io/exportTo": to } });
const entryOf = (namespace: string, ...exportTo: string[]) =>
  manifest("networking.istio.io/v1", "ServiceEntry", { spec: { hosts: ["api.example"], exportTo } }, { namespace });
const bank = [service({}, { namespace: "bank" }), namespace("bank")];

test.each<[string, object[]]>([
  ["a Service of its namespace", [to("web"), web]],
  ["a Service by all of its name", [to("web.bank.svc.cluster.local"), ...bank]],
  ["a Service under another domain", [to("web.shop.svc.example"), web]],
  ["a Service of another stack", [to("web.lab.svc.cluster.local")]],
  ["a host outside", [to("api.example"), serviceEntry("api.example")]],
  ["a host under a pattern", [to("api.example"), serviceEntry("*.example")]],
  ["hosts under the same pattern", [to("*.example"), serviceEntry("*.example")]],
  ["a port of the Service", [port(90), twoPorts]],
  ["the only port of the Service", [to("web"), web]],
  ["a Service for its namespace", [to("web.bank.svc.cluster.local"), exported("lab, shop")]],
  ["a host for its namespace", [to("api.example"), entryOf("bank", "shop")]],
  ["a host for every namespace", [to("api.example"), entryOf("bank", "*")]],
  ["a host for its own namespace", [to("api.example"), entryOf("shop", ".")]],
  ["a redirect", [virtualService({ http: [{ redirect: { uri: "/" } }] })]],
  ["a rule for a Service", [destinationRule({}), web]],
  ["a rule for many hosts", [destinationRule({ host: "*.local" })]],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each<[string, object[], string]>([
  [
    "no Service",
    [to("web")],
    "the stack has no Service and no ServiceEntry web. Correct spec.http[0].route[0].destination.host",
  ],
  ["a Service of another namespace", [to("web"), ...bank], "no ServiceEntry web. Correct"],
  ["no Service there", [to("db.bank.svc.cluster.local"), ...bank], "no ServiceEntry db.bank.svc.cluster.local"],
  [
    "a name without its domain",
    [to("web.bank"), ...bank],
    "no ServiceEntry web.bank, as it is written: Service bank/web is web.bank.svc and the cluster's domain",
  ],
  [
    "a host outside that nobody knows",
    [to("api.example"), serviceEntry("db.example")],
    "no ServiceEntry api.example. Correct",
  ],
  ["a host under another pattern", [to("api.other"), serviceEntry("*.example")], "no ServiceEntry api.other"],
  ["a host that ends like another", [to("api.example"), serviceEntry("bpi.example")], "no ServiceEntry api.example"],
  ["hosts under a pattern that nobody knows", [to("*.example")], "no ServiceEntry *.example"],
  [
    "another port",
    [port(99), twoPorts],
    "there is no port 99, Service web has 80 and 90. Correct spec.http[0].route[0].destination.port.number",
  ],
  [
    "no port of several",
    [port(undefined), twoPorts],
    "it names no port, and Service web has 80 and 90. Name one in spec.http[0].route[0].destination.port",
  ],
  [
    "a Service for others",
    [to("web.bank.svc.cluster.local"), exported("lab")],
    "no ServiceEntry web.bank.svc.cluster.local. Correct",
  ],
  ["a Service for its own namespace", [to("web.bank.svc.cluster.local"), exported(".")], "no ServiceEntry web.bank"],
  [
    "a name without the cluster's domain",
    [to("web.bank.svc"), ...bank],
    "no ServiceEntry web.bank.svc, as it is written: Service bank/web is web.bank.svc and the cluster's domain",
  ],
  [
    "a name below a Service's",
    [to("a.web.shop.svc.cluster.local"), web],
    "no ServiceEntry a.web.shop.svc.cluster.local",
  ],
  [
    "no Service in a namespace of the stack that has none",
    [to("db.bank.svc.cluster.local"), namespace("bank")],
    "no ServiceEntry db.bank.svc.cluster.local",
  ],
  [
    "a host for another namespace than its own",
    [to("api.example"), entryOf("shop", "lab")],
    "no ServiceEntry api.example",
  ],
  ["a host for others", [to("api.example"), entryOf("bank", ".")], "no ServiceEntry api.example"],
  ["no host", [to("")], "Correct spec.http[0].route[0].destination.host"],
  [
    "a copy to no Service",
    [virtualService({ http: [{ mirror: { host: "copy" } }] })],
    "Correct spec.http[0].mirror.host",
  ],
  [
    "copies to no Service",
    [virtualService({ http: [{ mirrors: [{ destination: { host: "copy" } }] }] })],
    "Correct spec.http[0].mirrors[0].destination.host",
  ],
  [
    "bytes to no Service",
    [virtualService({ tcp: [{ route: [{ destination: { host: "db" } }] }] })],
    "Correct spec.tcp[0].route[0].destination.host",
  ],
  [
    "what is encrypted to no Service",
    [virtualService({ tls: [{ route: [{ destination: { host: "db" } }] }] })],
    "Correct spec.tls[0].route[0].destination.host",
  ],
  ["a rule for no Service", [destinationRule({ host: "wbe" }), web], "no ServiceEntry wbe. Correct spec.host"],
])("refuses %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test("pays no heed to another group's Service", () => {
  expect(said(to("web"), manifest("serving.knative.dev/v1", "Service"))).toHaveLength(1);
});

test("is undecided while a host, a Service or a ServiceEntry is not known", () => {
  expect(said(to(unknown))).toEqual([expect.stringContaining("destination.host is not known")]);
  expect(said(to("web"), service({}, { name: unknown }))).toEqual([
    expect.stringContaining("metadata.name of Service"),
  ]);
  expect(said(to("api.example"), serviceEntry(unknown))).toEqual([
    expect.stringContaining("spec.hosts[0] of ServiceEntry"),
  ]);
});
